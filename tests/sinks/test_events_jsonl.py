from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from sample_events import NS, PLACE, START, bash_step, failed_step, hello_world, run_of

from toe import events
from toe.events import Event
from toe.model import DelimitedLoop, Document, ForEachLoop, ForLoop, Loop
from toe.results import DocumentResult, PhaseResult, Status
from toe.sinks.events_jsonl import EventsJsonl

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "event.schema.json").read_text())
HERE = PLACE._replace(step="S", attempt=2, iteration=0, depth=1)


def lines_of(directory: Path, *sequence: Event) -> list[Any]:
    sink = EventsJsonl(str(directory))
    for event in sequence:
        sink.handle(event)
    sink.close()
    return [json.loads(line) for line in (directory / "events.jsonl").read_text().split("\n")[:-1]]


def every_kind() -> Iterator[Event]:
    """Each event with as much in it as it can have."""
    loops = (None, Loop(ForLoop(1, 2, 1), "n"), Loop(ForEachLoop(("a",))), Loop(DelimitedLoop("a;b", ";")))
    document = Document("a.yml", (), "A")
    failed = failed_step()
    deep = failed._replace(nested=(run_of(failed)._replace(signal=15, reboot=True),), hidden=True)
    yield events.RunStarted(START, "id", "folder", (document, document), ("build",))
    yield events.RunResumed(START, "id", "folder", (document, document), ("build",), rebooted=True)
    yield events.DocumentStarted(START, PLACE._replace(phase="", hidden=True), document, 0)
    yield events.PhaseStarted(START, PLACE, 1)
    for loop in loops:
        step = bash_step("S", "x")._replace(loop=loop)
        yield events.StepStarted(START, PLACE, step, 2, step.inputs)
    yield events.InputsResolved(START, HERE, ({"path": "x", "force": True, "n": 1, "list": ["a", None]},))
    yield events.AttemptStarted(START, HERE, 3, -1)
    yield events.IterationStarted(START, HERE, "value")
    yield events.ActionStarted(START, HERE, "ExecuteBash")
    yield events.LogLine(START, HERE, "text", True)
    yield events.ProcessStarted(START, HERE, ("bash", "script"))
    yield events.Output(START, HERE, "stdout", b"out\n")
    yield events.Output(START, HERE, "stderr", b'\xff\0"\\\n')
    for code in (0, -15, None):
        yield events.ProcessExited(START, HERE, code)
    yield events.ActionProgressed(START, HERE, 5, None)
    yield events.ActionProgressed(START, HERE, 5, 10)
    yield events.ActionFinished(START, HERE, "ExecuteBash", ({"stdout": "out"},), "exit status 1")
    yield events.AttemptFinished(START, HERE, False, True)
    for result in (failed, deep, failed._replace(failure=None, status=Status.SKIPPED)):
        yield events.StepFinished(START, PLACE, 0, result)
    yield events.PhaseFinished(START, PLACE, 0, PhaseResult("build", Status.FAILED, START, START))
    yield events.DocumentFinished(START, PLACE, 0, DocumentResult("A", "a.yml", Status.SUCCESS, START, START))
    yield events.RebootRequested(START, HERE, 194)
    yield events.RunFinished(START, run_of(failed))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_kind_of_event_is_as_the_schema_says(tmp_path: Path) -> None:
    sequence = list(every_kind())
    kinds = {kind.__name__ for kind in get_args(events.Event)}
    assert {type(event).__name__ for event in sequence} == kinds
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for line in lines_of(tmp_path, *sequence, *hello_world()):
        definition = validator.evolve(schema={**SCHEMA["$defs"][line["event"]], "$defs": SCHEMA["$defs"]})
        definition.validate(line)
        validator.validate(line)


def test_the_schema_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    line = lines_of(tmp_path, events.ActionStarted(START, HERE, "ReadFile"))[0]
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for changed in ({**line, "more": 1}, {**line, "event": "Other"}, {**line, "where": {}}):
        assert not validator.is_valid(changed)


def test_an_event_has_its_time_name_and_place(tmp_path: Path) -> None:
    assert lines_of(tmp_path, events.ActionStarted(START, HERE, "ReadFile")) == [
        {
            "at": "2022-05-25T14:01:45.914525413Z",
            "event": "ActionStarted",
            "where": {"document": "a.yml", "phase": "build", "step": "S", "attempt": 2, "iteration": 0, "depth": 1},
            "action": "ReadFile",
        }
    ]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain\nlines\n", "plain\nlines\n"),
        (b'"quoted" \\ \t \x1b[0m \0', '"quoted" \\ \t \x1b[0m \0'),
        ("ä\u2028😀\n".encode(), "ä\u2028😀\n"),
        (b"a\xff\xfeb", "a\ufffd\ufffdb"),
        (b'\xff"\n', '\ufffd"\n'),
        (b"", ""),
    ],
)
def test_output_is_text_with_its_length_in_bytes(tmp_path: Path, data: bytes, text: str) -> None:
    line = lines_of(tmp_path, events.Output(START, HERE, "stderr", data))[0]
    assert (line["stream"], line["bytes"], line["text"]) == ("stderr", len(data), text)


def test_long_texts_are_cut_and_say_so(tmp_path: Path) -> None:
    finished = events.ActionFinished(START, HERE, "ReadFile", ({"content": "ä" * 100_000},))
    content = lines_of(tmp_path, finished)[0]["outputs"][0]["content"]
    assert content == "ä" * 65_536 + "... (cut)"


def test_output_is_in_the_file_at_once_and_the_rest_after_a_flush(tmp_path: Path) -> None:
    sink = EventsJsonl(str(tmp_path))
    path = tmp_path / "events.jsonl"
    sink.handle(events.ActionStarted(START, HERE, "ReadFile"))
    sink.flush()
    assert path.read_text().count("\n") == 1
    sink.handle(events.Output(START + NS, HERE, "stdout", b"x\n"))
    assert path.read_text().count("\n") == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    sink.close()


def test_odd_texts_are_valid_json(tmp_path: Path) -> None:
    line = lines_of(tmp_path, events.LogLine(START, HERE, 'a "b"\n\udcff'))[0]
    assert line["text"] == 'a "b"\n\udcff'


def test_output_that_there_is_no_room_for_is_counted_and_marked(tmp_path: Path) -> None:
    block = events.Output(START, HERE, "stdout", b"x" * 5 * 2**20)
    small = events.Output(START, HERE, "stdout", b"next\n")
    error = events.Output(START, HERE, "stderr", b"oops\n")
    process = events.ProcessStarted(START, HERE, ("b",))
    first, over, other, _, fresh = lines_of(tmp_path, block, block, small, error, process, small)
    assert len(first["text"]) == 5 * 2**20
    assert (over["text"], over["stream"], over["bytes"], over["cut"]) == ("", "stdout", 5 * 2**20 + 5, True)
    assert (other["text"], other["stream"], other["bytes"], other["cut"]) == ("", "stderr", 5, True)
    assert fresh["text"] == "next\n"
    jsonschema.validate(over, SCHEMA)


@pytest.mark.parametrize("byte", [b"x", b"\0", b"\xff", b'"', b"\n"])
def test_the_file_does_not_grow_with_output(tmp_path: Path, byte: bytes) -> None:
    def steps() -> Iterator[events.Event]:
        for _ in range(4):
            yield events.StepStarted(START, HERE, bash_step("S", "x"), 0, ())
            for _ in range(3):
                yield events.ProcessStarted(START, HERE, ("b",))
                yield from [events.Output(START, HERE, "stdout", byte * 65_536)] * 150

    lines = lines_of(tmp_path, *steps())
    assert sum("cut" in line for line in lines) == 12
    assert 15 * 2**20 < (tmp_path / "events.jsonl").stat().st_size < 17 * 2**20
