"""A Debian as cloud images are: partitions, a loader, cloud-init. Made of packages, without a loop device.

FOLDER/root holds the system (a base to start by its kernel), FOLDER/cloud.raw a disk that BIOS starts by GRUB, and
FOLDER/cloud-efi.raw one that EFI starts by systemd-boot. Made once in $TOE_VM_DIR/cloud
(default /var/cache/toe-tests/cloud), in two minutes, and never written to.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import struct
import subprocess
from pathlib import Path

from nspawn_machine import UnavailableError

from toe.images.machines.drives import make_drive

TOOLS = ("debootstrap", "mke2fs", "genimage", "mkdosfs", "mcopy")
NEEDED = "debootstrap e2fsprogs genimage dosfstools mtools"
_PACKAGES = (
    "systemd-sysv,udev,dbus,iproute2,ifupdown,isc-dhcp-client,cloud-init,python3-cffi-backend,cloud-guest-utils,"
    "linux-image-cloud-amd64,grub-pc-bin,grub-common,systemd-boot-efi"
)
_MODULES = ("biosdisk", "part_gpt", "ext2", "normal", "linux", "configfile")
_SYSTEM_BYTES = 1 << 30
#: Where the table of genimage below puts the second stage, in sectors of 512 bytes.
_SECOND_STAGE = 2048
_WORDS = "root=LABEL=root rw console=ttyS0 mitigations=off"
_MENU = f"""\
set root=(hd0,gpt2)
linux /vmlinuz {_WORDS}
initrd /initrd.img
boot
"""
_ENTRY = f"""\
title Debian
linux /vmlinuz
initrd /initrd.img
options {_WORDS}
"""
#: What takes long where instructions are translated, and is of no use here.
_FEW_MODULES = """\
datasource_list: [NoCloud, None]
cloud_init_modules: [growpart, resizefs]
cloud_config_modules: []
cloud_final_modules: [scripts-user]
"""
_UNITS = (
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer"),
    *("e2scrub_reap.service", "cloud-init-hotplugd.socket", "getty@tty1.service", "systemd-pstore.service"),
)
_TABLE = """\
image cloud.raw {
  hdimage { partition-table-type = "gpt" }
  partition bios {
    image = "core.img"
    offset = 1M
    size = 1M
    partition-type-uuid = "21686148-6449-6e6f-744e-656564454649"
  }
  partition root { image = "root.ext4" partition-type-uuid = "L" }
}
image esp.vfat { vfat { label = "ESP" } size = 64M }
image cloud-efi.raw {
  hdimage { partition-table-type = "gpt" }
  partition esp { image = "esp.vfat" partition-type-uuid = "U" }
  partition root { image = "root.ext4" partition-type-uuid = "L" }
}
"""


def cloud_folder() -> Path:
    """The folder with the base, made where it is missing. Raises UnavailableError."""
    if os.geteuid() != 0:
        raise UnavailableError("only root can make a root file system")
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        raise UnavailableError(f"{', '.join(missing)} not found; apt-get install {NEEDED}")
    folder = Path(os.environ.get("TOE_VM_DIR") or "/var/cache/toe-tests") / "cloud"
    folder.mkdir(parents=True, exist_ok=True)
    version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    finished = folder / "finished"
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists() or finished.read_text() != version:
            finished.unlink(missing_ok=True)
            try:
                make_root(folder / "root")
                make_disk(folder / "root", folder)
            except subprocess.CalledProcessError as error:
                words = (error.stderr or b"").decode(errors="replace")[-500:]
                raise UnavailableError(f"{error.cmd} failed: {words}") from error
            finished.write_text(version)
    return folder


def make_root(root: Path) -> None:
    """Make the system."""
    shutil.rmtree(root, ignore_errors=True)
    told = ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", str(root)]
    subprocess.run(told, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    for path in (*root.glob("var/cache/apt/archives/*.deb"), *root.glob("var/lib/apt/lists/*_*")):
        path.unlink()
    settle_root(root)


def settle_root(root: Path) -> None:
    """Have the system start by the disk's loader, and soon."""
    (root / "etc/hostname").write_text("cloud\n")
    (root / "etc/machine-id").write_text("")  # "uninitialized" would enable all services
    (root / "etc/fstab").write_text("LABEL=root / ext4 defaults 0 1\n")
    (root / "etc/cloud/cloud.cfg.d/90-few.cfg").write_text(_FEW_MODULES)
    for unit in _UNITS:
        (root / "etc/systemd/system" / unit).symlink_to("/dev/null")
    (root / "boot/grub").mkdir(exist_ok=True)
    (root / "boot/grub/grub.cfg").write_text(_MENU)


def make_disk(root: Path, folder: Path) -> None:
    """Make the disks of a system: GRUB's first stage, its second stage in a partition, the system; ESP and system."""
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    for name in ("in", "tmp", "esp/EFI/BOOT", "esp/loader/entries"):
        (scratch / name).mkdir(parents=True)
    try:
        first, second = _stages(root)
        (scratch / "in/core.img").write_bytes(second)
        make_drive(scratch / "in/root.ext4", root, size=_SYSTEM_BYTES, journal=True, label="root")
        _fill_esp(root, scratch / "esp")
        (scratch / "table").write_text(_TABLE)
        told = ["genimage", "--config", "table", "--rootpath", "esp", "--tmppath", "tmp", "--inputpath", "in"]
        subprocess.run([*told, "--outputpath", "out"], cwd=scratch, capture_output=True, check=True)
        with open(scratch / "out/cloud.raw", "r+b") as file:
            file.write(first)
        for name in ("cloud.raw", "cloud-efi.raw"):
            (scratch / "out" / name).rename(folder / name)
    finally:
        shutil.rmtree(scratch)


def _fill_esp(root: Path, esp: Path) -> None:
    """Lay systemd-boot, and what it starts, into a folder."""
    shutil.copy(root / "usr/lib/systemd/boot/efi/systemd-bootx64.efi", esp / "EFI/BOOT/BOOTX64.EFI")
    for name in ("vmlinuz", "initrd.img"):
        (found,) = root.glob(f"boot/{name}-*")
        shutil.copy(found, esp / name)
    (esp / "loader/loader.conf").write_text("timeout 0\n")
    (esp / "loader/entries/debian.conf").write_text(_ENTRY)


def _stages(root: Path) -> tuple[bytes, bytes]:
    """GRUB's first stage, which has room for the partition table behind it, and its second, both told their places."""
    told = ["grub-mkimage", "-O", "i386-pc", "-o", "/core.img", "-p", "(hd0,gpt2)/boot/grub", *_MODULES]
    subprocess.run(["chroot", root, *told], capture_output=True, check=True)
    second = bytearray((root / "core.img").read_bytes())
    (root / "core.img").unlink()
    struct.pack_into("<Q", second, 500, _SECOND_STAGE + 1)
    first = bytearray((root / "usr/lib/grub/i386-pc/boot.img").read_bytes()[:440])
    struct.pack_into("<Q", first, 0x5C, _SECOND_STAGE)
    struct.pack_into("<H", first, 0x66, 0x9090)  # the drive is that which the firmware started
    return bytes(first), bytes(second)
