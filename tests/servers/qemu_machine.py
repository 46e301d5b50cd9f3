"""The same Debian as in the container, under qemu's emulation: its kernel restarts, and its power can be cut.

The disk is a copy of the image that was built, kept from one power-on to the next; what the guest syncs is on it.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
import time
from pathlib import Path

SECONDS_FOR_A_BOOT = 180
_KERNEL_OPTIONS = (
    "root=/dev/nvme0n1 rw console=ttyS0 loglevel=4 panic=-1 reboot=t mitigations=off audit=0 random.trust_cpu=on "
    "systemd.show_status=false systemd.default_timeout_stop_sec=5s"
)


class QemuMachine:
    """One machine; `built` is the folder with vmlinuz and base.img, `payload` what lies at /payload in the guest."""

    def __init__(self, built: Path, folder: Path, payload: Path) -> None:
        self._built = built
        self._folder = folder
        self.out = folder / "out"
        self._serial = folder / "serial"
        with tarfile.open(folder / "in.img", "w") as archive:
            archive.add(payload, ".")
        _grow(folder / "in.img", 1 << 20)
        (folder / "out.img").write_bytes(b"")
        os.truncate(folder / "out.img", 64 << 20)
        # As any machine has it: without a journal a file system is damaged by a power cut, whatever was synced.
        subprocess.run(["cp", "--sparse=always", built / "base.img", folder / "root.img"], check=True)
        subprocess.run(["tune2fs", "-O", "has_journal", folder / "root.img"], check=True, stdout=subprocess.DEVNULL)

    def power_on(self) -> subprocess.Popen[bytes]:
        """Start it. The process ends when the guest reboots or powers off."""
        self._serial.unlink(missing_ok=True)
        drives = {
            "root.img": "format=raw,cache=writeback",
            "in.img": "format=raw,readonly=on",
            "out.img": "format=raw",
        }
        arguments = ["qemu-system-x86_64", "-accel", "tcg,thread=multi,tb-size=256", "-M", "q35", "-cpu", "qemu64"]
        arguments += ["-smp", "2", "-m", "512", "-nodefaults", "-display", "none", "-monitor", "none", "-nic", "none"]
        arguments += ["-serial", f"file:{self._serial}", "-no-reboot", "-kernel", str(self._built / "vmlinuz")]
        arguments += ["-append", _KERNEL_OPTIONS]
        for number, (name, options) in enumerate(drives.items()):
            arguments += ["-drive", f"file={self._folder / name},if=none,id=d{number},{options}"]
            arguments += ["-device", f"nvme,drive=d{number},serial=d{number}"]
        return subprocess.Popen(arguments, stdin=subprocess.DEVNULL)

    def cut_power_when(self, said: bytes) -> None:
        """Run until this stands on the serial console, then kill the machine as a power cut does."""
        machine = self.power_on()
        limit = time.monotonic() + SECONDS_FOR_A_BOOT
        try:
            while said not in self.console():
                if machine.poll() is not None or time.monotonic() > limit:
                    raise AssertionError(self.console().decode(errors="replace"))
                time.sleep(0.05)
        finally:
            machine.kill()
            machine.wait()

    def run_to_the_end(self, *, at_most: int = 3) -> None:
        """Boot, and again after each reboot, until the guest has sent back its results, which are in `out` then."""
        for _ in range(at_most):
            if self.power_on().wait(SECONDS_FOR_A_BOOT) != 0:
                raise AssertionError(self.console().decode(errors="replace"))
            if self._takes_results():
                return
        raise AssertionError(f"no results after {at_most} boots: {self.console().decode(errors='replace')}")

    def console(self) -> bytes:
        """What the present, or last, boot said on the serial console."""
        return self._serial.read_bytes() if self._serial.exists() else b""

    def _takes_results(self) -> bool:
        try:
            with tarfile.open(self._folder / "out.img") as archive:
                archive.extractall(self.out, filter="tar")
        except tarfile.ReadError:
            return False
        return self.out.is_dir()  # zeros are an empty archive


def _grow(path: Path, multiple: int) -> None:
    os.truncate(path, -(-path.stat().st_size // multiple) * multiple)
