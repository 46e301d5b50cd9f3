"""The programs that machines need, and how they are run by the CPU that is here."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from toe.errors import ToeError
from toe.system.host import platform_name

QEMU, QEMU_IMG = "qemu-system-x86_64", "qemu-img"
MAKE_FILE_SYSTEM, READ_FILE_SYSTEM, CHECK_FILE_SYSTEM = "mke2fs", "debugfs", "e2fsck"
RESIZE_FILE_SYSTEM, MAKE_FAT, COPY_FAT, MAKE_IMAGE, QEMU_IO = "resize2fs", "mkdosfs", "mcopy", "genimage", "qemu-io"
_SET_PARENT = "setpriv"
_PACKAGES = {
    QEMU: "qemu-system-x86",
    QEMU_IMG: "qemu-utils",
    MAKE_FILE_SYSTEM: "e2fsprogs",
    READ_FILE_SYSTEM: "e2fsprogs",
    CHECK_FILE_SYSTEM: "e2fsprogs",
    RESIZE_FILE_SYSTEM: "e2fsprogs",
    MAKE_FAT: "dosfstools",
    COPY_FAT: "mtools",
    MAKE_IMAGE: "genimage",
    QEMU_IO: "qemu-utils",
    _SET_PARENT: "util-linux",
}
#: systemd-boot, which is copied into disks.
LOADER = Path("/usr/lib/systemd/boot/efi/systemd-bootx64.efi")
#: The firmware and what it keeps of a new machine, as Debian, Fedora and Arch have them.
_FIRMWARE = (
    ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
    ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
    ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
)
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
    _refuse({program: _PACKAGES[program] for program in programs if not found(program)})


def _refuse(missing: Mapping[str, str]) -> None:
    if missing:
        packages = " ".join(dict.fromkeys(missing.values()))
        raise ToeError(f"{', '.join(missing)} not found", hint=f"apt-get install {packages}")


def found(program: str) -> str:
    """The path of a program, "" where there is none; those for root alone need not be in PATH."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin") or ""


def require_machines() -> None:
    """Raise ToeError where a machine cannot be started here."""
    require(QEMU, QEMU_IMG, MAKE_FILE_SYSTEM, READ_FILE_SYSTEM, CHECK_FILE_SYSTEM, _SET_PARENT)


def require_efi(*, is_booted: bool) -> None:
    """Raise ToeError where no disk can be made that starts by UEFI, or, if it `is_booted`, no firmware starts it."""
    programs = (MAKE_IMAGE, MAKE_FAT, COPY_FAT, RESIZE_FILE_SYSTEM, *((QEMU_IO,) if is_booted else ()))
    missing = {program: _PACKAGES[program] for program in programs if not found(program)}
    if not LOADER.exists():
        missing[LOADER.name] = "systemd-boot-efi"
    if is_booted and not _firmware_here():
        missing[Path(_FIRMWARE[0][0]).name] = "ovmf"
    _refuse(missing)


def firmware() -> tuple[Path, Path]:
    """The code of the firmware for UEFI, and what it keeps of a new machine. Raises ToeError where there is none."""
    here = _firmware_here()
    if not here:
        raise ToeError("there is no firmware for UEFI", hint="apt-get install ovmf")
    return here[0]


def _firmware_here() -> list[tuple[Path, Path]]:
    pairs = ((Path(code), Path(variables)) for code, variables in _FIRMWARE)
    return [pair for pair in pairs if all(path.exists() for path in pair)]


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
