"""`toe run --watch`: real processes, documents that change, and signals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Started = Callable[..., "Watching"]
STEP = "{name: One, action: ExecuteBash, inputs: {commands: ['%s']}}"
WATCHING = "toe: watching "


def write(name: str, step: str) -> None:
    """Put a document in the place of the one that is there, as editors do."""
    text = f"schemaVersion: 1.0\nphases: [{{name: build, steps: [{step}]}}]\n"
    Path(f"{name}.new").write_text(text)
    os.replace(f"{name}.new", name)


def says(text: str) -> str:
    return STEP % f"echo {text}"


class Watching:
    """A `toe run --watch` that is under way."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "toe", "run", "--watch", "--show-output", "-l", "logs", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def until(self, text: str) -> list[str]:
        """What it says on stderr up to a line with this text."""
        assert self.process.stderr is not None
        lines = []
        for line in self.process.stderr:
            lines.append(line.strip())
            if text in lines[-1]:
                return lines
        raise AssertionError("\n".join(lines))

    def end(self, number: signal.Signals = signal.SIGINT) -> tuple[int, list[str], str]:
        """Stop it: the exit code, the status of each summary, and what it said at last."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, re.findall(r'"status": "(\w+)"', out), err


@pytest.fixture
def watch() -> Iterator[Started]:
    """Starts watching, and ends it at the end of the test."""
    started: list[Watching] = []

    def start(*arguments: str) -> Watching:
        started.append(Watching(*arguments))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


def test_a_change_runs_the_documents_again_and_ctrl_c_ends_with_the_last_exit_code(watch: Started) -> None:
    write("inner.yml", says("first"))
    write("doc.yml", "{name: Call, action: ExecuteDocument, inputs: {document: inner.yml}}")
    one = watch("doc.yml", "--summary", "summary.json")
    assert any("first" in line for line in one.until(WATCHING))
    write("inner.yml", STEP % "echo second; exit 3")
    lines = one.until(WATCHING)
    assert lines[0] == "toe: 'inner.yml' has changed: run 2"
    assert any("second" in line for line in lines)
    assert json.loads(Path("summary.json").read_text())["status"] == "failed"
    assert one.end()[:2] == (1, ["success", "failed"])
    assert not Path("state").exists()
    assert len(list(Path("logs").iterdir())) == 2


def test_an_invalid_document_is_reported_and_watched(watch: Started) -> None:
    write("inner.yml", says("inner"))
    write("doc.yml", "{name: Call, action: ExecuteDocument, inputs: {document: inner.yml}}")
    one = watch("doc.yml")
    one.until(WATCHING)
    write("doc.yml", "{name: Call, action: ExecuteDocumen}")
    assert any("unknown action 'ExecuteDocumen'" in line for line in one.until(WATCHING))
    write("inner.yml", says("changed"))  # was read by the run before this one
    assert one.until("toe: nothing was run")[0] == "toe: 'inner.yml' has changed: run 3"
    one.until(WATCHING)
    write("doc.yml", says("mended"))
    assert any("mended" in line for line in one.until(WATCHING))
    Path("doc.yml").unlink()
    assert any("cannot read the document" in line for line in one.until(WATCHING))
    assert one.end()[:2] == (2, ["success", "failed", "failed", "success", "failed"])


def test_a_change_during_a_run_starts_the_next_when_it_ends(watch: Started) -> None:
    write("doc.yml", STEP % "echo running; until [ -e go ]; do sleep 0.02; done")
    one = watch("doc.yml", "--only", "build.One")
    one.until("| running")
    write("doc.yml", says("next"))
    Path("go").touch()
    one.until("toe: 'doc.yml' has changed: run 2")
    one.until(WATCHING)
    assert one.end(signal.SIGTERM)[:2] == (143, ["success", "success"])


def test_ctrl_c_stops_the_run_and_the_watching_and_nothing_is_left(watch: Started) -> None:
    write("doc.yml", STEP % "echo running; sleep 60")
    one = watch("doc.yml")
    one.until("| running")
    code, statuses, err = one.end()
    assert (code, statuses) == (130, ["failed"])
    assert "toe resume" not in err
    assert not Path("state").exists()


def test_a_step_that_asks_for_a_reboot_fails(watch: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    write("doc.yml", STEP % "exit 194")
    monkeypatch.setenv("TOE_NO_REBOOT", "0")
    one = watch("doc.yml", "--quiet")
    one.until("failed: 1 step")
    assert one.end(signal.SIGTERM)[0] == 143


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-"], "--watch needs documents in files: '-' can be read once"),
        (["doc.yml", "-d", "/dev/stdin"], "'/dev/stdin' can be read once"),
        (["-c", "-"], "--watch needs a config file that can be read again"),
        (["https://example.com/a.yml"], "--watch sees changes of files alone, and no document is one"),
        (["doc.yml", "--dry-run"], "--watch and --dry-run exclude each other"),
        (["doc.yml", "-i", "one"], "--watch and --execution-id exclude each other"),
        (["doc.yml", "--reboot", "exit"], "--watch and --reboot exclude each other"),
        ([], "no documents to run"),
    ],
)
def test_what_cannot_be_watched_is_refused(arguments: list[str], message: str) -> None:
    write("doc.yml", says("x"))
    command = [sys.executable, "-m", "toe", "run", "--watch", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode == 2
    assert message in done.stderr
    assert json.loads(done.stdout)["failureMessage"]
    assert os.listdir() == ["doc.yml"]
