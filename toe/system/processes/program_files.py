"""What an ELF file says of itself: the processor it is made for, and what must load it."""

from __future__ import annotations

import os
import struct

_ELF = b"\x7fELF"
_LOADER_SEGMENT = 3
#: e_machine of the processors that Linux distributions are made for, by the names that `uname -m` has for them.
_PROCESSORS = {
    3: "i686",
    8: "mips",
    20: "ppc",
    21: "ppc64le",
    22: "s390x",
    40: "armv7l",
    62: "x86_64",
    183: "aarch64",
    243: "riscv64",
    258: "loongarch64",
}


def architecture(head: bytes) -> str:
    """The processor that an ELF file is made for, from its first bytes; "" for any other file."""
    if not head.startswith(_ELF) or len(head) < 20:
        return ""
    (machine,) = struct.unpack_from(_order(head) + "H", head, 18)
    return _PROCESSORS.get(machine, f"number {machine}")


def this_architecture() -> str:
    """The processor of this machine."""
    return os.uname().machine if hasattr(os, "uname") else ""


def loader_of(path: str) -> str:
    """The program that must load a dynamically linked ELF file; "" where there is none."""
    try:
        with open(path, "rb") as file:
            head = file.read(64)
            if not head.startswith(_ELF):
                return ""
            order, wide = _order(head), head[4] == 2
            (table,) = struct.unpack_from(order + ("Q" if wide else "I"), head, 32 if wide else 28)
            size, count = struct.unpack_from(order + "HH", head, 54 if wide else 42)
            for number in range(count):
                file.seek(table + number * size)
                entry = file.read(56 if wide else 32)
                if struct.unpack_from(order + "I", entry)[0] == _LOADER_SEGMENT:
                    offset, length = struct.unpack_from(order + ("8xQ16xQ" if wide else "4xI8xI"), entry)
                    file.seek(offset)
                    return os.fsdecode(file.read(min(length, 4096)).split(b"\0")[0])
    except (OSError, struct.error):
        pass
    return ""


def _order(head: bytes) -> str:
    return ">" if head[5] == 2 else "<"
