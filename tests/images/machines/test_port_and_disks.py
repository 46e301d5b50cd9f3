"""What a machine says is taken apart, and a disk is looked at, without starting one."""

from __future__ import annotations

import shutil
import struct
import subprocess
import uuid
from pathlib import Path

import pytest

from toe.errors import ToeError
from toe.images.machines.disks import disk_of, overlay
from toe.images.machines.drives import make_drive, read_file, take_out
from toe.images.machines.loading import initrd_for, newest_kernel, partitions_of, start_of
from toe.images.machines.port import ENDED, EVENT, Lines
from toe.images.machines.qemu import Machine, command
from toe.images.machines.start import Firmware, Start, first_process

ESP = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
needs_qemu_img = pytest.mark.skipif(not shutil.which("qemu-img"), reason="apt-get install qemu-utils")


def test_lines_are_put_together_from_blocks() -> None:
    lines = Lines()
    assert list(lines.take(b'E{"a"')) == []
    assert list(lines.take(b":1}\nX0\nE")) == [(EVENT, b'{"a":1}'), (ENDED, b"0")]
    assert list(lines.take(b"\n")) == [(EVENT, b"")]


def test_the_first_process_is_one_word_for_whoever_takes_the_command_line_apart() -> None:
    words = first_process().split(" ")
    assert words[:3] == ["init=/bin/sh", "--", "-c"]
    assert len(words) == 4


def test_partitions_are_read_from_the_table() -> None:
    table = bytearray(64 * 512)
    table[512:520] = b"EFI PART"
    struct.pack_into("<QII", table, 512 + 72, 2, 128, 128)
    table[1024:1040] = uuid.UUID(ESP).bytes_le
    struct.pack_into("<QQ", table, 1024 + 32, 2048, 4095)
    (esp,) = partitions_of(bytes(table))
    assert (esp.number, str(esp.kind), esp.offset, esp.size) == (1, ESP, 2048 * 512, 2048 * 512)
    assert partitions_of(bytes(4096)) == ()


def test_the_newest_kernel_goes_with_its_initramfs() -> None:
    names = ["vmlinuz-6.1.0-9-cloud-amd64", "vmlinuz-6.1.0-10-cloud-amd64", "initrd.img-6.1.0-10-cloud-amd64", "grub"]
    assert newest_kernel(names) == names[1]
    assert initrd_for(names[1], names) == names[2]
    assert initrd_for(names[0], names) == newest_kernel(["grub"]) == ""


@needs_qemu_img
def test_what_is_no_disk_and_what_leans_on_files_of_others_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no disk")
    with pytest.raises(ToeError, match="is no disk"):
        disk_of(tmp_path / "text")
    with open(tmp_path / "base.raw", "wb") as file:
        file.truncate(4 << 20)
    base = disk_of(tmp_path / "base.raw")
    leaning = overlay(tmp_path / "leaning.qcow2", base)
    with pytest.raises(ToeError, match=r"is a part of a disk: the rest is in '.*base\.raw'"):
        disk_of(leaning.path)
    with pytest.raises(ToeError, match="neither a file system of Linux nor a partition table"):
        start_of(base, tmp_path)


@needs_qemu_img
def test_a_file_system_without_a_kernel_says_where_one_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "root/boot").mkdir(parents=True)
    make_drive(tmp_path / "disk.raw", tmp_path / "root", size=8 << 20)
    with pytest.raises(ToeError, match="no kernel to start it") as caught:
        start_of(disk_of(tmp_path / "disk.raw"), tmp_path)
    assert str(tmp_path / "vmlinuz") in str(caught.value.hint)
    (tmp_path / "vmlinuz").touch()
    start = start_of(disk_of(tmp_path / "disk.raw"), tmp_path)
    assert start == Start(tmp_path / "vmlinuz", None, "/dev/nvme0n1")


def test_only_plain_files_come_out_of_a_drive(tmp_path: Path) -> None:
    inside, target = tmp_path / "inside/logs", tmp_path / "target"
    (inside / "step 1").mkdir(parents=True)
    target.mkdir()
    (inside / "step 1/out.log").write_text("words")
    (inside / "link").symlink_to("/etc/passwd")
    (inside / "events.jsonl").write_text("one\ntwo\n")
    (target / "events.jsonl").write_text("one\n")
    subprocess.run(["mkfifo", inside / "fifo"], check=True)
    make_drive(tmp_path / "drive.img", tmp_path / "inside")
    take_out(tmp_path / "drive.img", "/logs", target)
    assert sorted(path.name for path in target.rglob("*")) == ["events.jsonl", "out.log", "step 1"]
    assert (target / "step 1/out.log").read_text() == "words"
    assert (target / "events.jsonl").read_text() == "one\ntwo\n"
    assert read_file(tmp_path / "drive.img", "/logs/events.jsonl", tmp_path / "scratch") == b"one\ntwo\n"
    assert read_file(tmp_path / "drive.img", "/logs/absent", tmp_path / "scratch") is None


def test_a_disk_that_starts_by_itself_is_given_its_firmware_and_no_kernel(tmp_path: Path) -> None:
    firmware = Firmware(Path("/usr/share/code,1.fd"), tmp_path / "variables.fd")
    words = command(Machine((), firmware.moved(tmp_path, Path("/kept"))), ())
    assert "if=pflash,format=raw,readonly=on,file=/usr/share/code,,1.fd" in words
    assert "if=pflash,format=raw,file=/kept/variables.fd" in words
    assert not {"-kernel", "-append"} & {*words}


def test_a_kernel_moves_with_its_machine_alone() -> None:
    start = Start(Path("/run/vmlinuz"), Path("/boot/initrd.img"), "/dev/vda")
    assert start.moved(Path("/run"), Path("/kept"))[:2] == (Path("/kept/vmlinuz"), Path("/boot/initrd.img"))
