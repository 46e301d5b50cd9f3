"""Drives that go into a machine and come out of it: ext4 made of a folder, and read without mounting it.

What a guest has written is not trusted: names and kinds are judged here, and nothing but plain files comes out.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from toe.errors import ToeError
from toe.images.engines.commands import asked
from toe.images.machines.programs import CHECK_FILE_SYSTEM, MAKE_FILE_SYSTEM, READ_FILE_SYSTEM, found

#: A file system needs room beside its files: for inodes and the blocks' own ends.
_SHARE, _LEAST = 1.15, 2 << 20
_BLOCK = 4096
_ENTRY = re.compile(r"/(\d+)/(\d{6})/\d+/\d+/([^/]+)/(\d*)/")
_DEEPEST = 8


def make_drive(path: Path, folder: Path, *, size: int = 0, journal: bool = False, label: str = "") -> None:
    """Write a drive with what is in a folder, owned by root; `size` in bytes, 0 for what is needed. Mode 0600.

    Raises ToeError.
    """
    size = size or int(_needed(folder) * _SHARE) + _LEAST
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        os.truncate(path, size // _BLOCK * _BLOCK)
    except OSError as error:
        raise ToeError(f"cannot make '{path}': {error.strerror}", exit_code=1) from error
    features = "^metadata_csum" if journal else "^has_journal,^metadata_csum"
    labelled = ("-L", label) if label else ()
    with_owner = ("-E", "lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0")
    program = found(MAKE_FILE_SYSTEM)
    asked(program, "-q", "-F", "-t", "ext4", "-b", str(_BLOCK), "-m", "0", "-O", features, *labelled, *with_owner,
          "-d", str(folder), str(path))  # fmt: skip


def _needed(folder: Path) -> int:
    """Bytes of all files in whole blocks, and an inode for each."""
    total = 0
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            total += -(-os.lstat(os.path.join(place, name)).st_size // _BLOCK) * _BLOCK + 512
    return total


def settle(path: Path, *, thoroughly: bool = False) -> None:
    """Put right what a machine that was cut off has left half written; `thoroughly`: also where none was cut off."""
    with suppress(ToeError):  # it says by its exit code what it did
        asked(found(CHECK_FILE_SYSTEM), "-p", *(("-f",) if thoroughly else ()), str(path))


def take_out(path: Path, inside: str, target: Path) -> None:
    """Copy the plain files below a folder of a drive to a folder here, which is there. Raises ToeError.

    What is there stays: a file that is longer in the drive goes on as it does there.
    """
    _take_folder(path, inside, target, os.path.getsize(path), 0)


def read_file(path: Path, inside: str, scratch: Path) -> bytes | None:
    """A file of a drive, None where there is none."""
    folder, _, name = inside.rpartition("/")
    for inode, mode, found_name, _ in entries(path, folder):
        if found_name == name and stat.S_ISREG(mode):
            _dump(path, inode, scratch)
            try:
                return scratch.read_bytes()
            finally:
                scratch.unlink(missing_ok=True)
    return None


def _take_folder(path: Path, inside: str, target: Path, room: int, depth: int) -> int:
    for inode, mode, name, size in entries(path, inside):
        place = target / name
        if stat.S_ISDIR(mode) and depth < _DEEPEST:
            place.mkdir(mode=0o700, exist_ok=True)
            room = _take_folder(path, f"{inside}/{name}", place, room, depth + 1)
        elif stat.S_ISREG(mode) and size <= room:
            room -= size
            _take_growing(path, inode, place)
    return room


def _take_growing(path: Path, inode: int, place: Path) -> None:
    """Copy a file, which may be followed meanwhile; what is half read lies beside the drive, where it is cleaned up."""
    new = path.with_name(f"{path.name}-{inode}")
    try:
        _dump(path, inode, new)
        if place.exists():
            _append_rest(new, place)  # what was followed stays, and only grows
        else:
            shutil.move(new, place)
    finally:
        new.unlink(missing_ok=True)


def take_file(path: Path, inode: int, place: Path) -> None:
    """Copy a file of a drive to a new place, where it is whole or absent. Raises ToeError."""
    new = place.with_name(f".toe-{os.getpid()}-{place.name}"[:200])
    try:
        _dump(path, inode, new)
        new.rename(place)
    finally:
        new.unlink(missing_ok=True)


def _append_rest(new: Path, place: Path) -> None:
    data, known = new.read_bytes(), place.read_bytes()
    if data.startswith(known) and len(data) > len(known):
        with open(place, "ab") as file:
            file.write(data[len(known) :])


def entries(path: Path, inside: str) -> list[tuple[int, int, str, int]]:
    """Inode, mode, name and size of what is in a folder of a drive; names that go elsewhere are left out."""
    listed = asked(found(READ_FILE_SYSTEM), "-R", f'ls -p "{inside}"', str(path))
    entries = []
    for line in listed.splitlines():
        entry = _ENTRY.fullmatch(line.strip())
        if entry and entry[3] not in (".", "..") and entry[3].isprintable() and '"' not in entry[3]:
            entries.append((int(entry[1]), int(entry[2], 8), entry[3], int(entry[4] or 0)))
    return entries


def _dump(path: Path, inode: int, target: Path) -> None:
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    asked(found(READ_FILE_SYSTEM), "-f", "-", str(path), text=f'dump <{inode}> "{target}"\n')
