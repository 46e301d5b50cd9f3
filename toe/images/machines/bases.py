"""The base of a machine image: a disk, or a root file system that becomes one (folder, archive, container image)."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from toe.errors import ToeError
from toe.images.engines.base import Engine
from toe.images.engines.commands import asked
from toe.images.locks import Locks
from toe.images.machines.disks import RAW, Disk, disk_of
from toe.images.machines.drives import make_drive
from toe.images.machines.loading import initrd_for, kernel_beside, newest_kernel, start_of
from toe.images.machines.own_loader import OwnLoader
from toe.images.machines.start import Start
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation
from toe.system.host import is_root

#: Of a disk that is made of a folder, where the recipe names no size: as the smallest of AWS's Linux images.
DEFAULT_SIZE = 8 << 30
_BLOCK_BYTES = 1 << 20
_DIGESTS = "digests.json"
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.zst")
#: What docker puts into each container.
_OF_DOCKER = ".dockerenv"


class MachineBase(NamedTuple):
    """A base: its disk, which is never written to, its content as `sha256:...`, and how it starts.

    `kernel` is the content of a kernel that lies beside the disk, "" for one within it.
    """

    disk: Disk
    digest: str
    start: Start | OwnLoader
    kernel: str


class Bases:
    """Finds the bases of builds. `folder` keeps disks that were made of folders, and the digests of files."""

    def __init__(self, folder: Path, cancellation: Cancellation, say: Callable[[str], object]) -> None:
        self._folder = folder
        self._cancellation = cancellation
        self._say = say

    def base(self, name: str) -> MachineBase:
        """The base of that path. Raises ToeError, and Interrupted."""
        path = Path(name).absolute()
        if os.path.isdir(path):
            return self._of_root(name, f"sha256:{_digest_of_tree(path)}", lambda scratch: path, kernel_beside(path))
        if not os.path.isfile(path):
            hint = "a disk, a folder or archive with a root file system, or a local image of containers"
            raise ToeError(f"there is no base '{name}'", hint=hint)
        if path.name.endswith(_ARCHIVES):
            _require_owners(name)
            unpack = partial(self._unpacked, path)
            return self._of_root(name, self._digest(path), unpack, kernel_beside(path))
        disk, digest = disk_of(path), self._digest(path)
        beside = kernel_beside(path)
        return MachineBase(disk, digest, self._start(disk, digest), self._kernel_digest(beside))

    def of_image(self, engine: Engine, name: str, digest: str) -> MachineBase:
        """The base that an image of containers is, by its name and its id. Raises ToeError, and Interrupted."""
        _require_owners(name)

        def exported(scratch: Path) -> Path:
            archive = scratch / "image.tar"
            engine.export(name, archive, self._cancellation)
            root = self._unpacked(archive, scratch)
            archive.unlink()
            (root / _OF_DOCKER).unlink(missing_ok=True)
            return root

        return self._of_root(name, digest, exported, None)

    def _of_root(self, name: str, digest: str, have_root: Callable[[Path], Path], beside: Start | None) -> MachineBase:
        """The base that a root file system becomes, once. `have_root` has it in a folder: it is given one for scratch.

        `beside` are kernel and initrd where they are not those within it.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        disk = self._folder / f"{digest.removeprefix('sha256:')}.raw"
        with Locks(str(self._folder / "locks")).held(disk.name, self._cancellation):
            if not disk.exists():
                self._say(f"toe: making a disk of {name}, once")
                self._make(name, disk, have_root, beside)
        os.utime(disk)  # `toe images prune` removes those that nobody uses
        start = kernel_beside(disk)
        assert start is not None  # it was put there before the disk
        return MachineBase(Disk(disk, RAW, disk.stat().st_size), digest, start, "")

    def _start(self, disk: Disk, digest: str) -> Start | OwnLoader:
        """How a disk starts; a kernel within it is taken out once, for as long as the disk stays as it is."""
        folder = self._folder / digest.removeprefix("sha256:")
        within = kernel_beside(folder / "disk")
        if within is not None:
            return within
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            return start_of(disk, folder)
        finally:
            with suppress(OSError):  # it holds a kernel
                folder.rmdir()

    def _make(self, name: str, disk: Path, have_root: Callable[[Path], Path], beside: Start | None) -> None:
        """Make the disk beside, with its kernel, and put both in their places when they are whole."""
        scratch = self._folder / f"new-{disk.stem}"
        shutil.rmtree(scratch, ignore_errors=True)  # of one that was killed
        scratch.mkdir(mode=0o700)
        try:
            root = have_root(scratch)
            kernel = beside or _kernel_within(root, name)
            if kernel.initrd is not None:
                shutil.copyfile(kernel.initrd, disk.with_suffix(".initrd.img"))
            shutil.copyfile(kernel.kernel, disk.with_suffix(".vmlinuz"))
            make_drive(scratch / "disk", root, size=DEFAULT_SIZE, journal=True, label="root")
            (scratch / "disk").rename(disk)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _unpacked(self, archive: Path, scratch: Path) -> Path:
        root = scratch / "root"
        root.mkdir()
        how = ("--numeric-owner", "--xattrs", "--xattrs-include=*")
        words = ("--file", str(archive), "--directory", str(root))
        asked("tar", "--extract", *how, *words, cancellation=self._cancellation)
        return root

    def _digest(self, path: Path) -> str:
        """The SHA-256 of a file; it is read once, for as long as it stays as it is."""
        status = path.stat()
        known = self._known()
        state = [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
        if str(path) not in known or known[str(path)][0] != state:
            known[str(path)] = [state, self._read(path)]
            self._folder.mkdir(parents=True, exist_ok=True)
            new = self._folder / f".toe-{os.getpid()}-{_DIGESTS}"
            new.write_text(json.dumps(known))
            new.rename(self._folder / _DIGESTS)
        return f"sha256:{known[str(path)][1]}"

    def _known(self) -> dict[str, list[Any]]:
        with suppress(OSError, ValueError):
            known = json.loads((self._folder / _DIGESTS).read_text())
            if isinstance(known, dict):
                return known
        return {}

    def _read(self, path: Path) -> str:
        digest = hashlib.sha256()
        with open(path, "rb") as file:
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
                self._cancellation.check()
        return digest.hexdigest()

    def _kernel_digest(self, start: Start | None) -> str:
        if start is None:
            return ""
        return " ".join(self._digest(path) for path in (start.kernel, start.initrd) if path)


def _require_owners(name: str) -> None:
    """Raise ToeError for who cannot have files belong to others: then programs of root would be somebody else's."""
    if not is_root():
        hint = "as root, or in a user namespace with several users: 'buildah unshare toe ...'"
        raise ToeError(f"'{name}' has files of several owners, which root alone can unpack", hint=hint)


def _kernel_within(root: Path, name: str) -> Start:
    """The newest kernel of a root file system, with its initrd. Raises ToeError where there is none."""
    boot = root / "boot"
    names: list[str] = []
    if boot.is_dir() and not boot.is_symlink():  # a link of an image may lead to files of this machine
        names = [entry.name for entry in os.scandir(boot) if entry.is_file(follow_symlinks=False)]
    kernel = newest_kernel(names)
    if not kernel:
        hint = "install one in it (Debian: linux-image-cloud-amd64), or put one beside the folder or archive: vmlinuz"
        raise ToeError(f"there is no kernel in '{name}'", hint=hint)
    initrd = initrd_for(kernel, names)
    return Start(boot / kernel, boot / initrd if initrd else None, "")


def _digest_of_tree(folder: Path) -> str:
    """What a folder holds, by names, kinds, owners, sizes and times: as `make` looks at files."""
    digest = hashlib.sha256()
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted((*folders, *files)):
            path = os.path.join(place, name)
            status = os.lstat(path)
            state = (
                status.st_mode,
                status.st_uid,
                status.st_gid,
                status.st_size,
                status.st_mtime_ns,
                getattr(status, "st_rdev", 0),
            )
            target = os.readlink(path) if os.path.islink(path) else ""
            digest.update(repr((os.path.relpath(path, folder), state, target)).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
