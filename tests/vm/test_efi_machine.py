"""`toe build --bootable efi`: UEFI starts the disk that comes out, with its own loader. Slow: `pytest -m vm`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from machine_steps import bash, build, component, recipe

from toe.errors import ToeError
from toe.images.machines.disks import disk_of
from toe.images.machines.programs import found, require_efi

pytestmark = [
    pytest.mark.vm,
    pytest.mark.skipif(shutil.which("qemu-system-x86_64") is None, reason="apt-get install qemu-system-x86 qemu-utils"),
]

REBOOT = {"name": "Reboot", "action": "Reboot"}


def test_a_disk_starts_by_uefi_with_the_kernel_that_a_component_installed(disk: Path, tmp_path: Path) -> None:
    try:
        require_efi(is_booted=True)
    except ToeError as error:
        pytest.skip(f"{error.message}: {error.hint}")
    with_kernel, kernel = tmp_path / "base.raw", tmp_path / "kernel"
    subprocess.run(["cp", "--sparse=always", disk, with_kernel], check=True)
    shutil.copy(disk.with_suffix(".vmlinuz"), tmp_path / "base.vmlinuz")
    kernel.write_bytes((tmp_path / "base.vmlinuz").read_bytes() + bytes(512))
    subprocess.run([found("debugfs"), "-w", "-R", f"write {kernel} new-kernel", with_kernel], check=True)
    component(
        "kernel",
        build=[bash("Install", "mkdir -p /boot; mv /new-kernel /boot/vmlinuz-9.9.9")],
        test=[
            bash("Firmware", "test -d /sys/firmware/efi; cat /proc/cmdline", "grep -w PARTUUID /proc/cmdline"),
            bash("Root", "test $(stat -c %Hd:%Ld /) = $(cat /sys/class/block/nvme0n1p2/dev)"),
            REBOOT,
            bash("Again", "test -e /boot/vmlinuz-9.9.9"),
        ],
    )  # fmt: skip
    recipe(with_kernel, "kernel")
    told, people = build("--format", "raw", "--bootable", "efi")
    assert told["status"] == "success", people
    assert [one["steps"] for one in told["tests"]] == [4]
    image = Path(told["tags"][0])
    assert disk_of(image).size == disk_of(disk).size
    esp = f"{image}@@{1 << 20}"
    shipped = subprocess.check_output(["mcopy", "-n", "-i", esp, "::/vmlinuz", "-"])
    assert shipped == kernel.read_bytes()
    entry = subprocess.check_output(["mcopy", "-n", "-i", esp, "::/loader/entries/linux.conf", "-"], text=True)
    assert entry.startswith("title Linux 9.9.9\n")
    assert "init=" not in entry, "it was written to by the test"
