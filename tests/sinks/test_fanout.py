from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from sample_events import PLACE, START, bash_events, bash_step, closing, failed_step, opening, run_of

from toe import events
from toe.events import Event, Sink
from toe.results import Failure, Status, StepResult
from toe.sinks.chaining import Chaining
from toe.sinks.detailed_output import DetailedOutput
from toe.sinks.events_jsonl import EventsJsonl
from toe.sinks.fanout import FanOut
from toe.sinks.text_logs import TextLogs


class Recorder:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.seen: list[Event] = []
        self.calls: list[str] = []

    def handle(self, event: Event) -> None:
        self.seen.append(event)
        self.calls.append("handle")

    def flush(self) -> None:
        self.calls.append("flush")

    def close(self) -> None:
        self.calls.append("close")


class Breaks(Recorder):
    """Fails at the method that it is told."""

    name = "the broken thing"

    def __init__(self, at: str, error: Exception) -> None:
        super().__init__()
        self.at = at
        self.error = error

    def handle(self, event: Event) -> None:
        super().handle(event)
        self._break("handle")

    def flush(self) -> None:
        super().flush()
        self._break("flush")

    def close(self) -> None:
        super().close()
        self._break("close")

    def _break(self, method: str) -> None:
        if method == self.at:
            raise self.error


def said(text: str) -> Event:
    return events.LogLine(START, PLACE, text)


def test_events_reach_all_sinks_in_order() -> None:
    first, second = Recorder(), Recorder()
    fan_out = FanOut([first, second], pytest.fail)
    sequence = [said("one"), said("two")]
    for event in sequence:
        fan_out.emit(event)
    fan_out.flush()
    fan_out.close()
    fan_out.close()
    assert first.seen == second.seen == sequence
    assert first.calls == ["handle", "handle", "flush", "close"]


@pytest.mark.parametrize("at", ["handle", "flush", "close"])
def test_a_sink_that_raises_is_taken_out_with_one_line(at: str) -> None:
    broken, sound, lines = Breaks(at, OSError(28, "No space left on device")), Recorder(), list[str]()
    fan_out = FanOut([broken, sound], lines.append)
    for text in ("one", "two"):
        fan_out.emit(said(text))
        fan_out.flush()
    fan_out.close()
    assert lines == ["warning: no more is written to the broken thing: No space left on device"]
    assert len(sound.seen) == 2
    assert broken.calls[-1] == "close"
    assert broken.calls.count("close") == 1


def test_a_bug_in_a_sink_is_named_by_its_kind() -> None:
    lines: list[str] = []
    fan_out = FanOut([Breaks("handle", KeyError())], lines.append)
    fan_out.emit(said("one"))
    fan_out.flush()
    assert lines == ["warning: no more is written to the broken thing: KeyError"]


def test_a_report_that_cannot_be_made_changes_nothing() -> None:
    def closed(line: str) -> None:
        raise BrokenPipeError

    sound = Recorder()
    fan_out = FanOut([Breaks("handle", ValueError("x")), sound], closed)
    fan_out.emit(said("one"))
    fan_out.close()
    assert len(sound.seen) == 1


class HoldsBack:
    """A mask that hands every event on one event later, twice, while it is `on`."""

    def __init__(self) -> None:
        self.on = False
        self.asked = 0
        self.held: list[Event] = []

    def when_on(self) -> HoldsBack | None:
        return self if self.on else None

    def events(self, event: Event) -> list[Event]:
        self.asked += 1
        held, self.held = self.held, [event, event]
        return held

    def rest(self) -> list[Event]:
        return self.events(said("end"))


def test_a_mask_turns_an_event_into_none_or_several() -> None:
    sink, mask = Recorder(), HoldsBack()
    fan_out = FanOut([sink], pytest.fail, mask.when_on)
    mask.on = True
    fan_out.emit(said("one"))
    fan_out.flush()
    assert sink.seen == []
    fan_out.emit(said("two"))
    fan_out.flush()
    assert sink.seen == [said("one")] * 2
    fan_out.close()
    assert sink.seen == [said("one")] * 2 + [said("two")] * 2


def test_a_mask_is_asked_from_the_moment_on_when_there_is_one() -> None:
    sink, mask = Recorder(), HoldsBack()
    fan_out = FanOut([sink], pytest.fail, mask.when_on)
    fan_out.emit(said("one"))
    fan_out.flush()
    assert (sink.seen, mask.asked) == ([said("one")], 0)
    mask.on = True
    fan_out.emit(said("two"))
    fan_out.flush()
    assert (sink.seen, mask.asked) == ([said("one")], 1)


def test_output_that_was_held_back_is_for_all_even_if_an_event_for_some_releases_it() -> None:
    log, mask = Recorder(), HoldsBack()
    mask.on = True
    fan_out = FanOut([log], pytest.fail, mask.when_on)
    output = events.Output(START, PLACE, "stdout", b"one\n")
    fan_out.emit(output)
    fan_out.tell(said("two"), events.Audience.REPORTS)
    fan_out.tell(said("three"), events.Audience.REPORTS)
    fan_out.flush()
    assert log.seen == [output] * 2


def test_the_mask_does_not_see_what_is_hidden() -> None:
    mask = HoldsBack()
    mask.on = True
    fan_out = FanOut([Recorder()], pytest.fail, mask.when_on)
    fan_out.emit(events.LogLine(START, PLACE._replace(hidden=True), "s3cret"))
    fan_out.flush()
    assert mask.asked == 0


SECRET: Any = ({"commands": ["s3cret"]},)


def hidden_run() -> list[Event]:
    """A run in which every text that must not be seen says s3cret."""
    step = bash_step("S", "s3cret")._replace(disable_logging=True)
    failure = Failure("exit status 1", 1, "s3cret")
    inner = run_of(failed_step("Inner", "s3cret")._replace(inputs=SECRET, outputs=SECRET))
    result = StepResult(
        "S",
        "ExecuteBash",
        Status.FAILED,
        START,
        START,
        inputs=SECRET,
        outputs=SECRET,
        failure=failure,
        nested=(inner,),
    )
    place = PLACE._replace(hidden=True)
    middle = bash_events(START, place, step, result, b"s3cret\n", b"s3cret\n", 1)
    iteration = events.IterationStarted(START, place, "s3cret")
    clean = result._replace(inputs=(), outputs=(), hidden=True)
    return [*opening(steps=(step,)), iteration, *middle, *closing(run_of(clean))]


def test_nothing_of_a_hidden_step_reaches_any_log(tmp_path: Path) -> None:
    directory = str(tmp_path)
    sinks: list[Sink] = [TextLogs(directory), EventsJsonl(directory), DetailedOutput(directory), Chaining(directory)]
    fan_out = FanOut(sinks, pytest.fail)
    for event in hidden_run():
        fan_out.emit(event)
    fan_out.close()
    names = sorted(os.listdir(tmp_path))
    assert names == ["application.log", "chaining.json", "console.log", "detailedoutput.json", "events.jsonl"]
    for name in names:
        assert "s3cret" not in (tmp_path / name).read_text()
    assert "  ErrorMessage: exit status 1\n" in (tmp_path / "console.log").read_text()


def test_a_hidden_step_is_still_seen_to_start_and_to_end() -> None:
    sink = Recorder()
    fan_out = FanOut([sink], pytest.fail)
    for event in hidden_run():
        fan_out.emit(event)
    fan_out.flush()
    kinds = {type(event) for event in sink.seen}
    assert {events.StepStarted, events.ActionStarted, events.ProcessExited, events.StepFinished} <= kinds
    assert not kinds & {events.Output, events.LogLine, events.InputsResolved, events.ProcessStarted}


def test_results_of_a_hidden_document_are_clean_too() -> None:
    sink = Recorder()
    fan_out = FanOut([sink], pytest.fail)
    result = run_of(failed_step("S", "s3cret")._replace(inputs=SECRET))
    for event in list(closing(result, hidden=True))[:2]:
        fan_out.emit(event)
    fan_out.flush()
    assert "s3cret" not in repr(sink.seen)
