"""The command of a machine: what qemu is told of its disks, its console, its port and how it is started."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toe.images.machines.disks import RAW, Disk
from toe.images.machines.network import card_options
from toe.images.machines.own_loader import OwnLoader
from toe.images.machines.programs import QEMU, cpu_options
from toe.images.machines.seed import LABEL
from toe.images.machines.start import PORT, Firmware, Start, for_a_run
from toe.records import NamedTuple

MEMORY_MIB = 1024
#: On the CPU itself. Where instructions are translated a machine has one: with two, interrupts were seen to get lost,
#: so that the kernel waited for ever, and one takes hardly longer.
PROCESSORS = 2
#: Of a kernel whose instructions are translated. It looks for the timer's interrupts for as long as it takes to count a
#: loop: a busy host delivers too few by then, and the kernel panics ("IO-APIC + timer doesn't work").
_TRANSLATED = "mitigations=off no_timer_check"


class Drive(NamedTuple):
    """A drive of a machine. What is written need not be safe from a power cut here: the disk is thrown away then."""

    disk: Disk
    writable: bool = False


class Machine(NamedTuple):
    """What a machine is made of: the first drive is its disk. `seed` is a folder that cloud-init finds as a volume."""

    drives: Sequence[Drive]
    start: Start | Firmware | OwnLoader
    seed: Path | None = None
    network: bool = False
    memory_mib: int = MEMORY_MIB


def command(machine: Machine, talk: Sequence[str]) -> list[str]:
    """qemu's command line; `talk` connects console and port, see `talk_options` and `console_options`."""
    words = [QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-M", "q35", *cpu_options()]
    words += ["-smp", str(1 if _is_translated() else PROCESSORS), "-m", str(machine.memory_mib)]
    words += ["-no-reboot", "-boot", "menu=off"]
    words += card_options(network=machine.network, waits_for_one=isinstance(machine.start, OwnLoader))
    for number, drive in enumerate(machine.drives, 1):
        words += _drive(number, drive)
    if machine.seed is not None:
        words += _seed(len(machine.drives) + 1, machine.seed)
    return [*words, *_start(machine), *talk]


def _seed(number: int, folder: Path) -> list[str]:
    """A folder as a volume, which qemu makes up as it is read."""
    volume = f"driver=vvfat,dir={_plain(folder)},label={LABEL},if=none,id=d{number},readonly=on"
    return ["-drive", volume, "-device", f"nvme-ns,bus=disks,nsid={number},drive=d{number}"]


def _drive(number: int, drive: Drive) -> list[str]:
    disk = drive.disk
    mode = "cache=unsafe,discard=unmap,detect-zeroes=unmap" if drive.writable else "readonly=on"
    device = "nvme,id=disks,serial=toe" if number == 1 else f"nvme-ns,bus=disks,nsid={number}"
    return [
        *("-drive", f"file={_plain(disk.path)},format={disk.format},if=none,id=d{number},{mode}"),
        *("-device", f"{device},drive=d{number}"),
    ]


def _plain(path: Path) -> str:
    """A path within a list of options: a comma is written twice."""
    return str(path).replace(",", ",,")


def _start(machine: Machine) -> list[str]:
    start = machine.start
    if isinstance(start, OwnLoader):
        return start.options()
    if isinstance(start, Firmware):
        flash = "if=pflash,format=raw"
        code = f"{flash},readonly=on,file={_plain(start.code)}"
        return ["-drive", code, "-drive", f"{flash},file={_plain(start.variables)}"]
    initrd = ["-initrd", str(start.initrd)] if start.initrd else []
    return ["-kernel", str(start.kernel), *initrd, "-append", start.command_line(_for_this_cpu())]


def _for_this_cpu() -> str:
    return _TRANSLATED if _is_translated() else ""


def _is_translated() -> bool:
    return "kvm" not in cpu_options()


def words_for_a_run() -> str:
    """`for_a_run` on the CPU that is here."""
    return for_a_run(_for_this_cpu())


def talk_options(console: int, port: int, line: int) -> list[str]:
    """What connects console, port and serial line to sockets by descriptors, and qemu's own words to its stdio."""
    return [
        *("-chardev", f"socket,id=console,fd={console}", "-serial", "chardev:console"),
        *("-chardev", f"socket,id=line,fd={line}", "-serial", "chardev:line"),
        *("-chardev", f"socket,id=port,fd={port}", "-device", "virtio-serial-pci"),
        *("-device", f"virtserialport,chardev=port,name={PORT}"),
        *("-qmp", "stdio"),
    ]


def console_options() -> list[str]:
    """What connects the console to the terminal; Ctrl-A X ends the machine."""
    return ["-serial", "mon:stdio"]


def raw(path: Path) -> Disk:
    """A drive that was made here."""
    return Disk(path, RAW, path.stat().st_size)
