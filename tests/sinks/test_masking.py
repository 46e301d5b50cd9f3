from __future__ import annotations

import base64
import html
import io
import json
import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from sample_events import PLACE, START, closing, opening, run_of

from toe import events
from toe.cli.summary import summary_text
from toe.events import Event, Sink
from toe.model import Document, Entry, ForEachLoop, Loop, Parameter, Phase, Step
from toe.nodes import Node
from toe.results import Failure, RunResult, Status, StepResult
from toe.secrets.masker import LogSecrets, Secrets
from toe.sinks.chaining import Chaining
from toe.sinks.detailed_output import DetailedOutput
from toe.sinks.events_jsonl import EventsJsonl
from toe.sinks.failure_block import failure_text
from toe.sinks.fanout import FanOut
from toe.sinks.live.view import LiveView
from toe.sinks.log_masking import LogMasking
from toe.sinks.masking import Masking
from toe.sinks.progress_lines import PlainProgress, StepOutput
from toe.sinks.text_logs import TextLogs
from toe.sinks.trace import Trace

PASSWORD = "c0rrect horse/'bättery' & \"staple\""
KEY = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\nAgEAAoIBAQC7VJTU\n-----END KEY-----"


def secrets_of(*values: str) -> Secrets:
    secrets = Secrets()
    for value in values:
        secrets.add(value)
    return secrets


def masking(*values: str) -> Masking:
    return Masking(secrets_of(*values))


def log_masking(*values: str) -> LogMasking:
    return LogMasking(LogSecrets(secrets_of(*values)))


def forms(value: str) -> list[str]:
    """What a script may print of a value."""
    return [
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(value))[3:-3],
        html.escape(value),
        shlex.quote(value)[1:-1],
        value.replace("'", "'\\''"),
        quote(value, safe=""),
        quote_plus(value),
    ]


def base64_forms(value: str) -> list[str]:
    return [base64.b64encode(before + value.encode()).decode() for before in (b"", b"u", b"us")]


def said_about(value: str) -> str:
    """A text with all of them."""
    return "".join(f"<{form}>\n" for form in forms(value) + base64_forms(value))


SAID = said_about(PASSWORD) + said_about(KEY)
ENTRY: Entry = {"text": SAID, SAID: "a key", "list": [SAID, {"deep": SAID}], "number": 1, "nothing": None}
HIDDEN = [
    *(form for value in (PASSWORD, KEY) for form in forms(value)),
    *(form[4:-4] for value in (PASSWORD, KEY) for form in base64_forms(value)),
    *KEY.split("\n"),
]


def documents() -> tuple[Document, Step]:
    step = Step("Tell", "ExecuteBash", (ENTRY,), loop=Loop(ForEachLoop((SAID,))))
    skipped = step._replace(name="Later")
    parameter = Parameter("Password", default=PASSWORD)
    return Document("a.yml", (Phase("build", (step, skipped)),), SAID, SAID, parameters=(parameter,)), step


def failed_result(step: Step) -> StepResult:
    failure = Failure(f"cannot log in with {SAID}", 1, SAID)
    inner = StepResult("Inner", "ExecuteBash", Status.FAILED, START, START, outputs=(ENTRY,), failure=failure)
    return StepResult(
        step.name,
        step.action,
        Status.FAILED,
        START,
        START,
        inputs=step.inputs,
        outputs=(ENTRY,),
        loop=step.loop,
        failure=failure,
        nested=(run_of(inner),),
    )


def telling_run() -> Iterator[Event]:
    """A run in which every text tells the secrets in every form, its output in blocks that cut them anywhere."""
    document, step = documents()
    place = PLACE._replace(step=step.name)
    result = failed_result(step)
    yield events.RunStarted(START, "id", "logs", (document,), ())
    yield events.DocumentStarted(START, PLACE._replace(phase=""), document, 0)
    yield events.PhaseStarted(START, PLACE, 0)
    yield events.StepStarted(START, place, step, 0, step.inputs)
    place = place._replace(attempt=1)
    yield events.AttemptStarted(START, place, 1, 7200)
    yield events.IterationStarted(START, place, SAID)
    yield events.InputsResolved(START, place, (ENTRY,))
    yield events.ActionStarted(START, place, "ExecuteBash")
    yield events.LogLine(START, place, SAID)
    yield events.LogLine(START, place, SAID, debug=True)
    yield events.ProcessStarted(START, place, ("bash", "-c", SAID))
    for stream in ("stdout", "stderr"):
        text = SAID.replace("\n", " ").encode()
        for start in range(0, len(text), 37):
            yield events.Output(START, place, stream, text[start : start + 37])
        for line in SAID.encode().splitlines(keepends=True):
            yield events.Output(START, place, stream, line)
    yield events.ProcessExited(START, place, 1)
    yield events.ActionFinished(START, place, "ExecuteBash", (ENTRY,), SAID)
    yield events.AttemptFinished(START, place, False, False)
    yield events.StepFinished(START, place._replace(attempt=0), 0, result)
    yield from closing(telling_result(result))


def telling_result(step: StepResult) -> RunResult:
    return run_of(step, name=SAID)._replace(failure_message=f"Document a.yml failed! {SAID}")


def test_no_artefact_holds_a_secret_in_any_form(tmp_path: Path) -> None:
    directory = str(tmp_path)
    terminal = io.StringIO()
    mask = log_masking(PASSWORD, KEY)
    with open("trace.log", "wb") as trace, open("listener.log", "w") as listener, open("live.log", "wb") as live:
        heard = Listener(listener)
        sinks: list[Sink] = [
            TextLogs(directory),
            EventsJsonl(directory),
            DetailedOutput(directory),
            Chaining(directory),
        ]
        sinks += [Trace(trace.write), PlainProgress(terminal.write), LiveView(live.fileno(), {}, StepOutput()), heard]
        fan_out = FanOut(sinks, pytest.fail, lambda: mask)
        for number, event in enumerate(telling_run()):
            fan_out.emit(event)
            if number % 7 == 0:
                fan_out.flush()
        fan_out.close()
    result = mask.masked(telling_result(failed_result(documents()[1])))
    Path("terminal.log").write_text(terminal.getvalue() + failure_text(result) + summary_text(result) + repr(result))
    names = set(os.listdir(tmp_path))
    assert {"console.log", "application.log", "chaining.json", "detailedoutput.json", "events.jsonl"} < names
    for name in names:
        data = (tmp_path / name).read_bytes()
        assert b"***" in data, name
        text = data.decode()
        assert [form for form in HIDDEN if form in text or json.dumps(form)[1:-1] in text] == [], name
    for name in ("chaining.json", "detailedoutput.json"):
        json.loads((tmp_path / name).read_text())


class Listener:
    """Writes down every event it hears."""

    def __init__(self, file: io.TextIOBase) -> None:
        self._file = file

    def handle(self, event: Event) -> None:
        self._file.write(f"{event!r}\n")

    def close(self) -> None:
        """The file is somebody else's."""


def output(data: bytes, stream: str = "stdout", at_ns: int = START) -> events.Output:
    return events.Output(at_ns, PLACE, stream, data)


def test_events_without_secrets_are_handed_on_as_they_are() -> None:
    mask = log_masking("s3cret")
    _, step = documents()
    result = failed_result(step)
    sequence = [*opening(steps=(step,)), events.LogLine(START, PLACE, "hello"), *closing(telling_result(result))]
    for event in sequence:
        assert mask.events(event)[0] is event
    whole = output(b"hello\n")
    assert mask.events(whole) == [whole]


def test_output_that_is_held_back_comes_before_the_next_event() -> None:
    mask = log_masking("s3cret")
    assert mask.events(output(b"a s3c")) == []
    assert mask.events(output(b"err", "stderr", START + 1)) == []
    exited = events.ProcessExited(START + 2, PLACE, 0)
    assert mask.events(exited) == [output(b"a s3c"), output(b"err", "stderr", START + 1), exited]
    assert mask.rest() == []


def test_each_stream_and_place_is_put_together_on_its_own() -> None:
    mask = log_masking("s3cret")
    other = PLACE._replace(step="Other")
    assert mask.events(output(b"s3c")) == []
    assert mask.events(output(b"ret\n", "stderr")) == [output(b"ret\n", "stderr")]
    assert mask.events(events.Output(START, other, "stdout", b"ret\n")) == [
        events.Output(START, other, "stdout", b"ret\n")
    ]
    assert mask.events(output(b"ret\n")) == [output(b"***\n")]
    assert mask.rest() == []


def test_what_is_held_back_when_the_run_breaks_off_is_not_lost(tmp_path: Path) -> None:
    mask = log_masking("s3cret")
    fan_out = FanOut([TextLogs(str(tmp_path))], pytest.fail, lambda: mask)
    fan_out.emit(output(b"the last words: s3cr"))
    fan_out.close()
    assert (tmp_path / "console.log").read_text().endswith("Stdout: the last words: s3cr\n")


def test_a_result_that_was_clean_is_masked_when_its_secret_becomes_known() -> None:
    secrets = Secrets()
    secrets.add("s3cret")
    mask = Masking(secrets)
    result = run_of(StepResult("A", "B", Status.FAILED, START, outputs=({"stdout": "t0ken"},)))
    assert mask.masked(result) is result
    secrets.add("t0ken")
    assert "t0ken" not in repr(mask.masked(result))


def test_kinds_and_types_survive() -> None:
    mask = masking("failed", "ExecuteBash")
    result = run_of(failed_result(documents()[1]))
    masked = mask.masked(result)
    step = masked.documents[0].phases[0].steps[0]
    assert (type(masked), type(step), step.status, step.action) == (RunResult, StepResult, Status.FAILED, "***")
    assert mask.masked(({"a": [True, 1, None, 1.5]}, "x")) == ({"a": [True, 1, None, 1.5]}, "x")


def test_positions_in_the_document_are_left_alone() -> None:
    node = Node(1, 2, 3, 4)
    parameter = Parameter("Password", default="s3cret", node=node)
    masked = masking("s3cret").masked(parameter)
    assert (masked.default, masked.node) == ("***", node)
