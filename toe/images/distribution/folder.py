"""Disks to folders: whole under their own names, then the pointer to the newest (toe.images.distribution.pointer)."""

from __future__ import annotations

import os
from contextlib import suppress

from toe.errors import ActionError, ToeError
from toe.images.distribution.disks import Disk
from toe.images.distribution.model import Source, Target
from toe.images.distribution.pointer import pointer_name, pointer_text
from toe.system.cancellation import Cancellation
from toe.system.files.checksums import file_hash
from toe.system.files.copying import refuse_same
from toe.system.files.opening import open_regular, write_all
from toe.system.files.staging import StagedFile, sync_folder
from toe.system.files.writing import content_of

#: Images are there to be read by others.
_MODE = 0o644


class Folder:
    """Sends a disk to folders."""

    def __init__(self, source: Source, disk: Disk, cancellation: Cancellation) -> None:
        self._source = source
        self._disk = disk
        self._cancellation = cancellation

    def has(self, target: Target) -> bool:
        """See `Sender.has`."""
        path, file = _path(target), self._disk.file(target.format)
        try:
            if os.stat(path).st_size != file.size:
                return False
            return file_hash(path, "SHA256", self._cancellation.check) == file.sha256
        except (OSError, ActionError):
            return False

    def send(self, target: Target) -> str:
        """See `Sender.send`. What was written is read again and compared."""
        path, file = _path(target), self._disk.file(target.format)
        try:
            os.makedirs(target.place, exist_ok=True)
            refuse_same(file.path, path)
            self._copy(file.path, path)
            if file_hash(path, "SHA256", self._cancellation.check) != file.sha256:
                raise ToeError(f"'{path}' is not what was written to it", exit_code=1)
            sync_folder(target.place)
        except (OSError, ActionError) as error:
            raise ToeError(f"cannot write '{path}': {_words(error)}", exit_code=1) from error
        return f"sha256:{file.sha256}"

    def _copy(self, source: str, path: str) -> None:
        """Copy a file under a hidden name, which a killed run may have left, and move it to its place."""
        descriptor, _ = open_regular(source, os.O_RDONLY)
        try:
            hidden = _hidden(path)
            with suppress(FileNotFoundError):
                os.unlink(hidden)
            with StagedFile(path, _MODE, hidden=hidden) as staged:
                content_of(descriptor, self._cancellation.check)(staged.descriptor)
                staged.sync()
                staged.place()
        finally:
            os.close(descriptor)

    def announce(self, target: Target) -> str:
        """See `Sender.announce`."""
        path = os.path.join(target.place, pointer_name(self._source))
        text = pointer_text(self._source, target.names[0], target.format, self._disk.file(target.format))
        try:
            hidden = _hidden(path)
            with suppress(FileNotFoundError):
                os.unlink(hidden)
            with StagedFile(path, _MODE, hidden=hidden) as staged:
                write_all(staged.descriptor, text.encode())
                staged.sync()
                staged.place()
            sync_folder(target.place)
        except OSError as error:
            raise ToeError(f"cannot write '{path}': {_words(error)}", exit_code=1) from error
        return os.path.abspath(_path(target))


def _hidden(path: str) -> str:
    """The name of a file while it is written: always the same, so that the next run takes away what is left."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".toe-{name}.half")


def _path(target: Target) -> str:
    return os.path.join(target.place, target.names[0])


def _words(error: OSError | ActionError) -> str:
    return error.message if isinstance(error, ActionError) else error.strerror or str(error)
