"""`--summary`: the summary in a file, whatever came of the run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from forked_toe import toe_says

TOE = [sys.executable, "-m", "toe"]
ONE = (
    "schemaVersion: 1.0\nphases: [{name: build, steps: [{name: One, action: ExecuteBash, inputs: {commands: [%s]}}]}]\n"
)


def toe(*arguments: str) -> subprocess.CompletedProcess[str]:
    # asking for a reboot is all that these documents do
    return toe_says(*arguments, environment={"TOE_NO_REBOOT": ""})


@pytest.mark.parametrize(
    ("script", "code", "status"),
    [("echo hi", 0, "success"), ("exit 3", 1, "failed"), ("{{ build.Gone.outputs.stdout }}", 2, "failed")],
)
def test_the_file_holds_what_stdout_does(script: str, code: int, status: str) -> None:
    Path("a.yml").write_text(ONE % f"'{script}'")
    done = toe("run", "a.yml", "--summary", "new/summary.json")
    assert done.returncode == code
    assert Path("new/summary.json").read_text() == done.stdout
    assert json.loads(done.stdout)["status"] == status


@pytest.mark.parametrize(
    ("script", "code"), [("echo hi", 1), ("exit 194", 194), ("{{ build.Gone.outputs.stdout }}", 2)]
)
def test_a_file_that_cannot_be_written_makes_a_success_end_with_1(script: str, code: int) -> None:
    Path("a.yml").write_text(ONE % f"'{script}'")
    done = toe("run", "a.yml", "--quiet", "--reboot", "exit", "--summary", "/proc/none/summary.json")
    assert done.returncode == code
    assert "toe: error: cannot write '/proc/none/summary.json': " in done.stderr
    assert json.loads(done.stdout)["executionId"]


def test_a_folder_in_its_place_is_one_message_and_stays() -> None:
    Path("a.yml").write_text(ONE % "echo hi")
    Path("place").mkdir()
    done = toe("run", "a.yml", "--quiet", "--summary", "place")
    assert (done.returncode, done.stderr) == (
        1,
        "toe: error: cannot write 'place': 'place' is a folder, not a file\n",
    )
    assert os.listdir("place") == []


def test_a_run_that_goes_on_writes_the_file_that_it_was_asked_for_or_another() -> None:
    Path("a.yml").write_text(ONE % "'test -e second || { touch second; exit 194; }'")
    first = toe("run", "a.yml", "--reboot", "exit", "--summary", "summary.json", "-s", "state", "-i", "one")
    assert (first.returncode, Path("summary.json").read_text()) == (194, first.stdout)
    assert toe("resume", "-s", "state", "--summary", "other.json").returncode == 0
    assert json.loads(Path("other.json").read_text())["status"] == "success"
    assert Path("summary.json").read_text() == first.stdout
    Path("second").unlink()
    toe("run", "a.yml", "--reboot", "exit", "--summary", "summary.json", "-s", "state", "-i", "two")
    resumed = toe("resume", "-s", "state")
    assert (resumed.returncode, Path("summary.json").read_text()) == (0, resumed.stdout)
