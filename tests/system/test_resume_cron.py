"""The trigger in root's crontab, with a crontab program that keeps a file."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from resume_machine import Machine

from toe.errors import ToeError
from toe.system.resume.cron import CronTrigger


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.add_cron()
    return machine


def trigger_on(machine: Machine, *, is_root: bool = True) -> CronTrigger:
    return CronTrigger(machine.host(is_root=is_root), str(machine.state), str(machine.root))


def test_cron_installs_a_line_and_a_script(machine: Machine) -> None:
    machine.crontab_file.write_bytes(b"# mine\n0 5 * * * date +\\%F\n\xff no end")
    trigger_on(machine).install(machine.command())
    script = machine.state / "run-1.resume"
    added = f"@reboot /bin/sh {script} # toe-resume run-1\n".encode()
    assert machine.crontab_file.read_bytes() == b"# mine\n0 5 * * * date +\\%F\n\xff no end\n" + added
    assert stat.S_IMODE(script.stat().st_mode) == 0o700
    assert "a secret" in script.read_text()


def test_cron_removes_its_line_and_nothing_else(machine: Machine) -> None:
    trigger = trigger_on(machine)
    machine.crontab_file.write_bytes(b"# mine\n\n")
    trigger.install(machine.command())
    trigger.install(machine.command("run-2"))
    trigger.remove("run-1")
    assert machine.files() == {"run-1.resume", "run-2.resume"}
    assert machine.crontab_file.read_bytes().endswith(b"run-2\n")
    trigger.remove("run-2")
    assert machine.crontab_file.read_bytes() == b"# mine\n\n"


def test_cron_leaves_no_crontab_when_there_was_none(machine: Machine) -> None:
    trigger = trigger_on(machine)
    trigger.install(machine.command())
    trigger.remove("run-1")
    assert not machine.crontab_file.exists()


def test_cron_removes_only_once(machine: Machine) -> None:
    trigger = trigger_on(machine)
    machine.crontab_file.write_bytes(b"x\n")
    trigger.remove("run-1")
    trigger.remove("run-1")
    assert machine.calls() == ["-l", "-l"]


@pytest.mark.parametrize(
    "words", ["crontab: can't open 'root': No such file or directory", "no crontab for root", "no crontab for jo"]
)
def test_cron_starts_with_an_empty_crontab_when_there_is_none(machine: Machine, words: str) -> None:
    kept = machine.root / "kept"
    machine.add_program(
        "crontab", f'#!/bin/sh\n[ "$1" = - ] && exec /bin/cat > {kept}\necho "crontab: {words}" >&2; exit 1'
    )
    trigger_on(machine).install(machine.command())
    assert kept.read_text().startswith("@reboot")


@pytest.mark.parametrize(
    "words",
    [
        "error while loading shared libraries: libc: cannot open shared object file: No such file or directory",
        "You (root) are not allowed to use this program (crontab)",
        "",
    ],
)
def test_cron_never_overwrites_a_crontab_that_it_cannot_read(machine: Machine, words: str) -> None:
    machine.add_program("crontab", f'echo "{words}" >&2; exit 1')
    trigger = trigger_on(machine)
    with pytest.raises(ToeError, match=r"^root's crontab cannot be read: exit code 1"):
        trigger.install(machine.command())
    assert set(machine.calls()) == {"crontab -l"}
    assert machine.files() == set()
    assert trigger.obstacle().startswith("root's crontab cannot be read: exit code 1")


def test_cron_leaves_nothing_when_the_crontab_is_refused(machine: Machine) -> None:
    machine.add_program("crontab", '[ "$1" = -l ] && exit 0; echo "-:1: bad line" >&2; exit 1')
    with pytest.raises(ToeError, match=r"root's crontab cannot be written: exit code 1: -:1: bad line"):
        trigger_on(machine).install(machine.command())
    assert machine.files() == set()


def test_cron_has_no_obstacle_where_it_runs(machine: Machine) -> None:
    assert trigger_on(machine).obstacle() == ""


def test_cron_says_what_is_missing(machine: Machine) -> None:
    assert "root" in trigger_on(machine, is_root=False).obstacle()
    (machine.root / "proc/7/comm").write_text("crony\n")
    assert trigger_on(machine).obstacle() == "no cron daemon is running"
    (machine.programs / "crontab").unlink()
    assert trigger_on(machine).obstacle() == "there is no crontab program"


def test_cron_finds_crontab_in_the_usual_folders_when_path_lacks_it(machine: Machine) -> None:
    usual = machine.root / "usr/bin"
    usual.mkdir(parents=True)
    (machine.programs / "crontab").rename(usual / "crontab")
    assert trigger_on(machine).obstacle() == ""


def test_cron_refuses_a_state_directory_that_no_line_can_name(machine: Machine) -> None:
    trigger = CronTrigger(machine.host(), "/two\nlines", str(machine.root))
    assert "state directory" in trigger.obstacle()
