"""Which trigger is chosen, and that all are taken away."""

from __future__ import annotations

from pathlib import Path

import pytest
from resume_machine import Machine

from toe.errors import ToeError
from toe.system.resume.triggers import choose_trigger, remove_triggers, resume_triggers


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def refusal(machine: Machine, *, is_root: bool = True, platform: str = "linux") -> str:
    with pytest.raises(ToeError) as caught:
        choose_trigger(machine.host(is_root=is_root, platform=platform), str(machine.state), str(machine.root))
    assert "--reboot exit" in caught.value.hint
    return caught.value.message


def test_choose_prefers_systemd(machine: Machine) -> None:
    machine.add_systemd()
    machine.add_cron()
    assert choose_trigger(machine.host(), str(machine.state), str(machine.root)).name == "systemd"


def test_choose_takes_cron_when_there_is_no_systemd(machine: Machine) -> None:
    machine.add_cron()
    assert choose_trigger(machine.host(), str(machine.state), str(machine.root)).name == "cron"


def test_choose_names_what_is_missing_for_each(machine: Machine) -> None:
    assert refusal(machine) == (
        "nothing here can have the run go on after a reboot: "
        "systemd: this machine was not booted by systemd; cron: there is no crontab program"
    )


def test_choose_refuses_everybody_but_root(machine: Machine) -> None:
    machine.add_systemd()
    machine.add_cron()
    assert refusal(machine, is_root=False) == "only root can have a run go on after a reboot"


def test_remove_triggers_takes_away_every_kind(machine: Machine) -> None:
    machine.add_systemd()
    machine.add_cron()
    machine.crontab_file.write_text("# mine\n")
    for trigger in resume_triggers(machine.host(), str(machine.state), str(machine.root)):
        trigger.install(machine.command())
    remove_triggers(machine.host(), str(machine.state), "run-1", str(machine.root))
    assert (machine.files(), machine.crontab_file.read_text()) == (set(), "# mine\n")


def test_remove_triggers_keeps_the_script_until_all_is_gone(machine: Machine) -> None:
    machine.add_systemd()
    machine.add_cron()
    for trigger in resume_triggers(machine.host(), str(machine.state), str(machine.root)):
        trigger.install(machine.command())
    machine.add_program("crontab", f'[ "$1" = -l ] && exec /bin/cat {machine.crontab_file}; echo broken >&2; exit 1')
    with pytest.raises(ToeError, match="root's crontab cannot be written: exit code 1: broken"):
        remove_triggers(machine.host(), str(machine.state), "run-1", str(machine.root))
    assert machine.files() == {"run-1.resume"}
    (machine.programs / "crontab").unlink()
    remove_triggers(machine.host(), str(machine.state), "run-1", str(machine.root))
    assert machine.files() == set()


def test_remove_triggers_takes_the_rest_away_when_the_crontab_cannot_be_read(machine: Machine) -> None:
    machine.add_systemd()
    machine.add_program("crontab", "echo 'You (root) are not allowed' >&2; exit 1")
    choose_trigger(machine.host(), str(machine.state), str(machine.root)).install(machine.command())
    remove_triggers(machine.host(), str(machine.state), "run-1", str(machine.root))
    assert machine.files() == set()


def test_remove_triggers_is_no_error_when_nothing_is_there(machine: Machine) -> None:
    remove_triggers(machine.host(is_root=False), str(machine.state), "run-1", str(machine.root))
