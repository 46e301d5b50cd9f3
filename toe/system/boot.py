"""Which boot of the machine this is, so that a run can tell whether the reboot that it waits for has happened.

And what a reboot does to files.
"""

from __future__ import annotations

import os
import sys
import time

_LINUX_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_IN_MEMORY = frozenset((b"tmpfs", b"ramfs", b"rootfs"))
_MOUNTS = "/proc/self/mountinfo"


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


def memory_file_system(path: str) -> str:
    """The kind of file system that a path lies on, where a reboot empties it; "" on disks, and where nothing tells.

    What is not there yet lies where its nearest parent does.
    """
    if sys.platform == "win32":
        return ""
    path = os.path.abspath(path)
    while not os.path.exists(path):
        path = os.path.dirname(path)
    device = os.stat(path).st_dev
    try:
        with open(_MOUNTS, "rb") as file:
            mounts = file.read().splitlines()
    except OSError:
        return ""
    number = b"%d:%d" % (os.major(device), os.minor(device))
    for mount in mounts:  # proc(5): id, parent, major:minor, root, ...; "-", type, ...
        kind = mount.partition(b" - ")[2].split(b" ")[0]
        if mount.split(b" ")[2] == number and kind in _IN_MEMORY:
            return kind.decode()
    return ""
