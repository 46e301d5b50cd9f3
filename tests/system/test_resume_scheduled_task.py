"""The scheduled task of Windows: its text, the calls of schtasks, and the script that it starts.

What stands for schtasks here notes its calls: that proves their contract. The script is Python, and is run for real.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from toe.errors import ToeError
from toe.system.host import Host, current_host
from toe.system.resume.command import ResumeCommand
from toe.system.resume.reboot import reboot_ways
from toe.system.resume.scheduled_task import ScheduledTaskTrigger, can_stand_in_a_task, task_text
from toe.system.resume.script import python_script_text

TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


def command(folder: Path, *argv: str, **environment: str) -> ResumeCommand:
    return ResumeCommand("one", argv, str(folder), environment, str(folder / "one.resume"), str(folder / "output"))


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A Windows whose schtasks notes its arguments, and fails where a file `fails` lies beside it."""
    program = tmp_path / "windows\\System32\\schtasks.exe"  # one name on Linux
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n[ ! -e {tmp_path}/fails ] || {{ echo no >&2; exit 1; }}\n'
    )
    program.chmod(0o755)
    environment = {"SYSTEMROOT": str(tmp_path / "windows"), "PATH": os.environ["PATH"]}
    return current_host(own_process=False)._replace(platform="windows", is_root=True, environment=environment)


def test_a_task_runs_a_script_at_boot_as_the_system() -> None:
    root = ElementTree.fromstring(task_text("one", r"C:\Py & Co\python.exe", r"C:\a b\one.resume"))
    assert root.tag == f"{TASK}Task"
    assert root.find(f"{TASK}Triggers/{TASK}BootTrigger") is not None
    assert root.findtext(f".//{TASK}UserId") == "S-1-5-18"
    assert root.findtext(f".//{TASK}ExecutionTimeLimit") == "PT0S"
    assert root.findtext(f".//{TASK}DisallowStartIfOnBatteries") == "false"
    assert root.findtext(f".//{TASK}Command") == r"C:\Py & Co\python.exe"
    assert root.findtext(f".//{TASK}Arguments") == r'-I "C:\a b\one.resume"'


@pytest.mark.parametrize(("path", "can"), [(r"C:\a b & <c>", True), (r"C:\%x%", False), ("C:\\a\nb", False)])
def test_a_path_with_a_variable_cannot_stand_in_a_task(path: str, can: bool) -> None:
    assert can_stand_in_a_task(path) is can


def test_a_task_is_made_and_deleted(host: Host, tmp_path: Path) -> None:
    trigger = ScheduledTaskTrigger(host, str(tmp_path))
    assert trigger.obstacle() == ""
    trigger.install(command(tmp_path, sys.executable, "-c", "pass"))
    trigger.remove("one")
    assert (tmp_path / "calls").read_text().splitlines() == [
        "/Query",
        f"/Create /TN toe-resume-one /XML {tmp_path}/one.resume.task.xml /RU SYSTEM /F",
        "/Delete /TN toe-resume-one /F",
    ]
    assert (tmp_path / "one.resume").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "one.resume.task.xml").exists()


def test_a_task_that_cannot_be_made_leaves_nothing(host: Host, tmp_path: Path) -> None:
    (tmp_path / "fails").touch()
    trigger = ScheduledTaskTrigger(host, str(tmp_path))
    assert "no" in trigger.obstacle()
    with pytest.raises(ToeError, match="the task 'toe-resume-one' cannot be made: exit code 1: no"):
        trigger.install(command(tmp_path, sys.executable))
    assert not list(tmp_path.glob("one*"))


def test_only_an_administrator_may_have_a_task(host: Host, tmp_path: Path) -> None:
    assert "administrator" in ScheduledTaskTrigger(host._replace(is_root=False), str(tmp_path)).obstacle()


def test_the_script_starts_the_program_as_it_was(tmp_path: Path) -> None:
    shows = "import os, sys; print(os.getcwd(), os.environ['NAME'], 'TERM' in os.environ); sys.exit(7)"
    text = python_script_text(command(tmp_path, sys.executable, "-c", shows, NAME="ü \" '\n%x%", TERM="vt100"))
    assert text.isascii()
    (tmp_path / "script.py").write_text(text)
    done = subprocess.run([sys.executable, "-I", tmp_path / "script.py"], cwd="/", check=False)
    assert done.returncode == 7
    assert (tmp_path / "output").read_text() == f"{tmp_path} ü \" '\n%x% False\n"


def test_each_system_is_rebooted_by_its_own_program(host: Host) -> None:
    shutdown = f"{host.environment['SYSTEMROOT']}\\System32\\shutdown.exe"
    assert reboot_ways(host) == ((shutdown, "/r", "/f", "/t", "0", "/d", "p:4:1"),)
    assert reboot_ways(host._replace(platform="darwin")) == (("shutdown", "-r", "now"),)
