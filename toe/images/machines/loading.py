"""How a disk is started: by a kernel that is given with it, or that lies in its file system."""

from __future__ import annotations

import stat
import struct
import uuid
from pathlib import Path

from toe.errors import ToeError
from toe.images.machines.disks import RAW, Disk, convert, head
from toe.images.machines.drives import entries, take_file
from toe.images.machines.own_loader import OwnLoader, own_loader
from toe.images.machines.start import ROOT, Start
from toe.records import NamedTuple

#: Where ext2 to ext4 say what they are, and how.
_MAGIC_AT, _MAGIC = 0x438, b"\x53\xef"
_SECTOR = 512
_ROOT = uuid.UUID("4f68bce3-e8cd-4db1-96e7-fbcaf984b709")
_LINUX = uuid.UUID("0fc63daf-8483-4772-8e79-3d69d8477de4")
_KERNELS, _INITRDS = ("vmlinuz",), ("initrd.img", "initrd", "initramfs")


class Partition(NamedTuple):
    """A partition of a GPT: its number from 1, kind, and place in bytes."""

    number: int
    kind: uuid.UUID
    offset: int
    size: int


def start_of(disk: Disk, scratch: Path) -> Start | OwnLoader:
    """How a disk is started: by a kernel beside it, else by that in its file system or by the loader on the disk.

    `scratch` gets a kernel that is taken out of it. Raises ToeError where it cannot be started.
    """
    first = head(disk, scratch)
    beside = kernel_beside(disk.path)
    if first[_MAGIC_AT : _MAGIC_AT + 2] == _MAGIC:
        start = beside or _kernel_within(disk, scratch)
        if start is None:
            raise ToeError(f"'{disk.path}' has a file system, but no kernel to start it", hint=_hint(disk))
        return start
    if first[_SECTOR - 2 : _SECTOR] != b"\x55\xaa":
        raise ToeError(f"'{disk.path}' has neither a file system of Linux nor a partition table")
    partitions = partitions_of(first)
    if beside is None or not partitions:
        loader = own_loader(first, (one.kind for one in partitions))
        if loader is None:
            told = f"'{disk.path}' has partitions, but neither a loader that starts it nor a kernel beside it"
            raise ToeError(told, hint=_hint(disk))
        return loader
    return beside._replace(root=f"/dev/{ROOT}p{_root_of(partitions).number}")


def _hint(disk: Disk) -> str:
    return f"put its kernel beside it: {disk.path.parent / 'vmlinuz'}, and initrd.img where it needs one"


def kernel_beside(path: Path) -> Start | None:
    """The kernel in the folder of a disk or of a root file system: `NAME.vmlinuz`, or `vmlinuz`."""
    for prefix in (f"{path.name}.", f"{path.stem}.", ""):
        kernel = path.parent / f"{prefix}vmlinuz"
        if kernel.is_file():
            initrds = (path.parent / f"{prefix}{name}" for name in _INITRDS)
            return Start(kernel, next((one for one in initrds if one.is_file()), None), f"/dev/{ROOT}")
    return None


def partitions_of(first: bytes) -> tuple[Partition, ...]:
    """The partitions of a GPT in the first bytes of a disk; () where there is none."""
    header = first[_SECTOR : 2 * _SECTOR]
    if header[:8] != b"EFI PART":
        return ()
    table, count, size = struct.unpack_from("<QII", header, 72)
    found = []
    for number in range(min(count, 128)):
        entry = first[table * _SECTOR + number * size :][:48]
        if size < 128 or len(entry) < 48 or not any(entry[:16]):
            continue
        begin, end = struct.unpack_from("<QQ", entry, 32)
        kind = uuid.UUID(bytes_le=entry[:16])
        found.append(Partition(number + 1, kind, begin * _SECTOR, (end - begin + 1) * _SECTOR))
    return tuple(found)


def _root_of(partitions: tuple[Partition, ...]) -> Partition:
    """The partition with the root file system: the one that says so, else the largest."""
    return max(partitions, key=lambda one: (one.kind == _ROOT, one.kind == _LINUX, one.size))


def _kernel_within(disk: Disk, scratch: Path) -> Start | None:
    """The newest kernel in /boot of a file system, with its initramfs, copied to `scratch`."""
    path, whole = disk.path, scratch / "whole.raw"
    if disk.format != RAW:
        convert(disk, whole, RAW)
        path = whole
    try:
        return kernel_beside(scratch / "disk") if kernel_in(path, scratch) else None
    finally:
        whole.unlink(missing_ok=True)


def kernel_in(path: Path, folder: Path) -> str:
    """Copy the newest kernel in /boot of a raw file system to a folder, as `vmlinuz`, with its `initrd.img`.

    Returns its name there, "" for none.
    """
    files = {name: inode for inode, mode, name, _ in entries(path, "/boot") if stat.S_ISREG(mode)}
    kernel = newest_kernel(list(files))
    if kernel:
        take_file(path, files[kernel], folder / "vmlinuz")
        initrd = initrd_for(kernel, list(files))
        if initrd:
            take_file(path, files[initrd], folder / "initrd.img")
    return kernel


def newest_kernel(names: list[str]) -> str:
    """The kernel with the highest version among the files of /boot, "" for none."""
    kernels = [name for name in names if name.startswith(_KERNELS) and "rescue" not in name]
    return max(kernels, key=_by_numbers, default="")


def initrd_for(kernel: str, names: list[str]) -> str:
    """The initramfs that belongs to a kernel, "" for none."""
    version = kernel.partition("-")[2]
    wanted = [f"{name}-{version}" if version else name for name in _INITRDS] + [f"initramfs-{version}.img"]
    return next((name for name in wanted if name in names), "")


def _by_numbers(name: str) -> list[tuple[bool, int, str]]:
    import re

    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", name)]
