"""A folder as the volume that qemu makes of it, read without qemu."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

_LABEL = 11


def read_volume(folder: Path) -> tuple[str, set[str]]:
    """The label of the volume and the long names in its root, by the directory that a FAT has them in."""
    told = {"driver": "vvfat", "dir": str(folder), "label": "CIDATA", "read-only": True}
    with tempfile.TemporaryDirectory() as scratch:
        raw = Path(scratch, "raw")
        subprocess.run(["qemu-img", "convert", "-O", "raw", f"json:{json.dumps(told)}", raw], check=True)
        with open(raw, "rb") as file:
            data = file.read(1 << 20)
    begin = 63 * 512
    reserved, tables, entries = (
        data[begin + 14] + data[begin + 15] * 256,
        data[begin + 16],
        data[begin + 17 : begin + 19],
    )
    root = begin + (reserved + tables * int.from_bytes(data[begin + 22 : begin + 24], "little")) * 512
    label, names = "", set()
    for at in range(root, root + 32 * int.from_bytes(entries, "little"), 32):
        entry = data[at : at + 32]
        if entry[11] == 0x0F:
            assert entry[0] & 0x1F == 1, "one entry has room for these names"
            long = (entry[1:11] + entry[14:26] + entry[28:32]).decode("utf-16-le", "replace")
            names.add(long.split("\0")[0])
        elif entry[11] & 0x08:
            label = entry[:_LABEL].decode().strip()
    return label, names
