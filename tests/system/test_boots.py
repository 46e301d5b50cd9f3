"""Which boot is the reboot that was asked for: by systemd's journal, by wtmp, by the time; and on which machine."""

from __future__ import annotations

import struct
import sys
import time
from pathlib import Path

import pytest
from resume_machine import Machine

from toe.system.boot import boot_id
from toe.system.boots import Moment, is_elsewhere, this_moment, why_another_boot

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what Linux keeps of its boots")

ASKED_BOOT = "11111111-1111-4111-8111-111111111111"
OTHER_BOOT = "22222222222242228222222222222222"
HOUR_NS = 3600 * 10**9


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    (made.root / "etc").mkdir()
    (made.root / "var/log").mkdir(parents=True)
    (made.root / "sys/class/dmi/id").mkdir(parents=True)
    (made.root / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    return made


def asked(machine: Machine, hours_before_this_boot: float = -1) -> Moment:
    """A wish of another boot, at a time counted back from the beginning of this one."""
    booted_ns = time.time_ns() - time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    at_ns = booted_ns - int(hours_before_this_boot * HOUR_NS)
    return this_moment(str(machine.root))._replace(boot=ASKED_BOOT, at_ns=at_ns)


def why(machine: Machine, moment: Moment) -> str:
    return why_another_boot(moment, machine.host().environment, str(machine.root))


def list_boots(machine: Machine, *boots: str) -> None:
    """A `journalctl --list-boots` as systemd 252 has it."""
    lines = [
        f"{number - len(boots) + 1:3d} {boot.replace('-', '')} Sun 2026-11-29 06:20:07 UTC Sun 2026-11-29 06:21:07 UTC"
        for number, boot in enumerate(boots)
    ]
    machine.add_program("journalctl", "\n".join(f"echo '{line}'" for line in lines))


def record_boot(machine: Machine, size: int) -> None:
    """A record of a boot in wtmp, of the size that this kind of processor has."""
    record = struct.pack("hhi32s4s32s", 2, 0, 0, b"~", b"~~", b"reboot")
    with (machine.root / "var/log/wtmp").open("ab") as file:
        file.write(record.ljust(size, b"\0"))


def test_the_boot_in_which_it_was_asked_is_not_the_reboot(machine: Machine) -> None:
    assert why(machine, this_moment(str(machine.root))) == "the machine has not been rebooted since"


def test_the_next_boot_in_the_journal_counts_and_no_later_one(machine: Machine) -> None:
    list_boots(machine, OTHER_BOOT, ASKED_BOOT, boot_id())
    assert why(machine, asked(machine)) == ""
    list_boots(machine, ASKED_BOOT, OTHER_BOOT, boot_id())
    assert why(machine, asked(machine)) == "the machine has been booted 2 times since"
    list_boots(machine, OTHER_BOOT, boot_id())  # it does not reach back so far
    assert why(machine, asked(machine)) == ""


@pytest.mark.parametrize("size", [384, 400])
def test_boots_are_counted_in_wtmp_where_there_is_no_journal(machine: Machine, size: int) -> None:
    record_boot(machine, size)
    moment = asked(machine)
    assert why(machine, moment) == ""
    record_boot(machine, size)
    assert why(machine, moment) == ""
    record_boot(machine, size)
    assert why(machine, moment) == "the machine has been booted 2 times since"
    (machine.root / "var/log/wtmp").write_bytes(b"")  # logrotate
    assert why(machine, moment) == ""


def test_where_nothing_is_recorded_a_boot_that_began_much_later_is_another(machine: Machine) -> None:
    assert why(machine, asked(machine, 0.5)) == ""
    assert why(machine, asked(machine, 72.5)) == "this boot began 72 hours later"
    list_boots(machine, ASKED_BOOT, boot_id())  # a machine may stay off for a while
    assert why(machine, asked(machine, 72)) == ""


@pytest.mark.parametrize(
    ("path", "first", "second", "is_other"),
    [
        ("etc/machine-id", "0123", "4567", True),
        ("sys/class/dmi/id/product_uuid", "ec2a", "ec2b", True),
        ("sys/class/dmi/id/board_asset_tag", "i-0123", "i-4567", True),
        ("sys/class/dmi/id/board_asset_tag", "Default string", "Not Specified", False),
    ],
)
def test_another_machine_is_known(machine: Machine, path: str, first: str, second: str, is_other: bool) -> None:
    (machine.root / path).write_text(f"{first}\n")
    moment = asked(machine)
    assert not is_elsewhere(moment, str(machine.root))
    (machine.root / path).write_text(f"{second}\n")
    assert is_elsewhere(moment, str(machine.root)) is is_other
    assert why(machine, moment) == ("that was on another machine" if is_other else "")


def test_a_machine_id_that_is_made_anew_is_no_other_machine_where_the_hardware_has_one(machine: Machine) -> None:
    (machine.root / "sys/class/dmi/id/product_uuid").write_text("ec2a\n")
    moment = asked(machine)
    (machine.root / "etc/machine-id").write_text("\n")
    assert why(machine, moment) == ""
    assert "0123456789abcdef" not in repr(moment)
