"""Disks that start by UEFI: what the tools are told, what is refused, what lies on the disk. None is booted here."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from toe.cli.build import order_of
from toe.cli.command import unset
from toe.cli.options import COMMANDS
from toe.errors import ToeError
from toe.images.machines.building import check_bootable
from toe.images.machines.disks import disk_of, overlay
from toe.images.machines.drives import entries, make_drive, settle
from toe.images.machines.efi_boot import by_efi, with_words
from toe.images.machines.efi_disk import ENTRY, Ids, configuration, entry, make_efi_disk
from toe.images.machines.loading import partitions_of
from toe.images.machines.programs import require_efi
from toe.images.machines.start import ROOT, Start, first_process

MIB = 1 << 20


def test_the_loaders_entry_names_the_partition_and_the_version() -> None:
    ids = Ids("sha256:1")
    assert entry(ids, "vmlinuz-6.1.0-10-cloud-amd64", has_initrd=True).splitlines() == [
        "title Linux 6.1.0-10-cloud-amd64",
        "linux /vmlinuz",
        "initrd /initrd.img",
        f"options root=PARTUUID={ids.root} rw console=tty0 console=ttyS0",
    ]
    assert entry(ids, "vmlinuz", has_initrd=False).splitlines()[:2] == ["title Linux", "linux /vmlinuz"]


def test_the_same_content_has_the_same_ids_and_other_content_others() -> None:
    one, same, other = Ids("sha256:1"), Ids("sha256:1"), Ids("sha256:2")
    assert (one.disk, one.root, one.esp) == (same.disk, same.root, same.esp)
    assert len({one.disk, one.root, one.esp, other.disk, other.root, other.esp}) == 6


def test_genimage_is_told_of_both_partitions() -> None:
    ids = Ids("sha256:1")
    told = configuration(ids, 64 * MIB, 958 * MIB, 1024 * MIB)
    for line in (f"size = {64 * MIB}", f"size = {958 * MIB}", f"size = {1024 * MIB}", f'partition-uuid = "{ids.root}"'):
        assert line in told
    assert told.count("{") == told.count("}")


def test_words_of_a_run_come_behind_the_last_options() -> None:
    assert with_words("title a\noptions root=1\noptions rw\nlinux /b\n", "x") == (
        "title a\noptions root=1\noptions rw x\nlinux /b\n"
    )
    assert with_words("title a\nlinux /b\n", "x") == "title a\nlinux /b\noptions x\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bootable": "efi"}, "--bootable belongs to --format"),
        ({"bootable": "bios", "format": ("qcow2",)}, "--bootable is efi, not 'bios'"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ToeError, match=message):
        order_of({**unset(COMMANDS["build"]), **options, "paths": ("recipe.yml",)})


def test_a_base_with_partitions_keeps_its_loader() -> None:
    with pytest.raises(ToeError, match=r"'base\.raw' has partitions") as refused:
        check_bootable("base.raw", Start(Path("vmlinuz"), None, f"/dev/{ROOT}p1"), is_booted=False)
    assert "leave --bootable out" in refused.value.hint


@pytest.mark.skipif(os.path.exists("/opt/empty"), reason="a folder is expected to be absent")
def test_all_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/opt/empty")
    with pytest.raises(ToeError, match=r"genimage.*mcopy.* not found") as refused:
        require_efi(is_booted=True)
    assert refused.value.hint.startswith("apt-get install genimage")
    assert "mtools" in refused.value.hint


@pytest.mark.slow
def test_a_disk_has_its_kernel_and_all_of_its_files_in_partitions(tmp_path: Path) -> None:
    skip_without_programs()
    (tmp_path / "root/boot").mkdir(parents=True)
    for name in ("vmlinuz-6.1.0-9", "vmlinuz-6.1.0-10", "initrd.img-6.1.0-10"):
        (tmp_path / "root/boot" / name).write_text(name)
    make_drive(tmp_path / "base.raw", tmp_path / "root", size=160 * MIB, journal=True)
    (tmp_path / "beside").write_text("older")
    base = disk_of(tmp_path / "base.raw")
    made = make_efi_disk(base, Start(tmp_path / "beside", None, ""), "sha256:1", tmp_path / "efi")
    assert made.path.stat().st_size == made.size == base.size
    esp, root = partitions_of(made.path.read_bytes()[:MIB])
    assert (esp.offset, root.offset) == (MIB, 65 * MIB)
    assert (esp.size, root.size) == (64 * MIB, (160 - 64 - 2) * MIB)
    assert read(made.path, esp.offset, "vmlinuz") == "vmlinuz-6.1.0-10"
    assert read(made.path, esp.offset, "initrd.img") == "initrd.img-6.1.0-10"
    shipped = read(made.path, esp.offset, ENTRY)
    assert shipped == entry(Ids("sha256:1"), "vmlinuz-6.1.0-10", has_initrd=True)
    taken = tmp_path / "taken.ext4"
    with open(made.path, "rb") as file, open(taken, "wb") as target:
        file.seek(root.offset)
        target.write(file.read(root.size))
    settle(taken)
    assert {name for _, _, name, _ in entries(taken, "/boot")} >= {"vmlinuz-6.1.0-9", "vmlinuz-6.1.0-10"}

    before = made.path.read_bytes()
    over = overlay(tmp_path / "over with blanks.qcow2", made)
    firmware = by_efi(over, tmp_path)
    assert firmware.variables.parent == tmp_path
    assert made.path.read_bytes() == before
    subprocess.run(["qemu-img", "convert", "-O", "raw", over.path, tmp_path / "started.raw"], check=True)
    assert read(tmp_path / "started.raw", esp.offset, ENTRY).startswith(shipped.rstrip())
    assert first_process() in read(tmp_path / "started.raw", esp.offset, ENTRY)


def skip_without_programs() -> None:
    try:
        require_efi(is_booted=True)
    except ToeError as error:
        pytest.skip(f"{error.message}: {error.hint}")


def read(disk: Path, offset: int, name: str) -> str:
    """A file of the partition that UEFI starts."""
    command = ["mcopy", "-n", "-i", f"{disk}@@{offset}", f"::/{name}", "-"]
    return subprocess.check_output(command, text=True)


def test_a_file_system_that_is_full_has_no_room_for_a_loader(tmp_path: Path) -> None:
    skip_without_programs()
    (tmp_path / "root/boot").mkdir(parents=True)
    (tmp_path / "root/boot/vmlinuz-6.1").write_text("kernel")
    make_drive(tmp_path / "base.raw", tmp_path / "root", size=32 * MIB, journal=True)
    with pytest.raises(ToeError, match="there is no room for a partition for UEFI") as refused:
        make_efi_disk(disk_of(tmp_path / "base.raw"), Start(tmp_path, None, ""), "", tmp_path / "efi")
    assert "blockDeviceMappings" in refused.value.hint
