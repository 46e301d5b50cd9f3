"""A machine's drive for cloud-init: a NoCloud seed, by which a disk with a loader of its own starts `toe`.

A volume called CIDATA holds `meta-data`, `user-data` and `vendor-data`. What starts `toe` is vendor data, a boothook:
cloud-init runs it at each boot. The user data is the recipe's own, byte for byte, as on an instance: a script,
cloud-config, MIME in many parts or gzip. It replaces nothing of ours, and is carried out once for each instance id.
"""

from __future__ import annotations

import json
from pathlib import Path

from toe.images.machines.start import INSIDE, REQUEST
from toe.records import NamedTuple

LABEL = "CIDATA"

_BOOTHOOK = f"""\
#cloud-boothook
#!/bin/sh
# Starts toe, which is on drives of the machine. Nothing of it stays on the disk.
mkdir -p {INSIDE}/in
mount -t ext4 -o ro /dev/{REQUEST} {INSIDE}/in && exec sh {INSIDE}/in/hook
"""


class Seed(NamedTuple):
    """What cloud-init is told. `user_data` b"" is none; `starts` says whether it starts `toe`."""

    instance: str
    user_data: bytes
    starts: bool

    def files(self) -> dict[str, bytes]:
        """The files of the volume, by name. JSON is YAML."""
        return {
            "meta-data": json.dumps({"instance-id": self.instance}).encode() + b"\n",
            "user-data": self.user_data,
            "vendor-data": _BOOTHOOK.encode() if self.starts else b"",
        }


def write_seed(folder: Path, seed: Seed) -> None:
    """Write a seed to a new folder, which qemu shows as a volume. User data may hold secrets: its mode is 0700."""
    folder.mkdir(mode=0o700)
    for name, data in seed.files().items():
        (folder / name).write_bytes(data)
