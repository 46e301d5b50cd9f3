"""What there is of machine images: files that images became, layers of the cache, bases that became disks.

The layers are in `disks` below the folder of machines, notes of the files in `files`, the bases in `bases`.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from toe.errors import ToeError
from toe.images.engines.stock import Stocked
from toe.images.engines.work_folders import work_folders
from toe.images.machines.disks import backing_of
from toe.images.machines.layer_files import LayerFiles, disks_in_use
from toe.images.machines.placed import PlacedFiles
from toe.records import NamedTuple

#: The name of the engine in records of machine images.
MACHINES = "qemu"
_ID = "sha256:"
_SECTOR = 512


class LooseDisk(NamedTuple):
    """Files that no layer of the cache needs any more; `size` is what they take on the disk, in bytes."""

    paths: tuple[Path, ...]
    size: int
    what: str


class DiskShelf:
    """The machine images of a store, by the folder of its machines. Says what an engine says of its images."""

    name = MACHINES
    engines: tuple[str, ...] = (MACHINES,)

    def __init__(self, folder: Path) -> None:
        self.files = LayerFiles(folder)
        self.placed = PlacedFiles(folder / "files")
        self._bases = folder / "bases"

    def clean(self) -> None:
        """Remove what killed processes have left half written."""
        self.files.clean()
        self.placed.clean()

    def images(self) -> dict[str, Stocked]:
        """The images whose files are there, by their ids; their names are the paths of those that nobody changed."""
        found: dict[str, Stocked] = {}
        for placed in self.placed.all():
            before = found.get(placed.image, Stocked(placed.image, (), placed.size))
            names = (*before.names, placed.path) if placed.is_as_placed else before.names
            found[placed.image] = before._replace(names=names)
        return found

    def layers(self) -> dict[str, Stocked]:
        """The layers of the cache, by their ids, with what each takes on the disk by itself."""
        return {image: Stocked(image, (str(path),), taken_bytes(path)) for image, path in self.files.all()}

    def used(self) -> dict[str, str]:
        """The images and layers that something else needs, by their ids, and what that is."""
        by_path = {str(path): image for image, path in self.files.all()}
        files = {placed.path: placed.image for placed in self.placed.all()}
        needed = {}
        for _, path in self.files.all():
            if backing_of(path) in files:
                needed[files[backing_of(path)]] = "a cached layer of another image is built on it"
        for path in disks_in_use():
            below = backing_of(path)
            image = by_path.get(below) or files.get(below)
            if image:
                needed[image] = f"a machine uses it: {path.parent}"
        return needed

    def digest(self, image: str) -> str:
        """The id of the layer with a name of the cache or an id. Raises ToeError where there is none."""
        found = self.files.named(image) or next((one for one, _ in self.files.all() if one == image), "")
        if not found:
            raise ToeError(f"there is no disk '{image}'")
        return found

    def remove_image(self, image: str) -> None:
        """Remove a file that an image became, or a name of the cache with what only that kept. Raises ToeError."""
        if os.path.isabs(image):
            self.placed.remove(image)
        else:
            self.files.remove(image)

    def tag(self, image_id: str, name: str) -> None:
        """Give a layer a name of the cache. A file comes from a build alone."""
        if not os.path.isabs(name):
            self.files.name(image_id, name)

    def image(self, name: str) -> str:
        """See `Keeper.image`."""
        with suppress(ToeError):
            return self.digest(name)
        return ""

    def remove(self, name: str) -> None:
        """See `Keeper.remove`."""
        self.remove_image(name)

    def loose(self, images: Collection[str], bases: Collection[str], max_age_seconds: float) -> list[LooseDisk]:
        """What goes when the layers `images` on the `bases` stay: disks of no layer, and old disks made of folders."""
        return [*self._orphans(images), *self._unused_bases(bases, time.time() - max_age_seconds)]

    def _orphans(self, images: Collection[str]) -> Iterator[LooseDisk]:
        wanted = {str(path) for image, path in self.files.all() if image in images}
        waiting = [*wanted, *map(str, disks_in_use())]
        while waiting:
            below = backing_of(Path(waiting.pop()))
            if below and below not in wanted:
                wanted.add(below)
                waiting.append(below)
        for _, path in self.files.all():
            if str(path) not in wanted:
                yield LooseDisk((path,), taken_bytes(path), f"the disk {path.name} of no layer")

    def _unused_bases(self, bases: Collection[str], before: float) -> Iterator[LooseDisk]:
        """A base is called by the digest of what it was made of: a disk with its kernel, or a folder with a kernel."""
        commands = [_text(path) for path in work_folders().glob("*/enter")]
        by_name: dict[str, list[Path]] = {}
        for path in self._bases.iterdir() if self._bases.is_dir() else ():
            digits = path.name.partition(".")[0]
            if len(digits) == 64:
                by_name.setdefault(digits, []).append(path)
        for digits, paths in sorted(by_name.items()):
            is_used = f"{_ID}{digits}" in bases or any(digits in text for text in commands)
            if not is_used and all(path.stat().st_mtime < before for path in paths):
                size = sum(taken_bytes(path) for path in paths)
                yield LooseDisk(tuple(sorted(paths)), size, f"the base {digits[:12]} that no layer is built on")


def remove_loose(disks: Iterable[LooseDisk]) -> None:
    """Remove them."""
    for disk in disks:
        for path in disk.paths:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def taken_bytes(path: Path) -> int:
    """What a file or a folder takes on the disk: a disk of a machine is mostly holes."""
    with suppress(OSError):
        if path.is_dir():
            return sum(taken_bytes(one) for one in path.iterdir())
        return getattr(path.stat(), "st_blocks", 0) * _SECTOR
    return 0


def _text(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(errors="replace")
    return ""
