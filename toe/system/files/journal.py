"""An append-only file of records that survives a crash: one line of JSON each, with a checksum; locked while open.

What the records mean is not known here (toe.engine.state.records), what a line looks like in journal_lines.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from toe.errors import EXIT_FAILED, StateError, ToeError
from toe.quick_typing import Any
from toe.system.files.journal_lines import line_of, parse
from toe.system.files.locking import is_locked, try_lock
from toe.system.files.opening import missing_folders, write_all
from toe.system.files.own_files import NotOursError, open_own_file, require_own_folder
from toe.system.files.staging import patiently, sync_folder

FILE_MODE = 0o600
FOLDER_MODE = 0o700
#: How many bytes are laid out ahead, for some hundred small steps.
_ROOM = 64 * 1024


class JournalBusyError(ToeError):
    """Another process has the journal open."""


class JournalNotOursError(ToeError):
    """What lies in the place of a journal could have been made or changed by others."""


class Journal:
    """An open journal; no other process can open it until this one closes it, or dies."""

    def __init__(self, path: str, descriptor: int, checksum: int = 0, size: int = 0) -> None:
        self.path = path
        self._descriptor = descriptor
        self._checksum = checksum
        self._size = self._room = size
        self._is_named = size > 0

    @classmethod
    def create(cls, path: str) -> Journal:
        """Make a new journal, and its folder where that is missing. Raises ToeError."""
        _make_folder(os.path.dirname(path) or ".")
        require_own_directory(os.path.dirname(path))
        while True:
            try:
                descriptor = open_own_file(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE)
            except OSError as error:
                taken = isinstance(error, FileExistsError)
                hint = "give another --execution-id" if taken else "choose a place with --state-directory"
                raise ToeError(f"cannot create the state '{path}': {error.strerror}", hint=hint) from error
            with _closed_on_failure(descriptor):
                _lock(descriptor, path)
            if _is_at(path, descriptor):
                return cls(path, descriptor)
            os.close(descriptor)  # somebody took it for what a kill had left, and removed it

    @classmethod
    def open(cls, path: str) -> tuple[Journal, list[dict[str, Any]]]:
        """Open a journal and read its records; a torn last line is cut off.

        Raises JournalBusyError, JournalDamagedError, and ToeError when it cannot be read or is not ours alone.
        """
        descriptor = _opened(path, os.O_RDWR)
        with _closed_on_failure(descriptor):
            _lock(descriptor, path)
            if not _is_at(path, descriptor):
                raise ToeError(f"the state '{path}' was removed or put aside just now", hint="nothing was run")
            found = parse(_read_all(descriptor), path)
            os.ftruncate(descriptor, found.size)
            os.lseek(descriptor, found.size, os.SEEK_SET)
        return cls(path, descriptor, found.checksum, found.size), found.records

    def append(self, record: dict[str, Any], *, durable: bool = True) -> None:
        """Add a record; `durable`: it is on the disk when this returns. Raises StateError: go no further then."""
        line, self._checksum = line_of(record, self._checksum, durable=durable)
        try:
            if self._is_named and self._size + len(line) > self._room:
                self._make_room(len(line))
            write_all(self._descriptor, line)
            self._size += len(line)
            if durable:
                self._sync()
        except OSError as error:
            message = f"cannot write the state '{self.path}': {error.strerror}"
            hint = "'toe resume' goes on once it can be written again"
            raise StateError(message, hint=hint, exit_code=EXIT_FAILED) from error

    def _make_room(self, length: int) -> None:
        """Have the file's blocks laid out ahead: a write into them is on the disk in half the time.

        What is not written yet is zeros, and to a reader the end of a torn line.
        """
        self._room = self._size
        if sys.platform == "linux":
            with suppress(OSError):
                os.posix_fallocate(self._descriptor, self._size, length + _ROOM)
                self._room += length + _ROOM
                os.fsync(self._descriptor)

    def _sync(self) -> None:
        """Have everything on the disk, a new file's name too. Raises OSError."""
        if self._is_named and self._size <= self._room and sys.platform == "linux":
            os.fdatasync(self._descriptor)
            return
        os.fsync(self._descriptor)
        if not self._is_named:
            sync_folder(os.path.dirname(self.path))
            self._is_named = True

    def close(self) -> None:
        """Give the lock back; a second call does nothing."""
        if self._descriptor >= 0:
            if self._room > self._size:
                with suppress(OSError):
                    os.ftruncate(self._descriptor, self._size)
            os.close(self._descriptor)
            self._descriptor = -1

    def remove(self) -> None:
        """Close and delete it: what it was for is over. Raises StateError."""
        self._room = 0
        try:
            if sys.platform == "win32":
                self.close()
                patiently(os.unlink, self.path)
            else:
                os.unlink(self.path)
        except FileNotFoundError:
            pass
        except OSError as error:
            message = f"cannot delete the state '{self.path}': {error.strerror}"
            raise StateError(message, exit_code=EXIT_FAILED) from error
        finally:
            self.close()


def _make_folder(path: str) -> None:
    """Make a folder with its parents, all of them on the disk: without them nothing in it would survive a power cut."""
    try:
        for folder in reversed(missing_folders(path)):
            with suppress(FileExistsError):
                os.mkdir(folder, FOLDER_MODE)
            sync_folder(folder)
            sync_folder(os.path.dirname(folder))
        reason = "" if os.path.isdir(path) else "it is no folder"
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        hint = "choose a place with --state-directory"
        raise ToeError(f"cannot create the state directory '{path}': {reason}", hint=hint)


def read_records(path: str) -> list[dict[str, Any]]:
    """The records of a journal that may be in use, without opening it for writing.

    Raises JournalDamagedError, and ToeError when it cannot be read or is not ours alone.
    """
    descriptor = _opened(path, os.O_RDONLY)
    try:
        return parse(_read_all(descriptor), path).records
    except OSError as error:
        raise ToeError(f"cannot read the state '{path}': {error.strerror}") from error
    finally:
        os.close(descriptor)


def require_own_directory(path: str) -> None:
    """Raise ToeError when others could put a journal into a state directory, or own it."""
    require_own_folder(path or ".", "the state directory", "choose another one with --state-directory")


def _opened(path: str, flags: int) -> int:
    require_own_directory(os.path.dirname(path))
    try:
        return open_own_file(path, flags)
    except NotOursError as error:
        message = f"the state '{path}' is not to be trusted: {error.strerror}"
        raise JournalNotOursError(message, hint="nothing was run") from error
    except OSError as error:
        raise ToeError(f"cannot open the state '{path}': {error.strerror}") from error


def is_busy(path: str) -> bool:
    """Whether another process has the journal open. Asking holds nobody up."""
    try:
        descriptor = open_own_file(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return is_locked(descriptor)
    except OSError as error:
        raise ToeError(f"cannot lock the state '{path}': {error.strerror}") from error
    finally:
        os.close(descriptor)


@contextmanager
def held(path: str) -> Iterator[None]:
    """Keep everybody from opening a journal, for as long as it takes to read and then to move or delete it.

    Raises JournalBusyError, and ToeError when it cannot be read, is not ours alone, or is gone.
    """
    descriptor = _opened(path, os.O_RDWR)
    try:
        _lock(descriptor, path)
        if not _is_at(path, descriptor):
            raise ToeError(f"the state '{path}' was removed or put aside just now")
        if sys.platform == "win32":  # moves and deletes no file that somebody has open
            os.close(descriptor)
            descriptor = -1
        yield
    finally:
        if descriptor >= 0:
            os.close(descriptor)


@contextmanager
def _closed_on_failure(descriptor: int) -> Iterator[None]:
    try:
        yield
    except BaseException:
        os.close(descriptor)
        raise


def _is_at(path: str, descriptor: int) -> bool:
    """Whether an open file still has its name: between opening and locking it may have been put aside."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except OSError:
        return False


def _read_all(descriptor: int) -> bytes:
    with open(descriptor, "rb", buffering=0, closefd=False) as file:
        return file.read()


def _lock(descriptor: int, path: str) -> None:
    try:
        taken = not try_lock(descriptor)
    except OSError as error:
        raise ToeError(f"cannot lock the state '{path}': {error.strerror}") from error
    if taken:
        raise JournalBusyError(f"the state '{path}' is in use by another process", hint="wait until that run has ended")
