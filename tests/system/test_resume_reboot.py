"""The reboot, by programs that only record. Each test gives a PATH and a root of its own: never the machine's."""

from __future__ import annotations

from pathlib import Path

import pytest
from resume_machine import Machine

from toe.errors import ToeError
from toe.system.resume.reboot import reboot_machine, reboot_obstacle


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def reboot(machine: Machine, timeout_seconds: float = 20) -> None:
    reboot_machine(machine.host(), str(machine.root), timeout_seconds=timeout_seconds)


def test_reboot_asks_systemctl(machine: Machine) -> None:
    machine.add_program("systemctl", "")
    machine.add_program("shutdown", "")
    reboot(machine)
    assert machine.calls() == ["systemctl reboot"]


def test_reboot_asks_shutdown_when_there_is_no_systemctl(machine: Machine) -> None:
    machine.add_program("shutdown", "")
    reboot(machine)
    assert machine.calls() == ["shutdown -r now"]


def test_reboot_asks_shutdown_when_systemctl_fails(machine: Machine) -> None:
    machine.add_program("systemctl", "echo 'System has not been booted with systemd' >&2; exit 1")
    machine.add_program("shutdown", "")
    reboot(machine)
    assert machine.calls() == ["systemctl reboot", "shutdown -r now"]


def test_reboot_finds_shutdown_in_the_usual_folders_when_path_lacks_it(machine: Machine) -> None:
    machine.add_program("shutdown", "")
    (machine.root / "sbin").mkdir()
    (machine.programs / "shutdown").rename(machine.root / "sbin/shutdown")
    reboot(machine)
    assert machine.calls() == ["shutdown -r now"]


def test_reboot_tells_of_both_ways_when_neither_works(machine: Machine) -> None:
    machine.add_program("systemctl", "echo 'Access denied' >&2; exit 4")
    machine.add_program("shutdown", "exec /bin/sleep 30")
    with pytest.raises(ToeError) as caught:
        reboot(machine, timeout_seconds=0.5)
    assert caught.value.message == (
        "the machine could not be rebooted: systemctl reboot: exit code 4: Access denied; "
        f"shutdown -r now: '{machine.programs}/shutdown' took longer than 0.5 seconds"
    )


def test_reboot_says_what_is_missing(machine: Machine) -> None:
    with pytest.raises(ToeError, match=r"systemctl reboot: not found; shutdown -r now: not found$"):
        reboot(machine)


def test_reboot_obstacle_is_known_before(machine: Machine) -> None:
    assert reboot_obstacle(machine.host(), str(machine.root)) == "there is neither systemctl nor shutdown"
    machine.add_program("shutdown", "")
    assert reboot_obstacle(machine.host(), str(machine.root)) == ""
    assert machine.calls() == []
