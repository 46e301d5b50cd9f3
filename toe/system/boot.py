"""Which boot of the machine this is, so that a run can tell whether the reboot that it waits for has happened."""

from __future__ import annotations

import os
import sys
import time

_LINUX_BOOT_ID = "/proc/sys/kernel/random/boot_id"


def boot_id() -> str:
    """A text that is the same until the machine is booted again; "" where the system does not tell."""
    if sys.platform == "win32":
        from toe.system.windows.facts import boot_time

        return boot_time()
    if sys.platform == "darwin":
        return printed("/usr/sbin/sysctl", "-n", "kern.bootsessionuuid")
    try:
        with open(_LINUX_BOOT_ID, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def start_mark() -> int:
    """The time as the system's table of processes has it for their starts; not the same count on each system."""
    if sys.platform == "linux":
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK") // 1_000_000_000
    return int(time.time())


def printed(*argv: str) -> str:
    """What one of the system's own programs prints, "" when it cannot be started."""
    import subprocess

    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return ""
    return done.stdout.decode("utf-8", "replace").strip()


def flush_disks() -> None:
    """Have everything that was written on the disks before the machine goes down; Windows does so itself."""
    if sys.platform != "win32":
        os.sync()
