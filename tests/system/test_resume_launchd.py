"""launchd's daemon that goes on with a run on macOS: its file. launchd itself is on macOS alone."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from toe.system.host import Host, current_host
from toe.system.resume.command import ResumeCommand
from toe.system.resume.launchd import LaunchdTrigger
from toe.system.resume.scheduled_task import ScheduledTaskTrigger
from toe.system.resume.triggers import resume_triggers


@pytest.fixture
def host() -> Host:
    return current_host(own_process=False)._replace(platform="darwin", is_root=True)


@pytest.fixture
def daemons(tmp_path: Path) -> Path:
    folder = tmp_path / "Library" / "LaunchDaemons"
    folder.mkdir(parents=True)
    return folder


def test_a_daemon_runs_the_script_once_and_lets_background_processes_live(
    host: Host, daemons: Path, tmp_path: Path
) -> None:
    trigger = LaunchdTrigger(host, str(tmp_path), root=str(tmp_path))
    assert trigger.obstacle() == ""
    script = tmp_path / "a & b.resume"
    trigger.install(ResumeCommand("one", ("/bin/true",), "/", {}, str(script), str(tmp_path / "output")))
    (file,) = daemons.iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("toe.resume.one.plist", 0o644)
    daemon = plistlib.loads(file.read_bytes())
    assert daemon["Label"] == "toe.resume.one"
    assert daemon["ProgramArguments"] == ["/bin/sh", str(script)]
    assert (daemon["RunAtLoad"], daemon["LaunchOnlyOnce"], daemon["AbandonProcessGroup"]) == (True, True, True)
    assert script.read_text().startswith("#!/bin/sh\n")
    trigger.remove("one")
    assert list(daemons.iterdir()) == []


def test_a_daemon_needs_root_and_its_folder(host: Host, tmp_path: Path) -> None:
    assert "root" in LaunchdTrigger(host._replace(is_root=False), str(tmp_path), root=str(tmp_path)).obstacle()
    assert "cannot be written" in LaunchdTrigger(host, str(tmp_path), root=str(tmp_path)).obstacle()


def test_each_system_has_its_own_kind(host: Host, tmp_path: Path) -> None:
    (macos,) = resume_triggers(host, str(tmp_path))
    (windows,) = resume_triggers(host._replace(platform="windows"), str(tmp_path))
    assert isinstance(macos, LaunchdTrigger)
    assert isinstance(windows, ScheduledTaskTrigger)
