"""Disks of machines by qemu-img: what a file is, overlays that take what is written, and other formats."""

from __future__ import annotations

import json
import os
import shutil
import struct
from contextlib import suppress
from pathlib import Path

from toe.errors import ToeError
from toe.images.engines.commands import asked
from toe.images.machines.programs import QEMU_IMG
from toe.records import NamedTuple

RAW, QCOW2, VMDK, VHD = "raw", "qcow2", "vmdk", "vhd"
#: The formats of Image Builder's exports, and qcow2, by the names that qemu has for them.
FORMATS = {QCOW2: "qcow2", RAW: "raw", VMDK: "vmdk", VHD: "vpc"}
_OPTIONS = {
    QCOW2: ("-c", "-o", "compression_type=zstd"),
    VMDK: ("-o", "subformat=streamOptimized"),
    VHD: ("-o", "subformat=dynamic,force_size=on"),
}
_SECTOR = 512
_SMALLEST = 1 << 20
#: With less than this, a write of a machine may just have failed.
_LEAST_FREE = 1 << 20
#: Of the name of a disk below, as the format has it.
_LONGEST_NAME = 1023


class Disk(NamedTuple):
    """A disk: its file, its format by qemu's name, and the bytes that a machine sees of it."""

    path: Path
    format: str
    size: int


def disk_of(path: Path) -> Disk:
    """What a file is. Raises ToeError for what is no disk, or leans on other files: those may be anybody's."""
    try:
        told = json.loads(asked(QEMU_IMG, "info", "--output=json", "-U", str(path)))
    except ToeError as error:
        raise ToeError(f"'{path}' is no disk: {error.message}") from error
    disk = Disk(path.absolute(), told["format"], int(told["virtual-size"]))
    leans_on = told.get("backing-filename") or told.get("format-specific", {}).get("data", {}).get("data-file")
    if leans_on:
        hint = f"make one file of it: qemu-img convert -O qcow2 {path} whole.qcow2"
        raise ToeError(f"'{path}' is a part of a disk: the rest is in '{leans_on}'", hint=hint)
    if disk.format not in FORMATS.values():
        raise ToeError(f"'{path}' has the format {disk.format}", hint=f"formats: {', '.join(FORMATS)}")
    if disk.size < _SMALLEST or (disk.format == RAW and os.path.getsize(path) % _SECTOR):
        raise ToeError(f"'{path}' is no disk", hint="a disk has a file system or a partition table")
    return disk


def overlay(path: Path, below: Disk, size: int = 0) -> Disk:
    """A new disk that shows `below` and takes all that is written; `size` bytes where that is more. Raises ToeError."""
    size = max(size, below.size)
    asked(QEMU_IMG, "create", "-q", "-f", QCOW2, "-F", below.format, "-b", str(below.path), str(path), str(size))
    return Disk(path, QCOW2, size)


def move_below(over: Disk, below: Disk, target: Path) -> None:
    """Move the disk that an overlay leans on, and have the overlay find it there. Raises ToeError."""
    below.path.rename(target)
    asked(QEMU_IMG, "rebase", "-u", "-f", over.format, "-F", below.format, "-b", str(target), str(over.path))


def convert(disk: Disk, target: Path, wanted: str) -> None:
    """Write a disk that leans on nothing, in one of FORMATS. Raises ToeError."""
    more = _OPTIONS.get(wanted, ())
    asked(QEMU_IMG, "convert", "-q", "-f", disk.format, "-O", FORMATS[wanted], *more, str(disk.path), str(target))


def backing_of(path: Path) -> str:
    """The path of the disk that an overlay in qcow2 leans on, "" for none. It is read as it stands in the file."""
    with suppress(OSError, struct.error), open(path, "rb") as file:
        magic, _, offset, size = struct.unpack(">4sIQI", file.read(20))
        if magic == b"QFI\xfb" and offset:
            file.seek(offset)
            return os.fsdecode(file.read(min(size, _LONGEST_NAME)))
    return ""


def require_room(folder: Path) -> None:
    """Raise ToeError where the file system of a folder is full: what a machine has written there is not whole."""
    if shutil.disk_usage(folder).free < _LEAST_FREE:
        hint = "make room there, or name another folder by XDG_CACHE_HOME"
        raise ToeError(f"no space is left for the machine's disk in '{folder}'", hint=hint, exit_code=1)


def head(disk: Disk, scratch: Path, size: int = 1 << 20) -> bytes:
    """The first bytes of a disk; `scratch` is a folder for a file that is gone afterwards. Raises ToeError."""
    path = scratch / "head"
    try:
        options = (f"bs={size}", "count=1", f"if={disk.path}", f"of={path}")
        asked(QEMU_IMG, "dd", "-U", "-f", disk.format, "-O", "raw", *options)
        return path.read_bytes()
    finally:
        path.unlink(missing_ok=True)
