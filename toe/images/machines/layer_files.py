"""Layers of machines in a folder: an overlay each, called by its content, and names for them.

disks/HEX.qcow2    the layer `sha256:HEX`; what it leans on is another one, or a base
names/NAME         a name as the walk gives it; the file holds the layer's id
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from toe.errors import ToeError
from toe.images.engines.work_folders import work_folders
from toe.images.machines.disks import QCOW2, Disk, backing_of
from toe.images.store import is_alive

_ID = "sha256:"
_BLOCK_BYTES = 1 << 20


def disks_in_use() -> Iterator[Path]:
    """The overlays of machines that are there: of those that run, and of those that were kept."""
    return work_folders().glob("*/*.qcow2")


class LayerFiles:
    """The layers of all machine images of a store."""

    def __init__(self, folder: Path) -> None:
        self._disks, self._names = folder / "disks", folder / "names"

    def disk(self, image: str, size: int) -> Disk | None:
        """The disk of a layer, None where there is none; its overlay says what it leans on."""
        path = self._path(image)
        return Disk(path, QCOW2, size) if path.exists() else None

    def named(self, name: str) -> str:
        """The layer that has this name, "" where there is none."""
        with suppress(OSError):
            image = self._name(name).read_text()
            if self._path(image).exists():
                return image
        return ""

    def take(self, path: Path, name: str) -> str:
        """Move an overlay to its place, give it a name, and return its id. Raises ToeError."""
        image = _ID + _digest(path)
        new = self._disks / f".toe-{os.getpid()}-{path.name}"
        try:
            for folder in (self._disks, self._names):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.move(path, new)  # the cache may lie on another file system
            new.rename(self._path(image))
            self.name(image, name)
        except OSError as error:
            hint = "make room there, or name another folder by --state-directory"
            message = f"cannot keep a layer in '{self._disks}': {error.strerror}"
            raise ToeError(message, hint=hint, exit_code=1) from error
        finally:
            new.unlink(missing_ok=True)
        return image

    def name(self, image: str, name: str) -> None:
        """Give a layer a name."""
        new = self._names / f".toe-{os.getpid()}"
        new.write_text(image)
        new.rename(self._name(name))

    def remove(self, name: str) -> None:
        """Remove a name, or a layer by its id with all its names."""
        if not name.startswith(_ID):
            image = self.named(name)
            self._name(name).unlink(missing_ok=True)
            if not image or image in self._all_named():
                return
            name = image
        path = self._path(name)
        if str(path) not in self.leaned_on():
            path.unlink(missing_ok=True)

    def all(self) -> Iterator[tuple[str, Path]]:
        """The layers that are there, with their files."""
        for path in sorted(self._disks.glob("*.qcow2")):
            yield f"{_ID}{path.stem}", path

    def leaned_on(self) -> set[str]:
        """The paths of disks that another layer leans on, or a machine, one that was kept too."""
        return {backing_of(path) for path in (*self._disks.glob("*.qcow2"), *disks_in_use())}

    def clean(self) -> None:
        """Remove what killed processes have left half written, and names of layers that are gone."""
        for path in (*self._disks.glob(".toe-*"), *self._names.glob(".toe-*")):
            if not is_alive(path.name):
                path.unlink(missing_ok=True)
        for path in self._names.iterdir() if self._names.is_dir() else ():
            if not path.name.startswith(".") and not self._path(path.read_text()).exists():
                path.unlink(missing_ok=True)

    def _all_named(self) -> set[str]:
        with suppress(OSError):
            return {path.read_text() for path in self._names.iterdir()}
        return set()

    def _path(self, image: str) -> Path:
        return self._disks / f"{quote(image.removeprefix(_ID), safe='')}.qcow2"

    def _name(self, name: str) -> Path:
        return self._names / quote(name, safe="")


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
