"""The programs that machines need, and how they are run by the CPU that is here."""

from __future__ import annotations

import os
import platform
import shutil
from contextlib import suppress

from toe.errors import ToeError
from toe.system.host import platform_name

QEMU, QEMU_IMG = "qemu-system-x86_64", "qemu-img"
MAKE_FILE_SYSTEM, READ_FILE_SYSTEM, CHECK_FILE_SYSTEM = "mke2fs", "debugfs", "e2fsck"
_SET_PARENT = "setpriv"
_PACKAGES = {
    QEMU: "qemu-system-x86",
    QEMU_IMG: "qemu-utils",
    MAKE_FILE_SYSTEM: "e2fsprogs",
    READ_FILE_SYSTEM: "e2fsprogs",
    CHECK_FILE_SYSTEM: "e2fsprogs",
    _SET_PARENT: "util-linux",
}
#: ioctls of /dev/kvm: a version that never changed, and a machine, which tells whether the CPU can.
_KVM_GET_API_VERSION, _KVM_CREATE_VM, _KVM_VERSION = 0xAE00, 0xAE01, 12
#: Ends with the process that started it, also where that has died in between: then its parent is another one.
_WITH_PARENT = '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"'


def require(*programs: str) -> None:
    """Raise ToeError where one of these is missing, with the packages that have them."""
    if platform_name() != "linux":
        raise ToeError("machines need Linux", hint="run toe in a machine with Linux, such as that of WSL or Lima")
    if platform.machine() != "x86_64":
        raise ToeError(f"machines are for x86_64; this is {platform.machine()}")
    missing = [program for program in programs if not found(program)]
    if missing:
        packages = " ".join(dict.fromkeys(_PACKAGES[program] for program in missing))
        raise ToeError(f"{', '.join(missing)} not found", hint=f"apt-get install {packages}")


def found(program: str) -> str:
    """The path of a program, "" where there is none; those for root alone need not be in PATH."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin") or ""


def require_machines() -> None:
    """Raise ToeError where a machine cannot be started here."""
    require(QEMU, QEMU_IMG, MAKE_FILE_SYSTEM, READ_FILE_SYSTEM, CHECK_FILE_SYSTEM, _SET_PARENT)


def ended_with_us(argv: list[str]) -> list[str]:
    """The command as one that the kernel kills when the calling thread is gone."""
    return [found(_SET_PARENT), "--pdeathsig", "KILL", "/bin/sh", "-c", _WITH_PARENT, "sh", str(os.getpid()), *argv]


def has_kvm() -> bool:
    """Whether the machine can run on the CPU itself.

    A module of the kernel may offer machines on a CPU that has none: they take longer than translation, or never start.
    """
    import fcntl

    if not _has_virtualisation():
        return False
    with suppress(OSError):
        descriptor = os.open("/dev/kvm", os.O_RDWR)
        try:
            ioctl = fcntl.ioctl  # type: ignore[attr-defined,unused-ignore]
            if ioctl(descriptor, _KVM_GET_API_VERSION) == _KVM_VERSION:
                os.close(ioctl(descriptor, _KVM_CREATE_VM, 0))
                return True
        finally:
            os.close(descriptor)
    return False


def _has_virtualisation() -> bool:
    with suppress(OSError), open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:
        flags = next((line.split() for line in lines if line.startswith("flags")), [])
        return "vmx" in flags or "svm" in flags
    return False


def cpu_options() -> list[str]:
    """What tells qemu how to run the guest's instructions: by the CPU, else by translating them."""
    if has_kvm():
        return ["-accel", "kvm", "-cpu", "host"]
    return ["-accel", "tcg,thread=multi,tb-size=256", "-cpu", "qemu64"]
