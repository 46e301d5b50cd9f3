"""The base of a machine image: a disk, or a folder or an archive with a root file system, which becomes one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from toe.errors import ToeError
from toe.images.engines.commands import asked
from toe.images.locks import Locks
from toe.images.machines.disks import RAW, Disk, disk_of
from toe.images.machines.drives import make_drive
from toe.images.machines.loading import initrd_for, kernel_beside, newest_kernel, start_of
from toe.images.machines.own_loader import OwnLoader
from toe.images.machines.start import Start
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation

#: Of a disk that is made of a folder, where the recipe names no size: as the smallest of AWS's Linux images.
DEFAULT_SIZE = 8 << 30
_BLOCK_BYTES = 1 << 20
_DIGESTS = "digests.json"


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
        if path.is_dir() or _is_archive(path):
            return self._of_root(path)
        if not path.is_file():
            hint = "a disk, or a folder or archive with a root file system; toe-images.yml gives paths for names"
            raise ToeError(f"there is no base '{name}'", hint=hint)
        disk, digest = disk_of(path), self._digest(path)
        beside = kernel_beside(path)
        return MachineBase(disk, digest, self._start(disk, digest), self._kernel_digest(beside))

    def _of_root(self, path: Path) -> MachineBase:
        digest = f"sha256:{_digest_of_tree(path)}" if path.is_dir() else self._digest(path)
        self._folder.mkdir(parents=True, exist_ok=True)
        disk = self._folder / f"{digest.removeprefix('sha256:')}.raw"
        with Locks(str(self._folder / "locks")).held(disk.name, self._cancellation):
            if not disk.exists():
                self._say(f"toe: making a disk of {path}, once")
                self._make(path, disk)
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

    def _make(self, path: Path, disk: Path) -> None:
        """Make the disk beside, with its kernel, and put both in their places when they are whole."""
        scratch = self._folder / f"new-{disk.stem}"
        shutil.rmtree(scratch, ignore_errors=True)  # of one that was killed
        scratch.mkdir(mode=0o700)
        try:
            root = path
            if not path.is_dir():
                root = scratch / "root"
                root.mkdir()
                asked("tar", "--extract", "--numeric-owner", "--file", str(path), "--directory", str(root))
            _copy_kernel(root, path, disk)
            make_drive(scratch / "disk", root, size=DEFAULT_SIZE, journal=True, label="root")
            (scratch / "disk").rename(disk)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

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


def _is_archive(path: Path) -> bool:
    try:
        return path.is_file() and path.name.endswith((".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.zst"))
    except OSError:
        return False


def _copy_kernel(root: Path, path: Path, disk: Path) -> None:
    """Have the kernel of a root file system beside its disk: that beside the folder or archive, else the newest one."""
    beside = kernel_beside(path)
    if beside is not None:
        kernel, initrd = beside.kernel, beside.initrd
    else:
        boot = root / "boot"
        names = os.listdir(boot) if boot.is_dir() else []
        name = newest_kernel(names)
        if not name:
            hint = (
                f"install one in it (Debian: linux-image-cloud-amd64), or put one beside it: {path.parent / 'vmlinuz'}"
            )
            raise ToeError(f"there is no kernel in '{path}'", hint=hint)
        kernel = boot / name
        initrd = boot / initrd_for(name, names) if initrd_for(name, names) else None
    if initrd is not None:
        shutil.copyfile(initrd, disk.with_suffix(".initrd.img"))
    shutil.copyfile(kernel, disk.with_suffix(".vmlinuz"))


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
