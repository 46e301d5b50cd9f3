"""`toe resume`, `toe status` and `toe abandon` after reboots, kills and signals: real processes."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from forked_toe import toe_says

from toe.system.files.journal import Journal

TOE = [sys.executable, "-m", "toe"]
#: Says that it runs, and waits for its end until `go` is there.
WAITING = """\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - {name: One, action: ExecuteBash, inputs: {commands: [echo x >> one, echo from-one]}}
      - name: Two
        action: ExecuteBash
        inputs:
          commands: ['echo x >> two; echo running; [ -e go ] || sleep 60', 'echo {{ build.One.outputs.stdout }} > seen']
      - {name: Three, action: ExecuteBash, inputs: {commands: [echo x >> three]}}
"""
REBOOTS = WAITING.replace("[ -e go ] || sleep 60", "[ -e go ] || exit 194")


def toe(*arguments: str) -> subprocess.CompletedProcess[str]:
    return toe_says(*arguments)


def started(*arguments: str) -> subprocess.Popen[str]:
    """A run that has reached the middle of its second step."""
    Path("doc.yml").write_text(WAITING)
    process = subprocess.Popen(
        [*TOE, "run", "doc.yml", "--trace", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.rstrip().endswith("Stdout: running"):
            return process
    raise AssertionError("it ended too early")


def killed(*arguments: str) -> str:
    """The execution id of a run that was killed in the middle of its second step."""
    process = started(*arguments)
    process.kill()
    process.communicate()
    (journal,) = Path("state").glob("*.journal")
    return journal.stem


def lines(name: str) -> int:
    return len(Path(name).read_text().split())


def test_a_killed_run_goes_on_with_the_step_that_was_running() -> None:
    execution_id = killed()
    Path("go").touch()
    done = toe("resume")
    summary = json.loads(done.stdout)
    assert (done.returncode, summary["status"], summary["executedStepCount"]) == (0, "success", 3), done.stderr
    assert summary["executionId"] == execution_id
    assert [lines(name) for name in ("one", "two", "three")] == [1, 2, 1]
    assert Path("seen").read_text() == "from-one\n"
    (folder,) = Path().glob("TOE_*")
    assert summary["logUrl"] == str(folder.resolve())
    console = (folder / "console.log").read_text()
    assert console.count("Step One") == 1
    assert "Executor: Execution was cut off and goes on\n" in console
    report = json.loads((folder / "detailedoutput.json").read_text())
    assert [step["status"] for step in report["documents"][0]["phases"][0]["steps"]] == ["success"] * 3
    assert list(Path("state").iterdir()) == []


def test_the_state_is_private_and_gone_after_a_failed_run_too() -> None:
    Path("doc.yml").write_text(
        WAITING.replace("echo x >> three", "ls -l state > listed; stat -c %a state > mode; exit 3")
    )
    Path("go").touch()
    assert toe("run", "doc.yml").returncode == 1
    assert Path("mode").read_text() == "700\n"
    assert re.search(r"^-rw-------.*\.journal$", Path("listed").read_text(), re.MULTILINE)
    assert list(Path("state").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_run_and_it_can_be_resumed(number: signal.Signals) -> None:
    process = started("-i", "mine")
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert json.loads(stdout)["executionId"] == "mine"
    assert "toe resume mine" in stderr
    assert f"mine: stopped by {number.name}: toe resume mine" in toe("status").stdout
    Path("go").touch()
    assert toe("resume", "mine").returncode == 0
    assert [lines(name) for name in ("one", "two", "three")] == [1, 2, 1]


def test_a_second_signal_ends_at_once_what_ignores_the_first() -> None:
    Path("doc.yml").write_text(
        WAITING.replace("echo running; [ -e go ] || sleep 60", 'trap "" TERM; echo running; sleep 60')
    )
    process = subprocess.Popen(
        [*TOE, "run", "doc.yml", "--trace"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.rstrip().endswith("Stdout: running"):
            break
    # Two of a kind could become one on the way.
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    # Less than the five seconds of grace.
    process.communicate(timeout=4)
    assert process.returncode in (130, 143)


def test_status_tells_what_each_run_is_doing() -> None:
    assert "no run is under way" in toe("status").stderr
    process = started("-i", "busy")
    assert toe("status").stdout.startswith("busy: running\n")
    refused = toe("resume", "busy")
    assert (refused.returncode, "in use by another process" in refused.stderr) == (2, True)
    process.kill()
    process.communicate()
    said = toe("status", "busy").stdout
    assert re.match(r"busy: cut off, and its step still runs \(process [0-9, ]+\), .*: toe resume busy\n", said)
    assert "finished:  1 step, the last one 'One'" in said
    assert toe("status", "nobody").returncode == 2


def test_a_run_that_waits_for_a_reboot_is_not_taken_up_by_a_new_one_on_the_same_boot() -> None:
    Path("doc.yml").write_text(REBOOTS)
    for waiting in (1, 2):
        done = toe_says("run", "doc.yml", "--reboot", "exit", environment={"TOE_NO_REBOOT": "0"})
        assert done.returncode == 194
        assert len(list(Path("state").glob("*.journal"))) == waiting
    assert toe("status").stdout.count("waits for a reboot") == 2
    Path("go").touch()
    for journal in sorted(Path("state").glob("*.journal")):
        assert toe("resume", journal.stem).returncode == 0
    assert lines("one") == 2
    assert list(Path("state").iterdir()) == []


def test_a_changed_document_is_refused_with_the_difference() -> None:
    execution_id = killed()
    Path("doc.yml").write_text(WAITING + "# changed\n")
    done = toe("resume")
    assert done.returncode == 2
    assert "the document 'doc.yml' was changed (SHA-256 " in done.stderr
    assert f"toe abandon {execution_id}" in done.stderr
    assert lines("two") == 1


def test_a_run_whose_state_cannot_be_deleted_has_its_result_all_the_same() -> None:
    step = "{name: One, action: ExecuteBash, inputs: {commands: [rm state/one.journal, mkdir state/one.journal]}}"
    Path("doc.yml").write_text(f"schemaVersion: 1.0\nphases: [{{name: build, steps: [{step}]}}]\n")
    done = toe("run", "doc.yml", "-i", "one")
    summary = json.loads(done.stdout)
    assert (done.returncode, summary["status"], summary["executedStepCount"]) == (0, "success", 1), done.stderr
    assert "cannot delete the state" in done.stderr
    assert "'toe abandon one' puts it aside" in done.stderr


def test_the_same_execution_id_is_not_begun_twice() -> None:
    execution_id = killed("-i", "mine")
    done = toe("run", "doc.yml", "-i", execution_id)
    assert done.returncode == 2
    assert "toe resume mine goes on with it, toe abandon mine puts it aside" in done.stderr


def test_an_abandoned_run_is_kept_aside() -> None:
    killed("-i", "mine")
    done = toe("abandon", "mine")
    assert done.returncode == 0
    (kept,) = Path("state").iterdir()
    assert str(kept) in done.stdout
    assert "no run is under way" in toe("status").stderr
    assert toe("resume", "mine").returncode == 2


def test_a_damaged_state_is_kept_aside_and_nothing_runs() -> None:
    killed("-i", "mine")
    (journal,) = Path("state").glob("*.journal")
    data = bytearray(journal.read_bytes())
    data[data.index(b"\n") // 2] ^= 1
    journal.write_bytes(data)
    assert "is damaged in line" in toe("status").stdout
    done = toe("resume")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    (kept,) = Path("state").iterdir()
    assert str(kept.name) in done.stderr
    assert kept.read_bytes() == bytes(data)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.parametrize("left", [b"", b'0000abcd {"t":"ru', bytes(4096)])
def test_a_state_that_a_kill_left_empty_is_cleaned_up(left: bytes) -> None:
    def leave() -> None:
        Path("state").mkdir(exist_ok=True)
        Path("state/mine.journal").write_bytes(left)

    Path("doc.yml").write_text(WAITING)
    Path("go").touch()
    for command in ("status", "resume"):
        leave()
        assert "removed the empty state of execution 'mine': it was killed before anything ran" in toe(command).stderr
        assert not Path("state/mine.journal").exists()
    leave()
    done = toe("run", "doc.yml", "-i", "mine")
    assert (done.returncode, lines("one")) == (0, 1), done.stderr
    leave()
    import_toe = "import toe; toe.run('doc.yml', execution_id='mine', log_directory=None)"
    assert subprocess.run([sys.executable, "-c", import_toe], check=False).returncode == 0
    assert lines("one") == 2


def test_several_states_are_counted_in_good_english() -> None:
    Path("state").mkdir()
    for name in ("one", "two"):
        journal = Journal.create(f"state/{name}.journal")
        journal.append({"t": "run"})
        journal.close()
    assert "there are several states in " in toe("resume").stderr


@pytest.mark.parametrize("arguments", [["resume"], ["resume", "none"], ["abandon"], ["abandon", "none"]])
def test_wrong_usage_ends_with_2_and_a_message(arguments: list[str]) -> None:
    done = toe(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("toe: error: ")
