"""toe by some of Windows' rules, in a child interpreter: what that shows and what not, says windows_rules.py."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from xml.etree import ElementTree

import pytest

from toe.execution_names import safe_name
from toe.system.files.trees import leads_elsewhere

RULES = Path(__file__).with_name("windows_rules.py")
FILES = """\
name: Files
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - {name: Create, action: CreateFile, inputs: [{path: a/b/f.txt, content: "one"}, {path: a/b/g.txt, content: x}]}
      - {name: Replace, action: CreateFile, inputs: [{path: a/b/f.txt, content: "three\\n"}]}
      - {name: Append, action: AppendFile, inputs: [{path: a/b/f.txt, content: "four\\n"}]}
      - {name: Read, action: ReadFile, inputs: [{path: a/b/f.txt}]}
      - {name: Copy, action: CopyFile, inputs: [{source: a/b/*.txt, destination: c/}]}
      - {name: CopyAgain, action: CopyFile, inputs: [{source: a/b/f.txt, destination: c/f.txt}]}
      - {name: CopyTree, action: CopyFolder, inputs: [{source: a, destination: d}]}
      - {name: Move, action: MoveFile, inputs: [{source: c/f.txt, destination: c/h.txt}]}
      - {name: MoveTree, action: MoveFolder, inputs: [{source: d, destination: e}]}
      - {name: Encode, action: SetFileEncoding, inputs: [{path: c/h.txt, encoding: utf-16}]}
      - {name: Folder, action: CreateFolder, inputs: [{path: x/y}]}
      - {name: List, action: ListFiles, inputs: [{path: a, recursive: true, fileNamePattern: "*.txt"}]}
      - {name: Delete, action: DeleteFile, inputs: [{path: "c/g*"}]}
      - {name: DeleteTree, action: DeleteFolder, inputs: [{path: e, force: true}]}
      - name: Check
        action: Assert
        inputs: {stringEquals: "three\\nfour\\n", value: "{{ build.Read.outputs.content }}"}
"""
PROCESSES = """\
name: Processes
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Twice
        action: ExecuteBinary
        loop: {for: {start: 1, end: 2, updateBy: 1}}
        inputs: {path: sh, arguments: [-c, "echo out {{ loop.value }}; echo err >&2"]}
      - {name: Fail, action: ExecuteBinary, onFailure: Ignore, maxAttempts: 2, inputs: {path: "false"}}
      - {name: Slow, action: ExecuteBinary, onFailure: Ignore, timeoutSeconds: 1, inputs: {path: sleep, arguments: [9]}}
      - {name: Skip, action: ExecuteBinary, if: {fileExists: nowhere}, inputs: {path: "false"}}
      - {name: Nested, action: ExecuteDocument, inputs: {document: nested.yml}}
"""
REBOOTS = """\
name: Reboots
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - {name: Before, action: CreateFile, inputs: [{path: before.txt, overwrite: false}]}
      - {name: Restart, action: Reboot}
      - {name: After, action: CreateFile, inputs: [{path: after.txt}]}
"""
#: Exit codes are taken modulo 256 by Linux.
REBOOT = 3010 % 256


def toe(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `toe` by Windows' rules; TOE_NO_REBOOT is not set."""
    environment = {**os.environ, "TEMP": os.getcwd(), "TMPDIR": "", **variables}
    environment.pop("TOE_NO_REBOOT", None)
    argv = [sys.executable, str(RULES), *arguments]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False, timeout=60)


def summary(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert "Traceback" not in done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def logs() -> Path:
    (folder,) = Path("logs").iterdir()
    return folder


def test_file_actions_run() -> None:
    Path("files.yml").write_text(FILES)
    done = toe("run", "files.yml", "-l", "logs")
    assert (done.returncode, summary(done)["executedStepCount"]) == (0, 15), done.stderr
    assert Path("c/h.txt").read_text("utf-16") == "three\nfour\n"
    left = sorted(str(path) for path in Path().glob("[a-e]/**/*.txt"))
    assert left == ["a/b/f.txt", "a/b/g.txt", "c/h.txt"]
    report = json.loads((logs() / "detailedoutput.json").read_text())
    assert [step["status"] for step in report["documents"][0]["phases"][0]["steps"]] == ["success"] * 15
    assert sorted(path.name for path in logs().iterdir()) == [
        *("D0__files.yml", "application.log", "chaining.json", "console.log", "detailedoutput.json", "document.yaml"),
        "events.jsonl",
    ]


def test_processes_run_and_are_ended() -> None:
    Path("processes.yml").write_text(PROCESSES)
    nested = REBOOTS.replace("{name: Restart, action: Reboot}", "{name: R, action: ExecuteBinary, inputs: {path: ls}}")
    Path("nested.yml").write_text(nested)
    done = toe("run", "processes.yml", "-l", "logs")
    found = summary(done)
    assert (done.returncode, found["status"], found["ignoredFailedStepCount"]) == (0, "success", 2), done.stderr
    console = (logs() / "console.log").read_text()
    assert "Stdout: out 1\n" in console
    assert "Stderr: err\n" in console


def test_a_reboot_ends_with_3010_and_the_next_call_goes_on() -> None:
    Path("reboots.yml").write_text(REBOOTS)
    first = toe("run", "reboots.yml", "-l", "logs", "--reboot", "exit", "-i", "one", TOE_TEST_BOOT="1")
    assert (first.returncode, Path("after.txt").exists()) == (REBOOT, False), first.stderr
    assert "one" in toe("status", TOE_TEST_BOOT="1").stdout
    second = toe("run", "reboots.yml", "-l", "logs", "--reboot", "exit", "-i", "one", TOE_TEST_BOOT="2")
    assert (second.returncode, summary(second)["executedStepCount"]) == (0, 3), second.stderr
    assert Path("after.txt").exists()
    assert "Executor: System has rebooted successfully" in (logs() / "application.log").read_text()
    assert "one" not in toe("status").stdout


@pytest.mark.parametrize("name", ["nul", "COM1", "con.1", "a."])
def test_what_is_named_by_an_execution_id_is_no_device_and_loses_no_dot(name: str) -> None:
    Path("reboots.yml").write_text(REBOOTS)
    done = toe("run", "reboots.yml", "-l", "logs", "--reboot", "exit", "-i", name)
    assert (done.returncode, summary(done)["executionId"]) == (REBOOT, name), done.stderr
    (journal,) = Path(os.environ["TOE_STATE_DIRECTORY"]).glob("*.journal")
    assert journal.stem == safe_name(name) != name
    assert logs().name.endswith(f"_{safe_name(name)}")


def test_the_system_is_rebooted_and_the_task_goes_away() -> None:
    Path("reboots.yml").write_text(REBOOTS)
    for name in ("schtasks", "shutdown"):  # one name on Linux, backslashes and all
        program = Path(f"windows\\System32\\{name}.exe")
        program.write_text(f'#!/bin/sh\necho {name} "$@" >> calls\n[ "$1" != /Create ] || cp "$5" task.xml\n')
        program.chmod(0o755)
    windows = {"SYSTEMROOT": str(Path("windows").absolute()), "TOE_NO_REBOOT": "0"}
    first = toe("run", "reboots.yml", "-l", "logs", "--reboot", "system", "-i", "one", TOE_TEST_BOOT="1", **windows)
    assert (first.returncode, summary(first)["executedStepCount"]) == (REBOOT, 2), first.stderr
    state = Path(os.environ["TOE_STATE_DIRECTORY"])
    calls = Path("calls").read_text().splitlines()
    assert calls[-2:] == [
        f"schtasks /Create /TN toe-resume-one /XML {state}/one.resume.task.xml /RU SYSTEM /F",
        "shutdown /r /f /t 0 /d p:4:1",
    ]
    task = ElementTree.fromstring(Path("task.xml").read_bytes().decode("utf-16"))
    assert [node.text for node in task.iter() if node.tag.endswith("Arguments")] == [f"-I {state}/one.resume"]
    second = toe("resume", "one", TOE_TEST_BOOT="2", **windows)
    assert (second.returncode, summary(second)["executedStepCount"]) == (0, 3), second.stderr
    assert Path("calls").read_text().splitlines()[-1] == "schtasks /Delete /TN toe-resume-one /F"
    assert sorted(path.name for path in state.iterdir()) == []


def test_lines_end_as_on_linux() -> None:
    Path("files.yml").write_text(FILES)
    assert toe("run", "files.yml", "-l", "logs").returncode == 0
    assert [path.name for path in logs().iterdir() if b"\r" in path.read_bytes()] == []


def test_a_run_can_be_abandoned() -> None:
    Path("reboots.yml").write_text(REBOOTS)
    assert toe("run", "reboots.yml", "-l", "logs", "--reboot", "exit", "-i", "one").returncode == REBOOT
    assert toe("abandon", "one").returncode == 0
    assert "one" not in toe("status").stdout


@pytest.mark.parametrize("action", ["ExecuteBash", "CreateSymlink", "SetFileOwner", "SetFolderPermissions"])
def test_what_windows_lacks_is_refused_before_anything_runs(action: str) -> None:
    inputs = {
        "ExecuteBash": {"commands": ["true"]},
        "CreateSymlink": [{"path": "a", "target": "b"}],
        "SetFileOwner": [{"path": "a", "owner": "b"}],
        "SetFolderPermissions": [{"path": "a", "permissions": "0755"}],
    }
    step = {"name": "One", "action": action, "inputs": inputs[action]}
    Path("doc.yml").write_text(json.dumps({"schemaVersion": "1.0", "phases": [{"name": "build", "steps": [step]}]}))
    done = toe("run", "doc.yml", "-l", "logs")
    assert (done.returncode, summary(done)["executedStepCount"]) == (2, 0)
    assert f"Unsupported action {action} for os platform windows." in done.stderr
    assert not Path("logs").exists()


def test_documents_are_validated() -> None:
    Path("files.yml").write_text(FILES)
    assert toe("validate", "files.yml").returncode == 0
    Path("files.yml").write_text(FILES.replace("CopyFolder", "CopyFoldr"))
    done = toe("validate", "files.yml")
    assert (done.returncode, summary(done)["validationStatus"]) == (1, "failed")


@pytest.mark.parametrize(
    ("mode", "attributes", "elsewhere"),
    [
        (stat.S_IFDIR, 0x10, False),
        (stat.S_IFDIR, 0x410, True),
        (stat.S_IFLNK, 0x400, True),
        (stat.S_IFREG, 0x20, False),
    ],
)
def test_a_junction_is_a_link(mode: int, attributes: int, elsewhere: bool) -> None:
    status = cast(os.stat_result, SimpleNamespace(st_mode=mode, st_file_attributes=attributes))
    assert leads_elsewhere(status) is elsewhere
