"""The trigger that is a systemd unit, in a throw-away root."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from resume_machine import Machine

from toe.errors import ToeError
from toe.system.resume.systemd import SystemdTrigger

UNIT = "etc/systemd/system/toe-resume-run-1.service"
LINK = "etc/systemd/system/multi-user.target.wants/toe-resume-run-1.service"
RUNTIME = "run/systemd/system/toe-resume-run-1.service"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.add_systemd()
    return machine


def trigger_on(machine: Machine, *, is_root: bool = True) -> SystemdTrigger:
    return SystemdTrigger(machine.host(is_root=is_root), str(machine.state), str(machine.root))


def test_systemd_installs_a_unit_its_link_and_a_script(machine: Machine) -> None:
    trigger_on(machine).install(machine.command())
    assert machine.files() == {UNIT, LINK, "run-1.resume"}
    assert (machine.root / LINK).resolve() == machine.root / UNIT
    assert stat.S_IMODE((machine.root / UNIT).stat().st_mode) == 0o644
    assert stat.S_IMODE((machine.root / LINK).parent.stat().st_mode) == 0o755
    assert stat.S_IMODE((machine.state / "run-1.resume").stat().st_mode) == 0o700
    assert str(machine.state / "run-1.resume") in (machine.root / UNIT).read_text()


def test_systemd_shows_no_secret_in_the_unit(machine: Machine) -> None:
    trigger_on(machine).install(machine.command())
    assert "a secret" not in (machine.root / UNIT).read_text()


def test_systemd_installs_again_over_what_is_there(machine: Machine) -> None:
    trigger = trigger_on(machine)
    trigger.install(machine.command())
    (machine.root / UNIT).write_text("stale")
    trigger.install(machine.command())
    assert (machine.root / UNIT).read_text().startswith("[Unit]")


def test_systemd_removes_what_it_installed_and_nothing_else(machine: Machine) -> None:
    trigger = trigger_on(machine)
    (machine.root / "etc/systemd/system/other.service").write_text("other")
    trigger.install(machine.command())
    trigger.install(machine.command("run-11"))
    trigger.remove("run-1")
    trigger.remove("run-1")
    left = {"etc/systemd/system/other.service", UNIT.replace("run-1", "run-11"), LINK.replace("run-1", "run-11")}
    assert machine.files() == {*left, "run-1.resume", "run-11.resume"}


@pytest.mark.parametrize(
    "cgroup",
    [
        "0::/system.slice/toe-resume-run-1.service\n",
        "3:cpu:/\n1:name=systemd:/system.slice/toe-resume-run-1.service/below\n0::/\n",
    ],
)
def test_systemd_leaves_the_running_unit_in_force_until_its_end(machine: Machine, cgroup: str) -> None:
    trigger = trigger_on(machine)
    trigger.install(machine.command())
    text = (machine.root / UNIT).read_text()
    (machine.root / "proc/self").mkdir(parents=True)
    (machine.root / "proc/self/cgroup").write_text(cgroup)
    trigger.remove("run-1")
    assert machine.files() == {RUNTIME, "run-1.resume"}
    assert (machine.root / RUNTIME).read_text() == text
    trigger.remove("run-1")
    assert machine.files() == {RUNTIME, "run-1.resume"}


def test_systemd_leaves_nothing_when_it_fails_half_way(machine: Machine) -> None:
    (machine.root / LINK).parent.write_text("a file where the folder of links should be")
    with pytest.raises(ToeError, match=r"cannot create .*toe-resume-run-1.service': not a directory"):
        trigger_on(machine).install(machine.command())
    assert machine.files() == {"etc/systemd/system/multi-user.target.wants"}


def test_systemd_says_where_it_cannot_write(machine: Machine) -> None:
    trigger = trigger_on(machine)
    machine.state.rmdir()
    with pytest.raises(ToeError, match=r"cannot write '.*run-1.resume': no such file or directory"):
        trigger.install(machine.command())


def test_systemd_has_no_obstacle_where_it_runs(machine: Machine) -> None:
    assert trigger_on(machine).obstacle() == ""


def test_systemd_says_what_is_missing(machine: Machine) -> None:
    assert "root" in trigger_on(machine, is_root=False).obstacle()
    (machine.root / "etc/systemd/system").rmdir()
    assert trigger_on(machine).obstacle() == "/etc/systemd/system cannot be written"
    (machine.root / "run/systemd/system").rmdir()
    assert trigger_on(machine).obstacle() == "this machine was not booted by systemd"


def test_systemd_refuses_a_state_directory_that_no_unit_can_name(machine: Machine) -> None:
    assert "state directory" in SystemdTrigger(machine.host(), "/two\nlines", str(machine.root)).obstacle()
