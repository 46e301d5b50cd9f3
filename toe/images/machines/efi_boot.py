"""How a disk with systemd-boot is started for a run: by its own loader and kernel, on an overlay that is thrown away.

The loader of today reads no words for the kernel from outside (systemd 254 does), so they are put behind the entries on
the overlay; all else is what the disk has.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from toe.errors import ToeError
from toe.images.engines.commands import asked
from toe.images.machines.disks import Disk, head
from toe.images.machines.loading import Partition, partitions_of
from toe.images.machines.own_loader import ESP
from toe.images.machines.programs import COPY_FAT, QEMU_IMG, QEMU_IO, firmware, found
from toe.images.machines.qemu import words_for_a_run
from toe.images.machines.start import Firmware

_ENTRIES = "::/loader/entries"
#: What a partition's place and size are multiples of: the larger, the faster it is read.
_BLOCKS = (1 << 20, 1 << 16, 4096, 512)
_OPTIONS = re.compile(r"^[ \t]*options[ \t].*$", re.MULTILINE)


def by_efi(disk: Disk, folder: Path) -> Firmware:
    """Have the entries on an overlay start a run; the folder gets the firmware's variables. Raises ToeError."""
    esp = _esp_of(disk, folder)
    path = folder / "esp.img"
    try:
        _read(disk, esp, path)
        _change_entries(path, folder / "entries", disk)
        asked(found(QEMU_IO), "-f", disk.format, "-c", f"write -q -s {path.name} {esp.offset} {esp.size}",
              str(disk.path), folder=folder)  # fmt: skip
    finally:
        path.unlink(missing_ok=True)
    code, variables = firmware()
    shutil.copyfile(variables, folder / "variables.fd")
    return Firmware(code, folder / "variables.fd")


def with_words(entry: str, words: str) -> str:
    """An entry of the loader with words behind its last options."""
    lines = list(_OPTIONS.finditer(entry))
    if not lines:
        return f"{entry.rstrip()}\noptions {words}\n"
    end = lines[-1].end()
    return f"{entry[:end].rstrip()} {words}{entry[end:]}"


def _esp_of(disk: Disk, scratch: Path) -> Partition:
    esp = next((one for one in partitions_of(head(disk, scratch)) if one.kind == ESP), None)
    if esp is None:
        raise ToeError(f"'{disk.path}' has no partition that UEFI starts")
    return esp


def _read(disk: Disk, part: Partition, target: Path) -> None:
    block = next(one for one in _BLOCKS if part.offset % one == 0 == part.size % one)
    options = (f"bs={block}", f"skip={part.offset // block}", f"count={(part.offset + part.size) // block}")
    asked(QEMU_IMG, "dd", "-U", "-f", disk.format, "-O", "raw", *options, f"if={disk.path}", f"of={target}")
    os.truncate(target, part.size)  # versions of qemu-img differ in whether `count` is from where it begins


def _change_entries(esp: Path, scratch: Path, disk: Disk) -> None:
    """Put the words of a run behind all entries of the loader: one of them is the default."""
    environment = {**os.environ, "MTOOLS_SKIP_CHECK": "1"}
    scratch.mkdir()
    try:
        asked(found(COPY_FAT), "-n", "-i", str(esp), f"{_ENTRIES}/*.conf", str(scratch), environment=environment)
        for path in scratch.iterdir():
            path.write_text(with_words(path.read_text(errors="replace"), words_for_a_run()))
            asked(found(COPY_FAT), "-o", "-i", str(esp), str(path), f"{_ENTRIES}/{path.name}", environment=environment)
    except ToeError as error:
        raise ToeError(f"the loader of '{disk.path}' has no entries: {error.message}") from error
    finally:
        shutil.rmtree(scratch)
