"""Which boot of the machine this is, so that a run can tell whether the reboot that it waits for has happened."""

from __future__ import annotations

import os
import sys

_LINUX_BOOT_ID = "/proc/sys/kernel/random/boot_id"


def boot_id() -> str:
    """A text that is the same until the machine is booted again; "" where the system does not tell."""
    try:
        with open(_LINUX_BOOT_ID, "rb") as file:
            return file.read().decode().strip()
    except OSError:
        pass
    if sys.platform == "darwin":
        return _printed("sysctl", "-n", "kern.bootsessionuuid")
    return ""


def _printed(*argv: str) -> str:
    import subprocess

    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.stdout.decode("utf-8", "replace").strip()


def flush_disks() -> None:
    """Have everything that was written on the disks before the machine goes down."""
    if hasattr(os, "sync"):
        os.sync()
