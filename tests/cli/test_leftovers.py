"""What `kill -9` leaves behind: it is ended and removed before the run goes on or is given up, and nobody else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from forked_toe import toe_says
from living import is_alive

from toe.system.files.journal import Journal, read_records

TOE = [sys.executable, "-m", "toe"]
#: Says its own number and waits for ever, without output: nothing else would end it.
WAITING = "echo $$ > pid; echo x >> runs; [ ! -e go ] || exit 0; echo running; exec sleep 3600"
JOURNAL = Path("state/mine.journal")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Temporary folders of this test, and no sleeper that outlives it."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    yield
    for text in Path("pids").read_text().split() if Path("pids").exists() else ():
        if is_alive(int(text)):
            os.kill(int(text), signal.SIGKILL)


def toe(*arguments: str) -> subprocess.CompletedProcess[str]:
    return toe_says(*arguments)


def killed(command: str = WAITING) -> int:
    """The process of the step whose `toe` was killed with -9."""
    Path("doc.yml").write_text(
        "schemaVersion: 1.0\nphases: [{name: build, steps: [\n"
        "  {name: First, action: ExecuteBash, inputs: {commands: [echo first]}},\n"
        f"  {{name: Waits, action: ExecuteBash, inputs: {{commands: ['{command}']}}}}]}}]\n"
    )
    process = subprocess.Popen(
        [*TOE, "run", "doc.yml", "--trace", "-i", "mine"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert any(line.rstrip().endswith("Stdout: running") for line in process.stderr)
    process.kill()
    process.communicate()
    pid = int(Path("pid").read_text())
    with Path("pids").open("a") as file:
        file.write(f"{pid}\n")
    assert is_alive(pid)
    assert scripts()
    return pid


def scripts() -> list[Path]:
    return list(Path(os.environ["TMPDIR"]).glob("AWSTOE*"))


def test_resume_ends_what_still_runs_before_the_step_runs_again() -> None:
    pid = killed()
    Path("go").touch()
    done = toe("resume")
    assert done.returncode == 0, done.stderr
    assert f"still runs (process {pid}) and is ended" in done.stderr
    assert not is_alive(pid)
    assert scripts() == []
    assert Path("runs").read_text() == "x\nx\n"


def test_what_the_step_started_is_ended_when_its_shell_is_gone() -> None:
    pid = killed("sleep 3600 & echo $! > pid; echo running; wait")
    shell = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
    os.kill(int(shell), signal.SIGKILL)
    assert toe("abandon", "mine").returncode == 0
    assert not is_alive(pid)


def test_status_tells_of_it_and_abandon_ends_it() -> None:
    pid = killed()
    told = toe("status").stdout
    assert told.startswith(
        f"mine: cut off, and its step still runs (process {pid}), which this ends: toe resume mine\n"
    )
    assert is_alive(pid)
    done = toe("abandon", "mine")
    assert done.returncode == 0, done.stderr
    assert not is_alive(pid)
    assert scripts() == []


def changed_state(**fields: object) -> None:
    """The state with other facts about the process."""
    records = read_records(str(JOURNAL))
    JOURNAL.unlink()
    journal = Journal.create(str(JOURNAL))
    for record in records:
        journal.append({**record, **fields} if record["t"] == "started" else record)
    journal.close()


@pytest.mark.parametrize("fields", [{"at": [1, 2]}, {"boot": "another"}])
def test_a_number_that_is_another_process_now_is_left_alone(fields: dict[str, object]) -> None:
    pid = killed()
    changed_state(**fields)
    assert toe("status").stdout.startswith("mine: cut off: toe resume mine\n")
    assert toe("abandon", "mine").returncode == 0
    assert is_alive(pid)


def test_a_process_whose_number_was_not_written_any_more_is_known_by_its_script() -> None:
    pid = killed(WAITING.replace("exec sleep 3600", "sleep 3600"))
    records = [record for record in read_records(str(JOURNAL)) if record["t"] != "started"]
    JOURNAL.unlink()
    journal = Journal.create(str(JOURNAL))
    for record in records:
        journal.append(record)
    journal.close()
    assert toe("abandon", "mine").returncode == 0
    assert not is_alive(pid)


@pytest.mark.parametrize("kind", ["link", "shared"])
def test_a_folder_that_may_be_somebody_elses_is_left_alone(kind: str) -> None:
    killed()
    (folder,) = scripts()
    if kind == "link":
        folder.rename("elsewhere")
        folder.symlink_to(Path("elsewhere").resolve())
    else:
        folder.chmod(0o755)
    assert toe("abandon", "mine").returncode == 0
    assert list(folder.iterdir())


def test_a_step_that_has_ended_leaves_its_daemon_alone() -> None:
    Path("doc.yml").write_text(
        "schemaVersion: 1.0\nphases: [{name: build, steps: [\n"
        "  {name: Daemon, action: ExecuteBash, inputs: {commands: ['sleep 3600 >/dev/null 2>&1 & echo $! > pids']}},\n"
        "  {name: Kill, action: ExecuteBash, inputs: {commands: ['kill -9 $PPID']}}]}]\n"
    )
    assert toe("run", "doc.yml", "-i", "mine").returncode == -signal.SIGKILL
    assert toe("abandon", "mine").returncode == 0
    assert is_alive(int(Path("pids").read_text()))
