"""`--events`: the lines of events.jsonl as they come, in real processes; readers are slow, killed, or never there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest
from forked_toe import toe_says

TOE = [sys.executable, "-m", "toe"]
HEAD = "schemaVersion: 1.0\nphases:\n- name: build\n  steps:\n"
STEP = "  - {name: %s, action: ExecuteBash, inputs: {commands: ['%s']}}\n"
#: The second step ends when somebody has made the file `go`; the third prints more than a pipe holds.
WAITING = (
    HEAD
    + STEP % ("One", "echo first")
    + STEP % ("Two", "until [ -e go ]; do sleep 0.02; done")
    + STEP % ("Three", "seq 60000")
)


def environment() -> dict[str, str]:
    """That of the test, but reboots may be asked for: that is all that these documents do."""
    return {**os.environ, "TOE_NO_REBOOT": ""}


def toe(*arguments: str) -> subprocess.CompletedProcess[str]:
    return toe_says(*arguments, environment=environment())


def started(*arguments: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen([*TOE, *arguments], stdout=pipe, stderr=pipe, text=True, env=environment())


def log(base: str = ".") -> str:
    (folder,) = Path(base).glob("TOE_*")
    return (folder / "events.jsonl").read_text()


def kinds(text: str) -> list[str]:
    return [json.loads(line)["event"] for line in text.splitlines()]


def without_chance(base: str) -> tuple[list[str], list[str], str]:
    """What a log folder tells, but for times, and for how output was cut into blocks."""
    (folder,) = Path(base).glob("TOE_*")
    told = [kind for kind in kinds((folder / "events.jsonl").read_text()) if kind != "Output"]
    report = json.loads((folder / "detailedoutput.json").read_text())
    lines = (folder / "console.log").read_text().splitlines()
    return sorted(os.listdir(folder)), told, f"{report['status']} {sum(map(str.isdigit, lines))} {len(lines)}"


def read_until(stream: IO[str] | None, words: str) -> None:
    assert stream is not None
    while words not in stream.readline():
        pass


def test_stdout_has_the_lines_of_the_log_and_the_file_the_summary() -> None:
    Path("a.yml").write_text(HEAD + STEP % ("One", "echo hi; exit 3"))
    done = toe("run", "a.yml", "--events", "-", "--summary", "summary.json")
    assert (done.returncode, done.stdout) == (1, log())
    assert kinds(done.stdout)[-1] == "RunFinished"
    assert json.loads(Path("summary.json").read_text())["status"] == "failed"


@pytest.mark.parametrize("target", ["events", "/dev/stdout", "/dev/fd/1"])
def test_a_file_is_emptied_before_and_stdout_has_other_names(target: str) -> None:
    Path("a.yml").write_text(HEAD + STEP % ("One", "echo hi"))
    Path("events").write_text("old\n")
    done = toe("run", "a.yml", "--events", target)
    assert (Path("events").read_text() if target == "events" else done.stdout) == log()
    assert json.loads(done.stdout.splitlines()[-1] if target != "events" else done.stdout)["status"] == "success"


def test_events_come_while_a_step_runs() -> None:
    Path("a.yml").write_text(WAITING)
    with started("run", "a.yml", "--events", "-") as process:
        read_until(process.stdout, '"step":"Two","attempt":1},"argv"')
        Path("go").touch()
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert log().endswith(rest)


@pytest.mark.parametrize("way", ["killed", "closed"])
def test_a_reader_that_goes_away_changes_neither_verdict_nor_files(way: str) -> None:
    Path("a.yml").write_text(WAITING)
    os.mkfifo("fifo")
    with started("run", "a.yml", "--events", "fifo", "-l", "followed") as process:
        if way == "killed":
            code = "import time\nfor line in open('fifo'): print(line, flush=True, end='')"
            with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as reader:
                read_until(reader.stdout, '"step":"Two","attempt":1},"argv"')
                reader.send_signal(signal.SIGKILL)
        else:
            with open("fifo") as stream:
                read_until(stream, '"step":"Two","attempt":1},"argv"')
        Path("go").touch()
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, json.loads(stdout)["status"]) == (0, "success")
    assert stderr.count("no more is written to 'fifo' (--events): Broken pipe") == 1
    toe("run", "a.yml", "-l", "plain")
    assert without_chance("followed") == without_chance("plain")


def test_a_reader_that_stops_reading_holds_the_run_up_for_seconds_only() -> None:
    Path("a.yml").write_text(WAITING)
    Path("go").touch()
    read_end, write_end = os.pipe()
    code = (
        "import toe.sinks.event_stream as stream, toe.cli.main as main, sys\n"
        "stream.STALLED_SECONDS = 0.3\n"
        f"sys.exit(main.command_line(['run', 'a.yml', '--quiet', '--events', '/dev/fd/{write_end}']))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, pass_fds=[write_end])
    os.close(write_end)
    os.close(read_end)
    assert (done.returncode, json.loads(done.stdout)["status"]) == (0, "success")
    told = f"toe: warning: not all was written to '/dev/fd/{write_end}' (--events): its reader takes no more\n"
    assert done.stderr == told
    assert kinds(log())[-1] == "RunFinished"


def test_a_run_that_is_refused_tells_so_in_one_event() -> None:
    Path("a.yml").write_text("phases: 1\n")
    Path("events").write_text("old\n")
    done = toe("run", "a.yml", "--events", "-")
    (event,) = map(json.loads, done.stdout.splitlines())
    assert (done.returncode, event["event"], event["exitCode"], event["status"]) == (2, "RunFinished", 2, "failed")
    toe("run", "a.yml", "--events", "events")
    assert kinds(Path("events").read_text()) == ["RunFinished"]
    assert toe("run", "--events", "-", "--no-such").stdout == ""


@pytest.mark.parametrize("target", ["/proc/none/events", ".", "/dev/fd/999"])
def test_what_cannot_be_written_at_all_is_said_before_anything_runs(target: str) -> None:
    Path("a.yml").write_text(HEAD + STEP % ("One", "touch ran"))
    done = toe("run", "a.yml", f"--events={target}")
    assert (done.returncode, Path("ran").exists()) == (2, False)
    assert done.stderr.startswith(f"toe: error: cannot write events to '{target}': ")
    assert json.loads(done.stdout)["status"] == "failed"


def test_no_name_is_said_before_anything_runs() -> None:
    Path("a.yml").write_text(HEAD + STEP % ("One", "touch ran"))
    done = toe("run", "a.yml", "--events=")
    assert (done.returncode, Path("ran").exists()) == (2, False)
    assert done.stderr.startswith("toe: error: option '--events' is empty\n")
    assert json.loads(done.stdout)["status"] == "failed"


def test_a_device_that_takes_nothing_is_one_line() -> None:
    Path("a.yml").write_text(HEAD + STEP % ("One", "seq 100000"))
    done = toe("run", "a.yml", "--quiet", "--events", "/dev/full")
    assert (done.returncode, json.loads(done.stdout)["status"]) == (0, "success")
    assert done.stderr == "warning: no more is written to '/dev/full' (--events): No space left on device\n"


def test_a_run_that_goes_on_appends_to_its_file() -> None:
    Path("a.yml").write_text(HEAD + STEP % ("One", "test -e second || { touch second; exit 194; }"))
    assert toe("run", "a.yml", "--reboot", "exit", "--events", "events", "-s", "state").returncode == 194
    assert toe("resume", "-s", "state").returncode == 0
    assert Path("events").read_text() == log()
    assert "RunResumed" in kinds(log())


def test_a_target_that_a_reboot_took_away_stops_no_run() -> None:
    Path("a.yml").write_text(HEAD + STEP % ("One", "test -e second || { touch second; exit 194; }"))
    Path("gone").mkdir()
    assert toe("run", "a.yml", "--reboot", "exit", "--events", "gone/events", "-s", "state").returncode == 194
    Path("gone/events").unlink()
    Path("gone").rmdir()
    done = toe("resume", "-s", "state")
    assert done.returncode == 0
    assert "toe: warning: cannot write events to 'gone/events': " in done.stderr


def test_secrets_are_masked() -> None:
    Path("a.yml").write_text(HEAD + STEP % ("One", "echo $TOKEN"))
    command = [*TOE, "run", "a.yml", "--mask", "TOKEN", "--events", "-"]
    surroundings = {**environment(), "TOKEN": "hunter2000"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=surroundings)
    assert "hunter2000" not in done.stdout
    assert '"text":"***\\n"' in done.stdout
