"""Disks with a loader of their own: how they are known, what cloud-init is told, and the words for qemu."""

from __future__ import annotations

import json
import shutil
import struct
import uuid
from pathlib import Path

import pytest
from machine_seeds import read_volume

from toe.errors import ToeError
from toe.images.machines import own_loader as loaders
from toe.images.machines.disks import RAW, Disk, disk_of
from toe.images.machines.loading import start_of
from toe.images.machines.own_loader import BIOS, EFI, OwnLoader, own_loader
from toe.images.machines.qemu import Drive, Machine, command
from toe.images.machines.seed import Seed, write_seed
from toe.images.machines.start import Start, only_script, scripts

ESP = uuid.UUID("c12a7328-f81f-11d2-ba4b-00a0c93ec93b")
BIOS_BOOT = uuid.UUID("21686148-6449-6e6f-744e-656564454649")
LINUX = uuid.UUID("0fc63daf-8483-4772-8e79-3d69d8477de4")
NO_CODE = bytes(510) + b"\x55\xaa"
CODE = b"\xeb\x63" + NO_CODE[2:]


def first_bytes(sector: bytes, *kinds: uuid.UUID) -> bytes:
    """The beginning of a disk with a GPT of these partitions."""
    table = bytearray(sector) + bytearray(63 * 512)
    table[512:520] = b"EFI PART"
    struct.pack_into("<QII", table, 512 + 72, 2, 128, 128)
    for number, kind in enumerate(kinds):
        table[1024 + number * 128 : 1040 + number * 128] = kind.bytes_le
        struct.pack_into("<QQ", table, 1024 + number * 128 + 32, 2048, 4095)
    return bytes(table)


@pytest.mark.parametrize(
    ("sector", "kinds", "firmware"),
    [
        (CODE, (BIOS_BOOT, LINUX), BIOS),
        (CODE, (ESP, BIOS_BOOT, LINUX), BIOS),
        (CODE, (ESP, LINUX), EFI),  # some tools write code that says only that it starts nothing
        (NO_CODE, (ESP, LINUX), EFI),
        (CODE, (), BIOS),
        (NO_CODE[:450] + b"\xef" + NO_CODE[451:], (), EFI),
        (NO_CODE, (LINUX,), None),
    ],
)
def test_a_loader_is_known_by_the_first_sector_and_the_partitions(
    sector: bytes, kinds: tuple[uuid.UUID, ...], firmware: str | None
) -> None:
    assert own_loader(sector, kinds) == (OwnLoader(firmware) if firmware else None)


@pytest.mark.skipif(not shutil.which("qemu-img"), reason="apt-get install qemu-utils")
def test_a_disk_starts_by_the_kernel_beside_it_else_by_its_loader_or_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "disk.raw"
    path.write_bytes(first_bytes(NO_CODE, LINUX).ljust(4 << 20, b"\0"))
    with pytest.raises(ToeError, match="neither a loader that starts it nor a kernel beside it"):
        start_of(disk_of(path), tmp_path)
    path.write_bytes(first_bytes(CODE, BIOS_BOOT, LINUX).ljust(4 << 20, b"\0"))
    assert start_of(disk_of(path), tmp_path) == OwnLoader(BIOS)
    (tmp_path / "vmlinuz").touch()
    assert start_of(disk_of(path), tmp_path) == Start(tmp_path / "vmlinuz", None, "/dev/nvme0n1p2")


def test_efi_without_ovmf_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaders, "_OVMF", ())
    with pytest.raises(ToeError, match="there is no OVMF here") as caught:
        OwnLoader(EFI).options()
    assert caught.value.hint == "apt-get install ovmf"
    assert OwnLoader(BIOS).options() == []


def test_the_user_data_goes_to_cloud_init_as_it_is_and_ours_beside_it() -> None:
    given = b"\x1f\x8b\x08 gzip or what else"
    files = Seed("toe-1", given, starts=True).files()
    assert files["user-data"] == given
    assert json.loads(files["meta-data"]) == {"instance-id": "toe-1"}
    assert files["vendor-data"].startswith(b"#cloud-boothook\n#!/bin/sh\n")
    assert Seed("toe-1", given, starts=False).files()["vendor-data"] == b""


@pytest.mark.skipif(not shutil.which("qemu-img"), reason="apt-get install qemu-utils")
def test_qemu_shows_the_seed_as_the_volume_that_cloud_init_looks_for(tmp_path: Path) -> None:
    write_seed(tmp_path / "seed", Seed("toe-1", b"#!/bin/sh\n", starts=True))
    assert (tmp_path / "seed").stat().st_mode & 0o077 == 0
    assert read_volume(tmp_path / "seed") == ("CIDATA", {"meta-data", "user-data", "vendor-data"})


def words(start: Start | OwnLoader, *, seed: Path | None = None, network: bool = False) -> str:
    """qemu's command line for a machine of one disk."""
    return " ".join(command(Machine((Drive(Disk(Path("/disk"), RAW, 512)),), start, seed, network), ()))


def test_a_machine_has_a_network_only_where_it_is_asked_for() -> None:
    direct, loader = Start(Path("/vmlinuz"), None, "/dev/nvme0n1"), OwnLoader(BIOS)
    assert "-nic none" in words(direct)
    assert "user,id=net,restrict=on" in words(loader)
    for start in (direct, loader):
        assert "-netdev user,id=net -device" in words(start, network=True)
    assert "-kernel" in words(direct)
    assert "-kernel" not in words(loader)
    assert "driver=vvfat,dir=/a,,b,label=CIDATA" in words(loader, seed=Path("/a,b"))
    assert "nsid=2,drive=d2" in words(loader, seed=Path("/seed"))


def test_the_scripts_wait_for_a_network_only_where_it_is_asked_for() -> None:
    assert "networkd" not in "".join(scripts(["python"], is_thrown_away=True).values())
    with_one = scripts(["python"], is_thrown_away=True, has_network=True)
    assert "DHCP=ipv4" in with_one["prepare"]
    assert with_one["work"].index("networkd") < with_one["work"].index("python -m")
    assert only_script("exit 1\n")["hook"].endswith("echo o > /proc/sysrq-trigger\n")
