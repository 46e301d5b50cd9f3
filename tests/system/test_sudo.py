"""Logs under sudo: the caller's at the end of the run, root's as long as root will write there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import toe
from toe.system.sudo import SudoCaller, give_folder, sudo_caller

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
CALLER = {"SUDO_UID": "12345", "SUDO_GID": "23456"}
REBOOTS = """\
schemaVersion: 1.0
phases: [{name: build, steps: [{name: Ask, action: ExecuteBash, inputs: {commands: ['[ -e go ] || exit 194']}}]}]
"""


@pytest.fixture(autouse=True)
def called_by_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CALLER.items():
        monkeypatch.setenv(name, value)


def owners(path: Path) -> set[tuple[int, int]]:
    return {(one.lstat().st_uid, one.lstat().st_gid) for one in (path, *path.rglob("*"))}


def run() -> toe.RunResult:
    environment = {**os.environ, "TOE_NO_REBOOT": "0"}
    return toe.run("doc.yml", execution_id="run-1", log_directory="home/new/logs", environment=environment)


def test_the_log_folder_and_its_new_parents_are_the_callers_at_the_end() -> None:
    Path("doc.yml").write_text(REBOOTS)
    Path("home").mkdir()
    Path("go").touch()
    assert run().status is toe.Status.SUCCESS
    assert owners(Path("home/new")) == {(12345, 23456)}
    assert owners(Path("home")) == {(12345, 23456), (0, 0)}, "what was there stays whose it was"


def test_a_folder_in_which_root_goes_on_is_roots_until_then() -> None:
    Path("doc.yml").write_text(REBOOTS)
    assert run().reboot
    assert owners(Path("home")) == {(0, 0)}
    Path("go").touch()
    assert toe.resume("run-1").status is toe.Status.SUCCESS
    assert owners(Path("home")) == {(12345, 23456)}


def test_a_folder_is_handed_over_when_its_run_is_abandoned() -> None:
    Path("doc.yml").write_text(REBOOTS)
    assert run().reboot
    subprocess.run([sys.executable, "-m", "toe", "abandon", "run-1"], check=True)
    assert owners(next(Path("home/new/logs").iterdir())) == {(12345, 23456)}


def test_what_a_link_leads_to_is_not_given() -> None:
    Path("precious").touch()
    Path("folder/below").mkdir(parents=True)
    Path("folder/below/link").symlink_to(Path("precious").resolve())
    Path("folder/link").symlink_to(Path.cwd())
    give_folder("folder", SudoCaller(12345, 23456))
    assert owners(Path("folder")) == {(12345, 23456)}
    assert owners(Path("precious")) == {(0, 0)}


@pytest.mark.parametrize("plant", ["hard link", "link"])
def test_nothing_is_given_from_a_folder_that_is_not_roots(plant: str) -> None:
    Path("precious").touch()
    Path("folder").mkdir()
    if plant == "link":
        Path("folder").rename("moved")
        Path("folder").symlink_to("moved")
    else:
        os.link("precious", "folder/console.log")
        os.chown("folder", 12345, 23456)
    with pytest.raises(OSError, match=r"not belong to root|Not a directory"):
        give_folder("folder", SudoCaller(12345, 23456))
    assert {*owners(Path("precious")), *owners(Path("moved" if plant == "link" else "folder/console.log"))} == {(0, 0)}


@pytest.mark.parametrize("value", ["0", "", "-1", "x", "4294967295", "1" * 30])
def test_nobody_called_sudo(value: str) -> None:
    assert sudo_caller({"SUDO_UID": value, "SUDO_GID": "1"}) is None
    assert sudo_caller({}) is None
