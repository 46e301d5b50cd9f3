from __future__ import annotations

import errno
import json
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from sample_events import NS, PLACE, START, closing, failed_step, opening, run_of, small_step

from toe import events
from toe.events import Where
from toe.model import DelimitedLoop, ForEachLoop, ForLoop, Loop, Step
from toe.results import PhaseResult, RunResult, Status, StepResult
from toe.sinks import detailed_output
from toe.sinks.detailed_output import DetailedOutput
from toe.sinks.log_file import write_whole
from toe.system.files import staging

ROOT = Path(__file__).parents[2]
NAME = "detailedoutput.json"

EMITTER = """
import sys
from sample_events import closing, opening, run_of, small_step
from toe.results import Status
from toe.sinks.detailed_output import DetailedOutput

sink = DetailedOutput(sys.argv[1])
while True:
    for event in opening():
        sink.handle(event)
    print("ready", flush=True)
    for number in range(2000):
        for event in small_step(number):
            sink.handle(event)
            sink.flush()
    for event in closing(run_of(status=Status.SUCCESS)):
        sink.handle(event)
        sink.flush()
"""


def report(directory: Path) -> Any:
    return json.loads((directory / NAME).read_bytes())


def first_phase(directory: Path) -> Any:
    return report(directory)["documents"][0]["phases"][0]


def first_step(directory: Path) -> Any:
    return first_phase(directory)["steps"][0]


def one_step(directory: Path, result: StepResult) -> Any:
    sink = DetailedOutput(str(directory))
    for event in opening():
        sink.handle(event)
    sink.handle(events.StepFinished(START, PLACE._replace(step=result.name), 0, result))
    sink.close()
    return first_step(directory)


def emitter(directory: Path) -> subprocess.Popen[bytes]:
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests" / "sinks")))
    return subprocess.Popen(
        [sys.executable, "-c", EMITTER, str(directory)],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
    )


def test_report_is_there_from_the_start_for_the_user_alone(tmp_path: Path) -> None:
    sink = DetailedOutput(str(tmp_path))
    sink.handle(next(opening()))
    run = report(tmp_path)
    assert (run["status"], run["endTime"], run["documents"]) == ("running", "", [])
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    sink.close()


def test_step_under_way_is_running_with_its_resolved_inputs(tmp_path: Path) -> None:
    sink = DetailedOutput(str(tmp_path))
    for event in opening():
        sink.handle(event)
    started, _ = small_step(0, {"path": "{{ Where }}"})
    sink.handle(started)
    sink.flush()
    assert first_step(tmp_path)["inputs"] == '[{"path":"{{ Where }}"}]'
    sink.handle(events.InputsResolved(START, PLACE, ({"path": "/tmp/ä"},)))
    sink.flush()
    step = first_step(tmp_path)
    assert (step["status"], step["endTime"], step["inputs"]) == ("running", "", '[{"path":"/tmp/ä"}]')
    sink.close()


def test_changes_wait_for_a_flush_and_are_published_together(tmp_path: Path) -> None:
    sink = DetailedOutput(str(tmp_path))
    for event in opening():
        sink.handle(event)
    sink.flush()
    before = (tmp_path / NAME).stat().st_ino
    for number in range(3):
        for event in small_step(number):
            sink.handle(event)
    assert (tmp_path / NAME).stat().st_ino == before
    sink.flush()
    assert len(first_phase(tmp_path)["steps"]) == 3
    sink.close()


def test_hidden_names_are_gone_after_the_end_and_those_of_a_killed_run_too(tmp_path: Path) -> None:
    (tmp_path / f".{NAME}.new").write_text("left over")
    sink = DetailedOutput(str(tmp_path))
    for event in (*opening(), *small_step(1), *closing(run_of(status=Status.SUCCESS))):
        sink.handle(event)
        sink.flush()
    sink.close()
    assert os.listdir(tmp_path) == [NAME]


@pytest.mark.parametrize(
    ("loop", "form"),
    [
        (Loop(ForLoop(1, 9, 4), "count"), {"name": "count", "for": {"start": 1, "end": 9, "updateBy": 4}}),
        (Loop(ForEachLoop(("a", "b\n"))), {"forEach": ["a", "b\n"]}),
        (Loop(DelimitedLoop("{{ Hosts }}", ";")), {"forEach": {"list": "{{ Hosts }}", "delimiter": ";"}}),
    ],
)
def test_loop_has_the_form_of_the_document(tmp_path: Path, loop: Loop, form: object) -> None:
    result = StepResult("S", "ReadFile", Status.SUCCESS, START, START, loop=loop)
    assert one_step(tmp_path, result)["loop"] == form


def test_nested_runs_stand_in_their_step_in_the_same_form(tmp_path: Path) -> None:
    inner = run_of(failed_step(), path="inner.yml", name="Inner")
    result = StepResult("Down", "ExecuteDocument", Status.FAILED, START, START, nested=(inner, inner))
    nested = one_step(tmp_path, result)["detailedOutput"]
    assert len(nested) == 2
    assert list(nested[0]) == ["executionId", "status", "startTime", "endTime", "failureMessage", "documents"]
    assert nested[0]["documents"][0]["filePath"] == "inner.yml"
    assert nested[0]["documents"][0]["phases"][0]["steps"][0]["failureMessage"] == "exit status 3"
    text = (tmp_path / NAME).read_text()
    assert text == json.dumps(json.loads(text), indent=4, ensure_ascii=False)


def test_events_of_nested_documents_do_not_drive_the_report(tmp_path: Path) -> None:
    sink = DetailedOutput(str(tmp_path))
    for event in opening():
        sink.handle(event)
    started, finished = small_step(0)
    sink.handle(started)
    deep = Where("inner.yml", "build", depth=1)
    sink.handle(events.PhaseStarted(START, deep, 0))
    sink.handle(events.StepFinished(START, deep, 0, failed_step()))
    sink.handle(events.PhaseFinished(START, deep, 0, PhaseResult("build", Status.FAILED, START)))
    sink.handle(finished)
    sink.close()
    steps = first_phase(tmp_path)["steps"]
    assert [step["name"] for step in steps] == ["Step00000"]


def test_texts_of_all_kinds_survive(tmp_path: Path) -> None:
    content = '"quoted" back\\slash \n\r\t\0 \x1b[31m \u2028 ä 😀 \udcff' + 'é"\n' * 100_000
    step = one_step(tmp_path, StepResult("S", "ReadFile", Status.SUCCESS, START, outputs=({"content": content},)))
    assert json.loads(step["outputs"]) == [{"content": content}]


def test_hidden_steps_show_neither_inputs_nor_outputs(tmp_path: Path) -> None:
    secret: Any = ({"secret": "s3cret"},)
    result = StepResult("S", "ReadFile", Status.SUCCESS, START, START, inputs=secret, outputs=secret, hidden=True)
    step = one_step(tmp_path, result)
    assert (step["inputs"], step["outputs"]) == ("[]", "[]")


def test_report_of_a_run_that_was_cut_short_is_closed_as_it_is(tmp_path: Path) -> None:
    sink = DetailedOutput(str(tmp_path))
    for event in opening():
        sink.handle(event)
    sink.handle(small_step(1)[0])
    sink.handle(events.RunFinished(START + NS, run_of(status=Status.FAILED)._replace(signal=15)))
    sink.close()
    assert report(tmp_path)["status"] == "failed"


def test_no_more_than_a_twentieth_of_the_time_is_spent_on_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    written: list[int] = []

    def write(path: str, content: Iterable[bytes]) -> None:
        write_whole(path, content)
        clock.seconds += 0.01 + os.stat(path).st_size / 1e6
        written.append(number)

    monkeypatch.setattr(detailed_output, "time", clock)
    monkeypatch.setattr(detailed_output, "write_whole", write)
    number = 0
    sink = DetailedOutput(str(tmp_path))
    for event in opening():
        sink.handle(event)
    for number in range(1, 2001):
        for event in small_step(number):
            sink.handle(event)
            sink.flush()
        clock.seconds += 0.05
    in_steps = len(written)
    assert written[:9] == [0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert 20 < in_steps < 300
    at_once = 12 * (0.01 + 0.02)  # the first 12 are small
    assert clock.seconds - 1000 < (2000 * 0.05 + at_once) * 20 / 19 + 1
    for event in closing(run_of(status=Status.SUCCESS)):
        sink.handle(event)
        sink.flush()
    sink.close()
    assert len(written) == in_steps + 1
    assert (report(tmp_path)["status"], len(first_phase(tmp_path)["steps"])) == ("success", 2000)


class Clock:
    """Stands for the module `time`."""

    seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


def test_what_a_reader_has_opened_stays_what_it_was(tmp_path: Path) -> None:
    sink = DetailedOutput(str(tmp_path))
    for event in opening():
        sink.handle(event)
    with (tmp_path / NAME).open("rb") as reader:
        expected = (tmp_path / NAME).read_bytes()
        for number in range(20):
            for event in small_step(number):
                sink.handle(event)
                sink.flush()
        assert reader.read() == expected
    sink.close()
    assert len(first_phase(tmp_path)["steps"]) == 20


def test_readers_at_any_time_get_a_whole_report(tmp_path: Path) -> None:
    faults: list[str] = []
    ends = time.monotonic() + 2

    def read() -> None:
        while time.monotonic() < ends:
            try:
                report(tmp_path)
            except ValueError as error:
                faults.append(str(error))

    with emitter(tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        still_runs = process.poll() is None
        process.kill()
    assert still_runs
    assert faults == []


def test_report_is_whole_after_a_kill_at_any_moment(tmp_path: Path) -> None:
    moments = random.Random(7)
    for _ in range(50):
        with emitter(tmp_path) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(moments.uniform(0, 0.02))
            process.send_signal(signal.SIGKILL)
        assert report(tmp_path)["executionId"]


def test_report_stays_whole_when_the_disk_fills_up(tmp_path: Path) -> None:
    small_disk = tmp_path / "disk"
    small_disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small_disk)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("cannot mount a small file system")
    try:
        sink = DetailedOutput(str(small_disk))
        for event in opening():
            sink.handle(event)
        with pytest.raises(OSError, match="No space left"):
            fill(sink)
        with pytest.raises(OSError, match="No space left"):
            sink.close()
        assert report(small_disk)["documents"][0]["phases"][0]["steps"]
        assert os.listdir(small_disk) == [NAME]
    finally:
        subprocess.run(["umount", str(small_disk)], check=True)


def fill(sink: DetailedOutput) -> None:
    for number in range(1000):
        for event in small_step(number, {"content": "x" * 2000}):
            sink.handle(event)
            sink.flush()


def test_report_is_whole_after_every_step(tmp_path: Path) -> None:
    sink = DetailedOutput(str(tmp_path))
    for event in opening():
        sink.handle(event)
    for number in range(30):
        for event in small_step(number):
            sink.handle(event)
            sink.flush()
            text = (tmp_path / NAME).read_text()
            assert text == json.dumps(json.loads(text), indent=4, ensure_ascii=False)
    for event in closing(run_of(status=Status.SUCCESS)):
        sink.handle(event)
    sink.close()
    assert len(first_phase(tmp_path)["steps"]) == 30
    assert report(tmp_path)["status"] == "success"
    assert os.listdir(tmp_path) == [NAME]


def test_report_is_published_later_when_a_reader_on_windows_has_it_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = ["one"]

    def replace(source: str, destination: str, move: Callable[[str, str], None] = os.replace) -> None:
        if readers and os.path.exists(destination):
            error = PermissionError(errno.EACCES, "in use")
            error.winerror = 32  # type: ignore[attr-defined]
            raise error
        move(source, destination)

    patiently = staging.patiently
    monkeypatch.setattr(staging, "patiently", lambda operation, *paths: patiently(replace, *paths))
    monkeypatch.setattr(staging, "_PATIENCE_SECONDS", 0.02)
    sink = DetailedOutput(str(tmp_path))
    for event in (*opening(), *small_step(0), *closing(run_of(status=Status.SUCCESS))):
        sink.handle(event)
        sink.flush()
    assert report(tmp_path)["status"] == "running"
    readers.clear()
    sink.close()
    assert report(tmp_path)["status"] == "success"
    assert os.listdir(tmp_path) == [NAME]


LARGE = """
import resource, sys
from sample_events import PLACE, START, opening
from toe import events
from toe.results import Status, StepResult
from toe.sinks.chaining import Chaining
from toe.sinks.detailed_output import DetailedOutput
from toe.sinks.events_jsonl import EventsJsonl
from toe.sinks.text_logs import TextLogs

sinks = [DetailedOutput(sys.argv[1]), Chaining(sys.argv[1]), EventsJsonl(sys.argv[1]), TextLogs(sys.argv[1])]
text = ("line \\"of\\" output\\n" * (1024 * 1024))[: 16 * 1024 * 1024]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
result = StepResult("S", "ExecuteBash", Status.SUCCESS, START, START, outputs=({"stdout": text},))
finished = events.ActionFinished(START, PLACE, "ExecuteBash", result.outputs)
for event in (*opening(), finished, events.StepFinished(START, PLACE, 0, result)):
    for sink in sinks:
        sink.handle(event)
for sink in sinks:
    sink.close()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_large_output_is_never_copied_as_a_whole(tmp_path: Path) -> None:
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests" / "sinks")))
    done = subprocess.run(
        [sys.executable, "-c", LARGE, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        check=True,
    )
    assert int(done.stdout) < 8_000
    assert len(json.loads(first_step(tmp_path)["outputs"])[0]["stdout"]) == 16 * 1024 * 1024


def test_step_started_keeps_its_own_settings(tmp_path: Path) -> None:
    sink = DetailedOutput(str(tmp_path))
    for event in opening():
        sink.handle(event)
    step = Step("S", "ReadFile", timeout_seconds=-1, max_attempts=3)
    sink.handle(events.StepStarted(START, PLACE, step, 0, ()))
    sink.close()
    shown = first_step(tmp_path)
    assert (shown["timeoutSeconds"], shown["maxAttempts"], shown["inputs"], shown["outputs"]) == (-1, 3, "[]", "[]")


def test_run_without_documents_is_valid_too(tmp_path: Path) -> None:
    sink = DetailedOutput(str(tmp_path))
    sink.handle(events.RunStarted(START, "id", "", (), ()))
    sink.handle(events.RunFinished(START, RunResult("id", Status.FAILED, START, START, "nothing")))
    sink.close()
    assert report(tmp_path)["documents"] == []
