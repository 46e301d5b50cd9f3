"""What a step leaves behind when `toe` ends, and what is said of output that did not come in time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import toe

# Prints more than any pipe holds once it is told to, and then says whether it could.
DAEMON = "(read go <go; head -c 2000000 /dev/zero; head -c 2000000 /dev/zero >&2; echo $? >answer) & echo up"
DOCUMENT = """\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Leave
        action: ExecuteBash
        inputs: {commands: ['%s']}
      - name: Stay
        action: ExecuteBash
        inputs: {commands: ['%s']}
"""


def answer_of_the_daemon(folder: Path = Path()) -> str:
    (folder / "go").write_text("go\n")
    return (folder / "answer").read_text()


def started(second: str, folder: Path = Path()) -> subprocess.Popen[bytes]:
    for name in ("go", "answer", "here"):
        os.mkfifo(folder / name)
    (folder / "doc.yml").write_text(DOCUMENT % (DAEMON, second))
    argv = [sys.executable, "-m", "toe", "run", "doc.yml"]
    return subprocess.Popen(argv, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_background_process_prints_on_when_toe_has_ended() -> None:
    assert started("echo done").wait() == 0
    assert answer_of_the_daemon() == "0\n"


def test_background_process_prints_on_when_toe_was_ended(tmp_path: Path) -> None:
    """One run for each signal, all at once: each waits for its background process's silence first."""
    running: list[tuple[signal.Signals, Path, subprocess.Popen[bytes]]] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL):
        folder = tmp_path / number.name
        folder.mkdir()
        running.append((number, folder, started("echo $$ >here; exec sleep 1000", folder)))
    for number, folder, process in running:
        pid = int((folder / "here").read_text())
        process.send_signal(number)
        assert process.wait() == (-9 if number == signal.SIGKILL else 128 + number)
        if number == signal.SIGKILL:
            os.kill(pid, number)
        assert answer_of_the_daemon(folder) == "0\n"


def test_background_process_prints_on_when_a_run_in_a_program_has_ended() -> None:
    for name in ("go", "answer"):
        os.mkfifo(name)
    Path("doc.yml").write_text(DOCUMENT % (DAEMON, "echo done"))
    assert toe.run("doc.yml").exit_code == 0
    assert answer_of_the_daemon() == "0\n"


def test_output_that_is_cut_is_said_to_be() -> None:
    chatterer = "(while :; do echo tick; sleep 0.1; done) & echo $! >pid"
    text = DOCUMENT % (chatterer, "sleep 1000 & echo $! >silent; echo no loss")
    Path("doc.yml").write_text(text.replace("inputs:", "timeoutSeconds: 5\n        inputs:", 1))
    result = toe.run("doc.yml")
    for name in ("pid", "silent"):
        os.kill(int(Path(name).read_text()), signal.SIGKILL)
    cut, silent = (step.outputs[0]["stdout"] for step in result.documents[0].phases[0].steps)
    assert str(cut).endswith("tick\n[output cut by toe: a background process was still writing it]")
    assert silent == "no loss"
    folder = Path(result.log_url)
    report = json.loads((folder / "detailedoutput.json").read_text())
    steps = report["documents"][0]["phases"][0]["steps"]
    assert json.loads(steps[0]["outputs"])[0]["stdout"] == cut
    console = (folder / "console.log").read_text()
    ends = [
        line.partition("Terminating read operation on ")[2] for line in console.splitlines() if "Terminating" in line
    ]
    held = "a background process holds it open, and what it prints from now on is not logged"
    assert ends == [
        "STDOUT pipe - output is cut: a background process was still writing it",
        f"STDERR pipe - {held}",
        f"STDOUT pipe - {held}",
        f"STDERR pipe - {held}",
    ]
    exits = [
        event
        for line in (folder / "events.jsonl").read_text().splitlines()
        if (event := json.loads(line))["event"] == "ProcessExited"
    ]
    assert [(event["held"], event["cut"]) for event in exits] == [
        (["stdout", "stderr"], ["stdout"]),
        (["stdout", "stderr"], []),
    ]
