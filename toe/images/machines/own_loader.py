"""Disks that start as on an instance: by the firmware of the machine and a loader on the disk.

What starts `toe` in them is cloud-init, by a seed (toe.images.machines.seed).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path

from toe.errors import ToeError
from toe.records import NamedTuple

BIOS, EFI = "bios", "efi"
#: A cloud image may have no console on the serial line, and cloud-init takes long where instructions are translated.
SILENCE_SECONDS = 300.0
_BOOT_CODE = 440
_FIRST_ENTRY, _ENTRY, _KIND_AT, _EFI_KIND = 446, 16, 4, 0xEF
#: The kind of the partition that UEFI starts.
ESP = uuid.UUID("c12a7328-f81f-11d2-ba4b-00a0c93ec93b")
_BIOS_BOOT = uuid.UUID("21686148-6449-6e6f-744e-656564454649")
#: OVMF in one file: what it is told to remember is forgotten at each boot, so it takes the disk's default loader.
_OVMF = (
    "/usr/share/ovmf/OVMF.fd",
    "/usr/share/edk2/x64/OVMF.4m.fd",
    "/usr/share/edk2-ovmf/x64/OVMF.fd",
    "/usr/share/qemu/ovmf-x86_64.bin",
)


class OwnLoader(NamedTuple):
    """How a disk with a loader of its own is started: by BIOS or by EFI."""

    firmware: str

    def moved(self, _old: Path, _new: Path) -> OwnLoader:
        """The same where a folder of a machine has another name: it has no files there."""
        return self

    def options(self) -> list[str]:
        """What qemu is told of the firmware. Raises ToeError where there is none."""
        if self.firmware == BIOS:
            return []
        path = next((path for path in _OVMF if Path(path).is_file()), "")
        if not path:
            raise ToeError("the disk starts by EFI, and there is no OVMF here", hint="apt-get install ovmf")
        return ["-bios", path]


def own_loader(first: bytes, kinds: Iterable[uuid.UUID]) -> OwnLoader | None:
    """The loader of a disk by its first bytes and the kinds of its partitions (GPT; none for a table of DOS).

    BIOS where it has both: it starts sooner. None where there is no loader.
    """
    known = set(kinds)
    has_code = any(first[:_BOOT_CODE])
    if has_code and (_BIOS_BOOT in known or ESP not in known):
        return OwnLoader(BIOS)
    entries = (first[_FIRST_ENTRY + number * _ENTRY :][:_ENTRY] for number in range(4))
    if ESP in known or any(entry[_KIND_AT : _KIND_AT + 1] == bytes([_EFI_KIND]) for entry in entries):
        return OwnLoader(EFI)
    return None
