"""`toe follow`: a run shown from its events, by real processes that run at the same time or later."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from forked_toe import toe_says

TOE = [sys.executable, "-m", "toe"]
REPOSITORY = Path(__file__).resolve().parents[2]
HEAD = "schemaVersion: 1.0\nphases:\n- name: build\n  steps:\n"
STEP = "  - {name: %s, action: ExecuteBash, %sinputs: {commands: ['%s']}}\n"
NESTED = "  - {name: Call, action: ExecuteDocument, onFailure: Continue, inputs: {document: inner.yml}}\n"
WAITING = HEAD + STEP % ("One", "", "echo first") + STEP % ("Two", "", "until [ -e go ]; do sleep 0.02; done; exit 5")


def environment() -> dict[str, str]:
    """That of the test, but reboots may be asked for: that is all that these documents do."""
    return {**os.environ, "TOE_NO_REBOOT": ""}


def toe(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return toe_says(*arguments, stdin=text, environment=environment())


def started(*arguments: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen([*TOE, *arguments], stdout=pipe, stderr=pipe, text=True, env=environment())


def folder() -> Path:
    (found,) = Path().glob("TOE_*")
    return found


def shown_by(process: subprocess.Popen[str], words: str) -> str:
    """What it says on stderr up to the line that has the words."""
    assert process.stderr is not None
    lines = [""]
    while words not in lines[-1]:
        lines.append(process.stderr.readline())
        assert lines[-1], f"it ended before it said '{words}': {lines}"
    return "".join(lines)


def test_a_finished_run_is_shown_to_the_letter_as_it_was_where_it_ran() -> None:
    Path("inner.yml").write_text(
        HEAD
        + STEP % ("Inner", "maxAttempts: 2, onFailure: Ignore, ", "echo bad >&2; exit 4")
        + STEP % ("Fail", "", "echo worse >&2; exit 4")
    )
    Path("a.yml").write_text(HEAD + STEP % ("One", "", "printf hi") + NESTED + STEP % ("Last", "", "echo ok; exit 3"))
    run = toe("run", "a.yml", "--show-output", "--events", "events")
    assert run.returncode == 1
    for source in (str(folder()), str(folder() / "events.jsonl"), "events"):
        followed = toe("follow", source, "--show-output")
        assert (followed.returncode, followed.stdout, followed.stderr) == (1, run.stdout, run.stderr)
    piped = toe("follow", "-", "--show-output", text=Path("events").read_text())
    assert (piped.returncode, piped.stdout, piped.stderr) == (1, run.stdout, run.stderr)
    assert toe("follow", "events", "--quiet").stderr.startswith("Step Fail FAILED\n")


@pytest.mark.parametrize("place", ["folder", "file", "fifo"])
def test_a_run_is_shown_while_it_runs_and_ends_both(place: str) -> None:
    Path("a.yml").write_text(WAITING)
    if place == "fifo":
        os.mkfifo("events")
    with started("run", "a.yml", "--events", "events") as run:
        if place != "fifo":
            shown_by(run, "ok  One")
        with started("follow", str(folder()) if place == "folder" else "events") as follower:
            shown = shown_by(follower, "ok  One")
            Path("go").touch()
            stdout, stderr = follower.communicate(timeout=60)
        summary, _ = run.communicate(timeout=60)
    assert shown.startswith("Document a.yml\n  Phase build\n    ok  One (ExecuteBash) ")
    assert "FAILED  Two (ExecuteBash)" in stderr
    assert (run.returncode, follower.returncode, stdout) == (1, 1, summary)


def test_ctrl_c_ends_the_follower_and_not_the_run() -> None:
    Path("a.yml").write_text(WAITING)
    with started("run", "a.yml") as run:
        shown_by(run, "ok  One")
        with started("follow", str(folder())) as follower:
            shown_by(follower, "ok  One")
            follower.send_signal(signal.SIGINT)
            stdout, stderr = follower.communicate(timeout=60)
        assert (follower.returncode, stdout, stderr) == (130, "", "")
        Path("go").touch()
        summary, _ = run.communicate(timeout=60)
    assert (run.returncode, json.loads(summary)["failureMessage"]) != (0, "")


def test_a_run_that_was_killed_is_told_as_cut_off() -> None:
    Path("a.yml").write_text(WAITING)
    with started("run", "a.yml", "-i", "mine") as run:
        shown_by(run, "ok  One")
        with started("follow", str(folder())) as follower:
            shown_by(follower, "ok  One")
            run.kill()
            run.communicate(timeout=60)
            stdout, stderr = follower.communicate(timeout=60)
    assert (follower.returncode, stdout) == (1, "")
    assert stderr.startswith("toe: error: the run was cut off: ")
    assert "'toe resume mine' goes on with it" in stderr
    Path("go").touch()
    assert toe("resume").returncode == 1  # and ends what the kill left running
    followed = toe("follow", str(folder()))
    assert (followed.returncode, followed.stderr.count("Two (ExecuteBash)")) == (1, 1)


def test_both_halves_of_a_run_that_rebooted_are_shown() -> None:
    Path("a.yml").write_text(
        HEAD + STEP % ("One", "", "test -e second || { touch second; exit 194; }") + STEP % ("Two", "", "echo hi")
    )
    first = toe("run", "a.yml", "--reboot", "exit")
    assert (toe("follow", str(folder())).returncode, first.returncode) == (194, 194)
    second = toe("resume")
    followed = toe("follow", str(folder()))
    assert (followed.returncode, followed.stdout) == (0, second.stdout)
    assert "step One asked for a reboot (exit code 194)" in followed.stderr
    assert "ok  Two" in followed.stderr


def test_a_run_that_was_refused_is_told_so() -> None:
    Path("a.yml").write_text("phases: 1\n")
    refused = toe("run", "a.yml", "--events", "-")
    followed = toe("follow", "-", text=refused.stdout)
    assert followed.returncode == 2
    assert followed.stderr.startswith("toe: error: nothing was run: a.yml:1:")
    assert json.loads(followed.stdout)["status"] == "failed"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "toe: error: 'file' holds no events of a run\n"),
        (b"\x00\xff\n" * 9, "toe: warning: 9 lines of 'file' could not be read\ntoe: error: 'file' holds no events"),
        (b'{"event":"RunFinished"}\n[]\n{"event":[]}\n', "toe: warning: 3 lines of 'file' could not be read\n"),
        (b"[" * 100_000 + b"\n", "toe: warning: 1 line of 'file' could not be read\n"),
    ],
)
def test_what_holds_no_events_is_one_message(content: bytes, told: str) -> None:
    Path("file").write_bytes(content)
    done = toe("follow", "file")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(told)


def test_what_is_not_there_is_one_message() -> None:
    assert toe("follow", "gone").stderr == "toe: error: cannot read 'gone': No such file or directory\n"
    assert toe("follow").returncode == 2
    empty = toe("follow", ".")
    assert (empty.returncode, empty.stderr.splitlines()[0]) == (2, "toe: error: '.' has no events.jsonl")


def test_nothing_in_a_file_of_strangers_steers_the_terminal() -> None:
    odd = "\x1b[31m::error::x"
    where = {"document": odd, "phase": odd, "step": odd, "depth": 10**30}
    Path("file").write_text(
        "".join(
            json.dumps({"at": "2026-01-01T00:00:00Z", **event}) + "\n"
            for event in (
                {"event": "RunStarted", "executionId": odd, "logDirectory": odd},
                {"event": "DocumentStarted", "where": {"document": odd}, "position": 0, "path": odd, "name": odd},
                {"event": "PhaseStarted", "where": {**where, "depth": 0}, "position": 0},
                {"event": "StepStarted", "where": {**where, "depth": 0}, "action": odd, "position": 0},
                {"event": "LogLine", "where": {**where, "depth": 0}, "text": odd, "warning": True},
                {"event": "StepFinished", "where": {**where, "depth": 0}, "action": odd, "status": "failed"},
                {"event": "StepFinished", "where": where, "action": odd, "status": "failed"},
            )
        )
    )
    done = toe("follow", "file")
    assert done.returncode == 1
    assert "\x1b" not in done.stderr
    assert not re.search("^ *::", done.stderr, re.M)
    assert "FAILED  ?" in done.stderr


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed")
def test_the_commands_of_the_guide_do_what_it_says() -> None:
    section = (REPOSITORY / "examples/guides/reports.md").read_text().split("\n## Follow a run\n")[1].split("\n## ")[0]
    (block,) = re.findall(r"```sh\n(.*?)```", section, re.S)
    Path("component.yml").write_text(HEAD + STEP % ("One", "", "echo hi"))
    script = f'toe() {{ "{sys.executable}" -m toe "$@"; }}\nset -e -o pipefail\n{block}'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("RunStarted\nDocumentStarted\n")
    assert json.loads(Path("summary.json").read_text())["status"] == "success"
    assert done.stderr.count("ok  One") == 2
