"""What is read out of a log folder: the golden one of AWSTOE, and those of real runs."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_runs import detailed_output, killed_run, one_step, resumed, rich_run, stopped_run

import toe
from toe.errors import ToeError
from toe.report.folder import read_folder
from toe.report.junit import junit_report
from toe.report.model import RunReport, StepReport, steps_of
from toe.report.verdict import verdict_of

if TYPE_CHECKING:
    from tests.conftest import RunDocument

GOLDEN = Path(__file__).parents[1] / "sinks" / "golden_hello_world"


def step_named(run: RunReport, name: str) -> StepReport:
    return next(step for step in steps_of(run.documents) if step.name == name)


def printed(step: StepReport) -> list[tuple[str, str]]:
    return [(stream.name, stream.text) for stream in step.streams]


def test_a_folder_of_awstoe_is_read() -> None:
    run = read_folder(str(GOLDEN))
    assert (run.execution_id, run.status) == ("3699d6f5-dc33-11ec-9989-00224820200b", "success")
    assert (run.ended_at_ns - run.started_at_ns, run.is_precise) == (1_000_000_000, False)
    (document,) = run.documents
    assert (document.name, document.path) == ("Hello World", "hello-world-linux.yml")
    assert [phase.name for phase in document.phases] == ["build", "validate", "test"]
    (step,) = document.phases[0].steps
    assert (step.number, step.action, step.attempts) == (1, "ExecuteBash", ())
    assert step.inputs == ({"commands": ["echo 'Hello World from the build phase.'"]},)
    assert printed(step) == [("stdout", "Hello World from the build phase.")]


def test_our_folder_tells_attempts_iterations_and_streams(run_document: RunDocument) -> None:
    run = read_folder(rich_run(run_document))
    assert (run.status, run.is_precise, run.unread_lines) == ("timedOut", True, 0)
    assert verdict_of(run).text == "Timed out"
    retried = step_named(run, "Retried")
    assert [(attempt.number, attempt.outcome) for attempt in retried.attempts] == [(1, "failed"), (2, "success")]
    assert retried.attempts[0].iterations[0].failure_message == "exit status 3"
    assert printed(retried) == [("stdout", "out\n"), ("stderr", "err\n")] * 2
    assert [process.exit_code for process in retried.attempts[0].iterations[0].processes] == [3]
    looped = step_named(run, "Looped")
    iterations = looped.attempts[0].iterations
    assert [(one.position, one.value) for one in iterations] == [(0, "one"), (1, "two")]
    assert [one.inputs for one in iterations] == [({"commands": [f"echo number {n}"]},) for n in ("one", "two")]
    assert printed(looped) == [("stdout", "number one\n"), ("stdout", "number two\n")]
    assert looped.loop == {"name": "it", "forEach": ["one", "two"]}
    assert step_named(run, "Left").status == "skipped"
    ignored = step_named(run, "Ignored")
    assert (ignored.status, ignored.exit_code, ignored.last_lines(3)) == ("ignoredFailure", 4, ["sorry"])
    late = step_named(run, "Late")
    assert (late.status, late.has_failed, late.line) == ("timedOut", True, 29)


def test_nested_documents_of_a_loop_are_each_found_with_their_output(run_document: RunDocument) -> None:
    run = read_folder(rich_run(run_document))
    nested = step_named(run, "Nested")
    assert len(nested.nested) == 1  # its first lap fails, and no other follows
    (document,) = nested.nested[0].documents
    red, mute = document.phases[0].steps
    assert printed(red) == [("stdout", "\x1b[1;31mred\x1b[0m plain\n")]
    assert (mute.status, mute.exit_code) == ("failed", 5)
    numbers = [step.number for step in steps_of(run.documents)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert document.started_at_ns % 1_000_000_000 != 0


def test_a_hidden_step_is_known_as_such_and_holds_nothing(run_document: RunDocument) -> None:
    run = read_folder(rich_run(run_document))
    hidden = step_named(run, "Hidden")
    assert (hidden.hidden, hidden.inputs, hidden.outputs, hidden.streams) == (True, (), (), ())
    assert "nobody-sees-this" not in repr(run)


def test_a_killed_run_is_told_as_not_ended_with_the_steps_of_its_nested_document() -> None:
    folder = killed_run()
    run = read_folder(folder)
    assert verdict_of(run) == ("running", "Not ended: still running, or cut off")
    assert not run.has_ended
    waits = step_named(run, "Waits")
    assert (waits.status, printed(waits), waits.attempts[0].outcome) == (
        "running",
        [("stdout", "waiting\n")],
        "running",
    )
    assert step_named(run, "First").status == "success"
    resumed()
    run = read_folder(folder)
    assert (verdict_of(run).text, len(run.resumed_at_ns)) == ("Succeeded", 1)
    waits = step_named(run, "Waits")
    assert [attempt.outcome for attempt in waits.attempts] == ["cut off", "success"]
    assert printed(step_named(run, "First")) == [("stdout", "first\n")]  # it did not run again


def test_a_run_that_a_signal_has_stopped_says_so() -> None:
    run = read_folder(stopped_run(signal.SIGTERM))
    assert verdict_of(run) == ("failed", "Stopped by SIGTERM")


def test_a_run_that_waits_for_a_reboot_is_not_over(monkeypatch: pytest.MonkeyPatch, run_document: RunDocument) -> None:
    monkeypatch.delenv("TOE_NO_REBOOT")
    result = run_document(one_step("echo before; [ -e go ] || exit 194"))
    run = read_folder(result.log_url)
    assert verdict_of(run).text == "Waits for a reboot: the run goes on after it"
    assert [attempt.outcome for attempt in step_named(run, "Only").attempts] == ["reboot"]
    Path("go").touch()
    toe.resume(result.execution_id)
    run = read_folder(result.log_url)
    assert (verdict_of(run).text, len(run.resumed_at_ns)) == ("Succeeded", 1)
    assert [attempt.outcome for attempt in step_named(run, "Only").attempts] == ["reboot", "success"]


def test_without_events_the_report_of_awstoes_form_is_enough(run_document: RunDocument) -> None:
    folder = rich_run(run_document)
    Path(folder, "events.jsonl").unlink()
    run = read_folder(folder)
    assert printed(step_named(run, "Red")) == [("stdout", "\x1b[1;31mred\x1b[0m plain")]
    assert step_named(run, "Retried").attempts == ()


def test_lines_of_the_events_that_make_no_sense_are_left_out_and_counted(run_document: RunDocument) -> None:
    folder = Path(rich_run(run_document))
    events = folder / "events.jsonl"
    whole = read_folder(str(folder))
    odd = [b"not json", b"[]", b"{}", b'{"event": "Output"}', b'{"event": [], "where": {}}', b"\xff\xfe", b"[" * 5000]
    with events.open("ab") as file:
        file.write(b"\n".join(odd) + b'\n{"at":"2026-11-29T10:')
    run = read_folder(str(folder))
    assert run.unread_lines == len(odd)
    assert run._replace(unread_lines=0) == whole


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda folder: None, "cannot read the log folder 'logs': No such file or directory"),
        (lambda folder: folder.write_text(""), "'logs' is a file, and no log folder"),
        (lambda folder: folder.mkdir(), "'logs' is no log folder: it has no detailedoutput.json"),
    ],
)
def test_what_is_no_log_folder_is_refused_in_one_message(make: Any, told: str) -> None:
    make(Path("logs"))
    with pytest.raises(ToeError) as caught:
        read_folder("logs")
    assert caught.value.message == told
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "'logs/detailedoutput.json' is damaged: it is no JSON"),
        ('{"status": "succ', "'logs/detailedoutput.json' is damaged: it is no JSON"),
        ("[" * 100_000, "'logs/detailedoutput.json' is damaged: it is no JSON"),
        ("[]", "'logs/detailedoutput.json' is no report of a run: it has no status or no documents"),
        ('{"name": "package"}', "'logs/detailedoutput.json' is no report of a run: it has no status or no documents"),
    ],
)
def test_a_damaged_or_foreign_report_is_refused_in_one_message(text: str, told: str) -> None:
    Path("logs").mkdir()
    Path("logs/detailedoutput.json").write_text(text)
    with pytest.raises(ToeError) as caught:
        read_folder("logs")
    assert caught.value.message == told


def test_special_files_keep_nobody_waiting() -> None:
    Path("logs").mkdir()
    os.mkfifo("logs/detailedoutput.json")
    with pytest.raises(ToeError, match="is a fifo, not a file"):
        read_folder("logs")
    Path("logs/detailedoutput.json").unlink()
    shutil.copy(GOLDEN / "detailedoutput.json", "logs")
    os.mkfifo("logs/events.jsonl")
    with pytest.raises(ToeError, match=r"events.jsonl': .* is a fifo, not a file"):
        read_folder("logs")


def test_the_folder_above_log_folders_is_refused_with_the_newest_of_them() -> None:
    for name in ("TOE_2026-01-01_x", "TOE_2026-02-02_y"):
        shutil.copytree(GOLDEN, Path("logs", name))
    with pytest.raises(ToeError) as caught:
        read_folder("logs")
    assert caught.value.hint == "there is one in it: 'logs/TOE_2026-02-02_y', and 1 more"


def test_documents_may_be_null_where_awstoe_came_to_none() -> None:
    Path("logs").mkdir()
    Path("logs/detailedoutput.json").write_text('{"executionId": "x", "status": "failed", "documents": null}')
    run = read_folder("logs")
    assert (run.documents, verdict_of(run).text) == ((), "Failed")
    assert "<error" in junit_report(run)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Every place in a tree of JSON."""
    items = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for key, item in items:
        found.append((value, key))
        places(item, found)
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_value_in_any_place_makes_a_report_or_an_expected_error(data: st.DataObject, tmp_path: Path) -> None:
    folder = tmp_path / "fuzzed"
    folder.mkdir(exist_ok=True)
    report = detailed_output(GOLDEN)
    events = [
        {"event": "RunStarted", "at": "2026-11-29T10:06:47.315709452Z"},
        {"event": "DocumentStarted", "position": 0, "where": {"document": "hello-world-linux.yml"}},
        {"event": "PhaseStarted", "position": 0, "where": {"phase": "build"}},
        {"event": "StepStarted", "where": {"phase": "build", "step": "HelloWorldStep"}},
        {"event": "AttemptStarted", "where": {"step": "HelloWorldStep", "attempt": 1}},
        {"event": "IterationStarted", "where": {"step": "HelloWorldStep", "iteration": 1}, "value": "x"},
        {"event": "InputsResolved", "where": {"step": "HelloWorldStep"}, "inputs": [{"commands": ["x"]}]},
        {"event": "DocumentStarted", "position": 0, "where": {"document": "nested.yml", "depth": 1}},
        {"event": "StepStarted", "where": {"phase": "build", "step": "Deep", "depth": 1}},
        {"event": "Output", "where": {"step": "HelloWorldStep"}, "stream": "stdout", "text": "x", "bytes": 1},
        {"event": "StepFinished", "where": {"step": "HelloWorldStep"}, "failure": {"exitCode": 1}},
        {"event": "RunFinished", "signal": 2, "reboot": False},
    ]
    found = places(report, []) + places(events, [])
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = found[data.draw(st.integers(0, len(found) - 1))]
        if isinstance(container, dict) or key < len(container):
            container[key] = data.draw(JSON)
    (folder / "detailedoutput.json").write_text(json.dumps(report))
    (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    try:
        run = read_folder(str(folder))
    except ToeError:
        return
    assert junit_report(run)
