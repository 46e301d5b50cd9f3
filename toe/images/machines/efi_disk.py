"""A disk that starts by itself: a partition table, one partition for UEFI with systemd-boot and the kernel, one with
the root file system. genimage puts it together: without root, loop devices or mounts.
"""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

from toe.errors import ToeError
from toe.images.engines.commands import asked
from toe.images.machines.disks import RAW, Disk, convert
from toe.images.machines.drives import settle
from toe.images.machines.loading import kernel_in
from toe.images.machines.programs import (
    LOADER,
    MAKE_FAT,
    MAKE_IMAGE,
    RESIZE_FILE_SYSTEM,
    found,
)
from toe.images.machines.start import CONSOLE, Start

_MIB = 1 << 20
#: FAT32 does not become smaller, and there is room for a second kernel.
_LEAST_ESP, _KERNELS = 64 * _MIB, 2
#: Before the first partition and behind the last one, for the tables.
_TABLES = 2 * _MIB
_LOADER_CONFIGURATION = "timeout 0\n"
ENTRY = "loader/entries/linux.conf"
#: What the ids of a disk are made from, with what lies on it: the same image has the same ones.
_IDS = uuid.UUID("6f1d3f0c-0a51-4a53-9a43-3d54d1c9d7b2")


class Ids:
    """The ids of a disk and its root partition; `content` names what lies on it."""

    def __init__(self, content: str) -> None:
        self.disk = uuid.uuid5(_IDS, f"disk {content}")
        self.root = uuid.uuid5(_IDS, f"root {content}")
        self.esp = uuid.uuid5(_IDS, f"esp {content}")


def entry(ids: Ids, kernel: str, *, has_initrd: bool) -> str:
    """The loader's entry: the kernel, and that its root is the partition on this disk. The console is both a screen
    and the serial line, as with images of clouds.
    """
    initrd = "initrd /initrd.img\n" if has_initrd else ""
    title = f"Linux {kernel.partition('-')[2]}".rstrip()
    return (
        f"title {title}\nlinux /vmlinuz\n{initrd}options root=PARTUUID={ids.root} rw console=tty0 console={CONSOLE}\n"
    )


def configuration(ids: Ids, esp_size: int, root_size: int, size: int) -> str:
    """What genimage is told: `esp` is a folder, `root.ext4` a file beside; all sizes in bytes."""
    fat_id = ids.esp.hex[:8]
    return f"""\
image esp.vfat {{
  vfat {{
    label = "ESP"
    extraargs = "-F 32 -i {fat_id}"
  }}
  size = {esp_size}
  srcpath = "esp"
}}
image disk.raw {{
  hdimage {{
    partition-table-type = "gpt"
    align = 1M
    disk-uuid = "{ids.disk}"
  }}
  size = {size}
  partition ESP {{
    image = "esp.vfat"
    partition-type-uuid = "U"
    partition-uuid = "{ids.esp}"
  }}
  partition root {{
    image = "root.ext4"
    partition-type-uuid = "L"
    partition-uuid = "{ids.root}"
    size = {root_size}
  }}
}}
"""


def make_efi_disk(disk: Disk, beside: Start, content: str, folder: Path) -> Disk:
    """Write `disk.raw` in a new folder: as large as `disk`, a root file system on the whole of it, and with all of it.

    Its kernel is the newest one in /boot, else that of `beside`. `content` names what lies on it. Raises ToeError.
    """
    esp, root = folder / "esp", folder / "root.ext4"
    for name in ("esp/EFI/BOOT", "esp/EFI/systemd", "esp/loader/entries", "empty", "scratch", "made"):
        (folder / name).mkdir(parents=True)
    convert(disk, root, RAW)
    settle(root, thoroughly=True)
    kernel = kernel_in(root, esp)
    if not kernel:
        kernel = beside.kernel.name
        shutil.copyfile(beside.kernel, esp / "vmlinuz")
        if beside.initrd:
            shutil.copyfile(beside.initrd, esp / "initrd.img")
    for place in ("EFI/BOOT/BOOTX64.EFI", f"EFI/systemd/{LOADER.name}"):
        shutil.copyfile(LOADER, esp / place)
    (esp / "loader/loader.conf").write_text(_LOADER_CONFIGURATION)
    ids = Ids(content)
    (esp / ENTRY).write_text(entry(ids, kernel, has_initrd=(esp / "initrd.img").exists()))
    esp_size = _esp_size(esp)
    root_size = disk.size // _MIB * _MIB - esp_size - _TABLES
    _resize(root, root_size)
    (folder / "genimage.cfg").write_text(configuration(ids, esp_size, root_size, disk.size // _MIB * _MIB))
    asked(
        *(found(MAKE_IMAGE), "--loglevel", "1", "--config", "genimage.cfg", "--rootpath", "empty"),
        *("--tmppath", "scratch", "--inputpath", ".", "--outputpath", "made", "--mkdosfs", found(MAKE_FAT)),
        folder=folder,
    )
    root.unlink()
    return Disk(folder / "made/disk.raw", RAW, disk.size)


def _esp_size(esp: Path) -> int:
    """Bytes of the partition for what is in a folder."""
    needed = sum(path.stat().st_size for path in esp.rglob("*") if path.is_file())
    return max(_LEAST_ESP, -(-_KERNELS * needed // _MIB) * _MIB)


def _resize(root: Path, size: int) -> None:
    """Have a file system take this many bytes, no more and no less. Raises ToeError where it holds more."""
    try:
        asked(found(RESIZE_FILE_SYSTEM), str(root), f"{max(size, 0) // 1024}K")
    except ToeError as error:
        hint = "a larger volumeSize in blockDeviceMappings"
        raise ToeError(f"there is no room for a partition for UEFI: {error.message}", hint=hint, exit_code=1) from error
    with open(root, "r+b") as file:
        file.truncate(size)
