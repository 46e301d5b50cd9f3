from __future__ import annotations

from itertools import pairwise

import pytest
from sample_events import PLACE, START, closing, opening, run_of

from toe import events
from toe.events import Event
from toe.model import Document, Phase, Step
from toe.results import Failure, Status, StepResult
from toe.secrets.masker import LogSecrets, Secrets
from toe.sinks.log_masking import LogMasking

ADDRESS = "https://user:s3cret@example.com/k?X-Amz-Signature=5ignature&a=b"
SHOWN = "https://user:***@example.com/k?X-Amz-Signature=***&a=b"


def log_masking() -> LogMasking:
    return LogMasking(LogSecrets(Secrets()))


def output(data: bytes) -> events.Output:
    return events.Output(START, PLACE, "stdout", data)


def document(source: bytes) -> Document:
    return Document("a.yml", (Phase("build", (Step("S", "ExecuteBash"),)),), source=source)


def test_a_run_without_credentials_is_handed_on_as_it_is() -> None:
    mask = log_masking()
    sequence = [
        *opening(),
        events.LogLine(START, PLACE, "hello"),
        output(b"https://example.com:80/\n"),
        *closing(run_of()),
    ]
    for event in sequence:
        (same,) = mask.events(event)
        assert same is event


@pytest.mark.parametrize(
    "event",
    [
        events.LogLine(START, PLACE, f"get {ADDRESS}"),
        events.ProcessStarted(START, PLACE, ("curl", ADDRESS)),
        events.InputsResolved(START, PLACE, ({"commands": [f"curl {ADDRESS}"]},)),
        events.ActionFinished(START, PLACE, "ExecuteBash", ({"stdout": ADDRESS},)),
        events.ActionFinished(START, PLACE, "ExecuteBash", (), f"cannot get {ADDRESS}"),
        events.IterationStarted(START, PLACE, ADDRESS),
        events.StepFinished(
            START, PLACE, 0, StepResult("S", "A", Status.FAILED, START, failure=Failure(f"cannot get {ADDRESS}"))
        ),
        events.RunFinished(START, run_of()._replace(failure_message=ADDRESS)),
        output(f"fetching {ADDRESS}\n".encode()),
    ],
)
def test_no_event_tells_the_credentials_of_an_address(event: Event) -> None:
    (masked,) = log_masking().events(event)
    assert "s3cret" not in repr(masked)
    assert "5ignature" not in repr(masked)
    assert SHOWN in repr(masked)


def test_a_document_with_credentials_makes_all_events_be_looked_at() -> None:
    mask = log_masking()
    (started,) = mask.events(events.RunStarted(START, "id", "logs", (document(f"# {ADDRESS}".encode()),), ()))
    assert "s3cret" not in repr(started)
    result = run_of(StepResult("S", "A", Status.FAILED, START, inputs=({"x": ADDRESS},))).documents[0].phases[0]
    (phase,) = mask.events(events.PhaseFinished(START, PLACE, 0, result))
    assert SHOWN in repr(phase)


def test_an_address_that_is_split_over_blocks_is_masked_wherever_it_is_cut() -> None:
    text = f"some words and {ADDRESS} and more\n".encode()
    for cuts in ((cut, cut + 9) for cut in range(1, len(text) - 10)):
        mask = log_masking()
        edges = (0, *cuts, len(text))
        out = [event for start, end in pairwise(edges) for event in mask.events(output(text[start:end]))]
        told = b"".join(event.data for event in (*out, *mask.rest()) if isinstance(event, events.Output))
        assert told == f"some words and {SHOWN} and more\n".encode()


def test_what_is_held_back_comes_before_the_next_event() -> None:
    mask = log_masking()
    assert mask.events(output(b"https://user:s3c")) == []
    exited = events.ProcessExited(START, PLACE, 0)
    assert mask.events(exited) == [output(b"https://user:s3c"), exited]


def test_what_is_hidden_is_a_secret_from_then_on() -> None:
    mask = log_masking()
    mask.hide(({"stdout": "t0ken\nsecond line", "list": ["deep 0ne"], "count": 1},))
    line = events.LogLine(START, PLACE, "t0ken t%30ken; second line; deep 0ne; other")
    assert mask.events(line) == [events.LogLine(START, PLACE, "*** ***; ***; ***; other")]


def test_a_word_of_every_log_is_not_hidden() -> None:
    mask = log_masking()
    mask.hide(({"stdout": "true\nbuild\nhunter"},))
    line = events.LogLine(START, PLACE, "true hunter build")
    assert mask.events(line) == [events.LogLine(START, PLACE, "true *** build")]
