"""The folder of what was built: records of layers and of images, with the locks of those who build them.

    layers/KEY.json    a layer that was built (toe.images.records); images are the engine's, records are here
    built/BUILD.json   an image that was built and tested
    distributions/     what became of an image's distribution (toe.images.distribution.ledger)
    statements/        from what images were made, perhaps signed (toe.images.provenance)
    scans/             what scanners have found in images (toe.images.provenance.scanning)
    locks/KEY          who builds the layer of a key has its lock
    making/NAME        the engine may have something by this name of which no record tells: its maker has the lock
    machines/          disks of machine images, with a `making` of their own (toe.images.machines.layer_files)
    removing/BUILD     the image of a build is being removed: what is left of it goes too
    pipelines/NAME.json  what is known of the runs of a pipeline (toe.images.pipelines.state)
    running/BUILD      a build is under way, and needs what it has found
    logs/BUILD/        the logs of a build

A file is whole or absent. What a killed build left behind, the next one finds by `making` and removes.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from toe.errors import ToeError
from toe.images.locks import Locks
from toe.images.records import ImageRecord, LayerRecord, image_of, layer_of, text_of
from toe.system.files.opening import write_all
from toe.system.files.own_files import open_own_file, require_own_folder
from toe.system.files.staging import StagedFile, sync_folder

_ENDING = ".json"
_LAYERS, _BUILT, _LOGS, _PIPELINES = "layers", "built", "logs", "pipelines"
#: The kinds of what `put` keeps.
DISTRIBUTIONS, STATEMENTS, SCANS = "distributions", "statements", "scans"
_HINT = "choose another place with --state-directory"


class Store:
    """The store in a folder, which is made when something is to be written. Raises ToeError where it is not ours."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.locks = Locks(os.path.join(folder, "locks"))
        self.making = Locks(os.path.join(folder, "making"))
        self.removing = Locks(os.path.join(folder, "removing"))
        self.running = Locks(os.path.join(folder, "running"))
        require_own_folder(folder, "the folder of images", _HINT)

    def of_machines(self) -> Store:
        """The same store for builds of machine images: engines of containers cannot finish what those have begun."""
        store = Store(self.folder)
        store.making = Locks(str(self.machines / "making"))
        return store

    @property
    def machines(self) -> Path:
        """The folder of what belongs to machine images alone."""
        return Path(self.folder, "machines")

    def layer(self, key: str) -> LayerRecord | None:
        """The record of a layer, None without a readable one."""
        data = self._read(self._path(_LAYERS, key + _ENDING))
        found = layer_of(data) if data else None
        return found if found is not None and found.key == key else None

    def layers(self) -> list[LayerRecord]:
        """All layers, the newest first."""
        found = [self.layer(name.removesuffix(_ENDING)) for name in self._names(_LAYERS)]
        return sorted((one for one in found if one is not None), key=lambda one: -one.made_at)

    def put_layer(self, record: LayerRecord) -> None:
        """Keep the record of a layer. Raises ToeError."""
        self._write(_LAYERS, record.key + _ENDING, text_of(record))

    def remove_layer(self, key: str) -> None:
        """Forget a layer; nothing happens where there is none."""
        with suppress(FileNotFoundError):
            os.unlink(self._path(_LAYERS, key + _ENDING))

    def image(self, build: str) -> ImageRecord | None:
        """The record of an image by the build that made it."""
        data = self._read(self._path(_BUILT, build + _ENDING))
        return image_of(data) if data else None

    def images(self) -> list[ImageRecord]:
        """All images, the newest first."""
        found = [self.image(name.removesuffix(_ENDING)) for name in self._names(_BUILT)]
        return sorted((one for one in found if one is not None), key=lambda one: -one.ended_at)

    def put_image(self, record: ImageRecord) -> None:
        """Keep the record of an image. Raises ToeError."""
        self._write(_BUILT, record.build + _ENDING, text_of(record))

    def remove_image(self, build: str) -> None:
        """Forget an image; nothing happens where there is none."""
        with suppress(FileNotFoundError):
            os.unlink(self._path(_BUILT, build + _ENDING))

    def log_folder(self, build: str, elsewhere: str = "") -> str:
        """The folder of a build's logs, here or elsewhere, made when it is not there. Raises ToeError."""
        return self._folder(elsewhere or os.path.join(_LOGS, build))

    def own_logs(self, build: str) -> str:
        """Where the logs of a build are, unless another place was asked for; there may be none."""
        return self._path(_LOGS, build)

    def pipeline(self, name: str) -> bytes:
        """What was kept of a pipeline, b"" for nothing. Raises ToeError."""
        return self._read(self._path(_PIPELINES, name + _ENDING))

    def pipelines(self) -> list[str]:
        """The names of the pipelines of which something was kept."""
        return [name.removesuffix(_ENDING) for name in self._names(_PIPELINES) if not name.startswith(".")]

    def put_pipeline(self, name: str, text: str) -> None:
        """Keep something of a pipeline. Raises ToeError."""
        self._write(_PIPELINES, name + _ENDING, text)

    def builds_with_logs(self) -> list[str]:
        """The builds whose logs are here, those that failed too."""
        return self._names(_LOGS)

    def clean(self) -> None:
        """Remove what killed builds have left in the folder itself."""
        for part in (_LAYERS, _BUILT, _PIPELINES, DISTRIBUTIONS, STATEMENTS, SCANS):
            for name in self._names(part):
                if name.startswith(".toe-") and not is_alive(name):
                    with suppress(FileNotFoundError):
                        os.unlink(self._path(part, name))
        for _ in self.locks.abandoned():
            pass

    def put(self, part: str, name: str, text: str) -> None:
        """Keep a further record, in a folder of its kind. Raises ToeError."""
        self._write(part, name, text)

    def get(self, part: str, name: str) -> bytes:
        """What `put` has kept, b"" where there is nothing. Raises ToeError."""
        return self._read(self._path(part, name))

    def _write(self, part: str, name: str, text: str) -> None:
        folder = self._folder(part)
        path = os.path.join(folder, name)
        try:
            with StagedFile(path) as file:
                write_all(file.descriptor, text.encode())
                file.sync()
                file.place()
            sync_folder(folder)
        except OSError as error:
            raise _cannot("write", path, error) from error

    def _read(self, path: str) -> bytes:
        try:
            with open(open_own_file(path, os.O_RDONLY), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise _cannot("read", path, error) from error

    def _names(self, part: str) -> list[str]:
        try:
            return sorted(os.listdir(self._path(part)))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _cannot("read", self._path(part), error) from error

    def _folder(self, part: str) -> str:
        path = self._path(part)
        try:
            os.makedirs(path, 0o700, exist_ok=True)
        except OSError as error:
            raise _cannot("make", path, error) from error
        return path

    def _path(self, *parts: str) -> str:
        return os.path.join(self.folder, *parts)


def store_in(state_directory: str) -> Store:
    """The store of a state directory (toe.system.state_directory)."""
    return Store(os.path.join(state_directory, "images"))


def _cannot(what: str, path: str, error: OSError) -> ToeError:
    reason = error.strerror or str(error)
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return ToeError(f"cannot {what} '{path}': {reason}", hint="make room there" if full else _HINT, exit_code=1)


def is_alive(hidden: str) -> bool:
    """Whether the process that writes a hidden file (toe.system.files.staging) is still there."""
    try:
        os.kill(int(hidden.split("-")[1]), 0)
    except (ValueError, IndexError, ProcessLookupError):
        return False
    except OSError:
        return True
    return True
