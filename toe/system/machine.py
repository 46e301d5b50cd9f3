"""Which machine this is: a state that was copied along with an image must not be gone on with on another one."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

from toe.system.boot import printed
from toe.system.resume.programs import below

# What the hardware or the hypervisor gives comes first: /etc/machine-id is made anew on purpose in many an image. Only
# root may read the first; the second is the instance's id on EC2, and any words elsewhere.
_LINUX_FILES = (
    ("product", "/sys/class/dmi/id/product_uuid"),
    ("instance", "/sys/class/dmi/id/board_asset_tag"),
    ("hypervisor", "/sys/hypervisor/uuid"),
    ("serial", "/proc/device-tree/serial-number"),
    ("machine", "/etc/machine-id"),
)
_INSTANCE = re.compile(r"i-[0-9a-f]+")


def machine_marks(root: str = "/") -> dict[str, str]:
    """Checksums of what tells this machine from others, the surest first; {} where the system does not tell.

    `root`: where the files of a Linux system lie.
    """
    if sys.platform == "win32":
        from toe.system.windows.facts import machine_guid

        found = {"machine": machine_guid()}
    elif sys.platform == "darwin":
        told = printed("/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice")
        uuid = re.search(r'"IOPlatformUUID" = "([^"]+)"', told)
        found = {"platform": uuid[1] if uuid else ""}
    else:
        found = {name: _content(below(root, path)) for name, path in _LINUX_FILES}
        if not _INSTANCE.fullmatch(found["instance"]):
            del found["instance"]
    return {name: _checksum(text) for name, text in found.items() if text}


def is_same_machine(marks: Mapping[str, str], others: Mapping[str, str]) -> bool:
    """Whether two sets of marks are one machine's: the surest that both have decides."""
    return next((marks[name] == others[name] for name in marks if name in others), True)


def _content(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read().strip("\0 \t\n")
    except OSError:
        return ""


def _checksum(text: str) -> str:
    """systemd asks that the id itself is not handed around (machine-id(5))."""
    from hashlib import sha256

    return sha256(f"toe {text}".encode()).hexdigest()
