"""The live view's lines: a pure function of the events so far, the time and the size of the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from sample_events import NS, PLACE, START, failed_step, small_step

from toe import events
from toe.model import Document, Phase, Step
from toe.results import Status, StepResult
from toe.sinks.live.cells import cells, cut, rows
from toe.sinks.live.layout import last_state, lines
from toe.sinks.live.model import ViewModel
from toe.sinks.live.tail import OutputTail
from toe.sinks.progress_lines import StepOutput

INSTALL = Step("Install", "ExecuteBash", max_attempts=3)
AT_INSTALL = PLACE._replace(step="Install")
DOCUMENTS = (
    Document("a.yml", (Phase("build", (INSTALL, Step("Check", "ExecuteBash"))), Phase("test", (INSTALL,))), "A"),
    Document("b.yml", (Phase("build", (INSTALL,)),), "B"),
)
BEGINNING = (
    events.RunStarted(START, "id", "TOE_x", DOCUMENTS, ()),
    events.DocumentStarted(START, PLACE._replace(phase=""), DOCUMENTS[0], 0),
    events.PhaseStarted(START, PLACE, 0),
    events.StepStarted(START, AT_INSTALL, INSTALL, 0, ()),
    events.AttemptStarted(START, AT_INSTALL._replace(attempt=1), 3, 7200),
)


def model_of(*sequence: events.Event, output: StepOutput | None = None) -> ViewModel:
    model = ViewModel(output)
    for event in sequence:
        model.handle(event)
    return model


def drawn(model: ViewModel, columns: int = 100, height: int = 30, seconds: float = 0) -> list[str]:
    return [line.text for line in lines(model, START + int(seconds * NS), columns, height)]


def output(data: bytes, stream: str = "stdout") -> events.Output:
    return events.Output(START, AT_INSTALL._replace(attempt=1), stream, data)


def test_what_runs_stands_above_what_is_to_come() -> None:
    model = model_of(*BEGINNING, output(b"Reading lists\nUnpacking nginx\n"))
    assert drawn(model, seconds=72.9) == [
        "    >  Install (ExecuteBash) 1 min 12 s, attempt 1 of 3",
        "      | Reading lists",
        "      | Unpacking nginx",
        "    .  Check (ExecuteBash)",
        "  Phase test: 1 step",
        "Document b.yml",
    ]


def test_the_picture_in_the_guide_is_what_is_drawn() -> None:
    bash, site = Step("Packages", "ExecuteBash"), Step("Site", "WebDownload", max_attempts=3)
    build = Phase("build", (bash, site, Step("Check", "ExecuteBash")))
    document = Document("web.yml", (build, Phase("validate", (bash, bash))))
    at = PLACE._replace(step="Site", attempt=1)
    address = "'https://example.com/site.tgz'"
    said = f"WebDownload: Downloading {address} to '/srv/site.tgz'"
    ended = StepResult("Packages", "ExecuteBash", Status.SUCCESS, START, START + 12 * NS + NS // 3)
    size = 410 << 20
    model = ViewModel()
    scrolled = [
        line.text
        for event in (
            events.RunStarted(START, "id", "", (document,), ()),
            events.DocumentStarted(START, PLACE, document, 0),
            events.PhaseStarted(START, PLACE, 0),
            events.StepFinished(START, PLACE, 0, ended),
            events.StepStarted(START, at, site, 1, ()),
            events.ActionFinished(START, at, "WebDownload", (), f"cannot download {address}: timed out"),
            events.AttemptFinished(START, at, succeeded=False, will_retry=True),
            events.AttemptStarted(START, at._replace(attempt=2), 3, 7200),
            events.LogLine(START, at, said),
            events.ActionProgressed(START, at, 0, size),
            events.ActionProgressed(START + 13 * NS, at, 156 << 20, size),
        )
        for line in model.handle(event)
    ]
    guide = Path(__file__).parents[2] / "examples/guides/watching.md"
    assert "\n".join(["```text", *scrolled, *drawn(model, 100, 24, seconds=74), "```"]) in guide.read_text()


def test_only_phases_that_were_asked_for_are_to_come() -> None:
    beginning = (BEGINNING[0]._replace(phases=("build",)), *BEGINNING[1:])
    assert drawn(model_of(*beginning))[1:] == ["    .  Check (ExecuteBash)", "Document b.yml"]


def test_much_that_is_to_come_is_counted() -> None:
    steps = tuple(Step(f"S{number}", "ExecuteBash") for number in range(9))
    document = Document("a.yml", (Phase("build", (INSTALL, *steps)),))
    start = events.RunStarted(START, "id", "", (document,), ())
    assert drawn(model_of(start, *BEGINNING[1:]))[-2:] == ["    .  S2 (ExecuteBash)", "    ... and 6 more to come"]


def test_a_follower_knows_of_nothing_that_is_to_come() -> None:
    assert len(drawn(model_of(BEGINNING[0]._replace(documents=()), *BEGINNING[1:]))) == 1


def test_another_attempt_shows_why_the_last_one_failed() -> None:
    at = AT_INSTALL._replace(attempt=1)
    model = model_of(
        *BEGINNING,
        events.ActionFinished(START, at, "ExecuteBash", (), "exit status 100"),
        events.AttemptFinished(START, at, succeeded=False, will_retry=True),
        events.AttemptStarted(START, at._replace(attempt=2), 3, 7200),
    )
    assert drawn(model)[:2] == [
        "    >  Install (ExecuteBash) 0 s, attempt 2 of 3",
        "      attempt 1 failed: exit status 100",
    ]


def test_a_loop_shows_its_iteration_from_one_on_and_its_value() -> None:
    model = model_of(*BEGINNING, events.IterationStarted(START, AT_INSTALL._replace(attempt=1, iteration=3), "nginx"))
    assert drawn(model)[0] == "    >  Install (ExecuteBash) 0 s, attempt 1 of 3, iteration 4: nginx"


def progress(mebibytes: float, total: int | None, seconds: float) -> events.ActionProgressed:
    size = None if total is None else total << 20
    return events.ActionProgressed(START + int(seconds * NS), AT_INSTALL, int(mebibytes * (1 << 20)), size)


def test_a_transfer_has_a_bar_its_size_and_its_speed() -> None:
    said = events.LogLine(START, AT_INSTALL, "WebDownload: Downloading 'http://x/\x1b[2Ja' to '/a'")
    model = model_of(*BEGINNING, said, progress(0, 1024, 0), progress(412, 1024, 4))
    assert drawn(model)[1:3] == [
        "      [############..................] 40 % 412 of 1024 MiB, 103 MiB/s",
        "      WebDownload: Downloading 'http://x/a' to '/a'",
    ]
    assert drawn(model, columns=60)[1] == "      [#######............] 40 % 412 of 1024 MiB, 103 MiB/s"
    finished = events.ActionFinished(START, AT_INSTALL, "WebDownload", ())
    assert "#" not in "".join(drawn(model_of(*BEGINNING, progress(412, 1024, 4), finished)))


def test_a_transfer_of_unknown_size_has_no_bar() -> None:
    assert drawn(model_of(*BEGINNING, progress(412, None, 4)))[1] == "      412 MiB"


def test_another_transfer_of_the_same_step_starts_anew() -> None:
    model = model_of(*BEGINNING, progress(0, 100, 0), progress(100, 100, 1), progress(1, 30, 2))
    assert drawn(model)[1] == "      [#.............................] 3 % 1 of 30 MiB"


@pytest.mark.parametrize(("columns", "height"), [(60, 15), (100, 30), (40, 8), (20, 4), (12, 3), (9, 2), (300, 90)])
def test_the_running_step_is_seen_at_every_size(columns: int, height: int) -> None:
    many = "".join(f"line {number} {'x' * number}\n" for number in range(200)).encode()
    loop = events.IterationStarted(START, AT_INSTALL._replace(attempt=1, iteration=3), "v" * 500)
    failed = events.AttemptFinished(START, AT_INSTALL._replace(attempt=1), succeeded=False, will_retry=True)
    model = model_of(*BEGINNING, output(many), loop, failed, progress(412, 1024, 4))
    text = drawn(model, columns, height)
    assert sum(">" in line for line in text) == 1
    assert len(text) < height
    assert all(cells(line) < columns for line in text)
    assert len(text) == 1 or height <= 3 or "#" in "".join(text)


def test_nothing_is_drawn_where_there_is_no_room_or_nothing_runs() -> None:
    assert drawn(model_of(*BEGINNING), height=1) == []
    assert drawn(model_of(*BEGINNING[:3])) == []


def test_a_long_name_is_cut_and_its_time_is_not() -> None:
    started = events.StepStarted(START, AT_INSTALL, INSTALL._replace(name="N" * 200), 0, ())
    (line, *_) = drawn(model_of(*BEGINNING[:3], started), columns=60, seconds=5)
    assert line.endswith("NN… 5 s, attempt 1 of 3")
    assert len(line) == 59


def test_headings_are_drawn_again_once_they_have_scrolled_away() -> None:
    small = [event for number in range(30) for event in small_step(number)]
    model = model_of(*BEGINNING[:3], *small, *BEGINNING[3:])
    assert drawn(model)[:3] == [
        "Document a.yml",
        "  Phase build",
        "    >  Install (ExecuteBash) 0 s, attempt 1 of 3",
    ]
    assert drawn(model_of(*BEGINNING[:3], *small[:4], *BEGINNING[3:]))[0].startswith("    >  Install")


def nested(depth: int) -> list[events.Event]:
    place = PLACE._replace(document="inner.yml", depth=depth)
    document = Document("inner.yml", (Phase("build", (INSTALL,)),))
    return [
        events.DocumentStarted(START, place._replace(phase=""), document, 0),
        events.PhaseStarted(START, place, 0),
        events.StepStarted(START, place._replace(step="Inner"), Step("Inner", "ExecuteBash"), 0, ()),
    ]


def test_a_step_that_calls_a_document_stands_above_it() -> None:
    model = ViewModel()
    for event in BEGINNING:
        model.handle(event)
    scrolled = [line.text for event in nested(1) for line in model.handle(event)]
    assert scrolled == ["    >  Install (ExecuteBash)", "      Document inner.yml", "        Phase build"]
    assert drawn(model)[:2] == ["          >  Inner (ExecuteBash) 0 s", "    .  Check (ExecuteBash)"]
    model.handle(events.StepFinished(START, PLACE._replace(depth=1), 0, failed_step()))
    assert drawn(model)[0] == "    >  Install (ExecuteBash) 0 s, attempt 1 of 3"
    model.handle(events.StepFinished(START, AT_INSTALL, 0, failed_step()))
    assert drawn(model) == []


def test_steps_of_a_file_without_their_ends_do_not_pile_up() -> None:
    model = model_of(*BEGINNING, *nested(1), *BEGINNING[1:])
    assert [line.count(">") for line in drawn(model)][:2] == [1, 0]


def test_what_has_ended_scrolls_by_in_colour() -> None:
    model = model_of(*BEGINNING)
    (line,) = model.handle(events.StepFinished(START, AT_INSTALL, 0, failed_step()))
    assert line == ("    FAILED  Breaks (ExecuteBash) 1.00 s: exit status 3", "1;31")
    (line,) = model.handle(
        events.StepFinished(START, AT_INSTALL, 1, StepResult("S", "ReadFile", Status.SUCCESS, START, START))
    )
    assert line == ("    ok  S (ReadFile) 0.00 s", "32")
    (line,) = model.handle(events.LogLine(START, AT_INSTALL, "careful", warning=True))
    assert line == ("    careful", "33")


def test_output_scrolls_by_where_it_is_asked_for() -> None:
    model = model_of(*BEGINNING, output=StepOutput())
    assert model.handle(output(b"a\nb")) == [("      | a", "2")]


def test_where_the_run_was_stays_when_the_view_ends() -> None:
    (line,) = last_state(model_of(*BEGINNING, output(b"hi\n")), START + 3 * NS, 100)
    assert line.text == "    >  Install (ExecuteBash) 3 s, attempt 1 of 3"
    assert last_state(model_of(*BEGINNING[:3]), START, 100) == []


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"a\nb\n", ["a", "b"]),
        (b"10%\r20%\r", ["20%"]),
        (b"10%\r\n20%\r\n", ["10%", "20%"]),
        (b"\r 10%\r 20%", [" 20%"]),
        (b"a\n\x1b[0m\n", ["a"]),
        (b"\x1b[2K\x1b[1A\x1b[31mred\x1b[0m\x08\n", ["red"]),
        (b"\xff\n", ["\ufffd"]),
        (b"\n\n", []),
    ],
)
def test_the_tail_of_output_is_what_a_terminal_would_show_at_the_end(data: bytes, shown: list[str]) -> None:
    tail = OutputTail()
    tail.add("stdout", data)
    assert tail.lines(8) == shown


def test_the_tail_is_short_and_keeps_the_streams_apart() -> None:
    tail = OutputTail()
    for number in range(5000):
        tail.add("stdout", b"%d\n" % number)
    tail.add("stdout", b"out")
    tail.add("stderr", b"err\n")
    assert tail.lines(3) == ["4999", "out", "err"]
    assert len(tail.lines(100_000)) < 5000
    tail.add("stdout", b"x" * 100_000 + b"\nend\n")
    assert tail.lines(1) == ["end"]


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("日本", 4), ("e\u0301", 1), ("😀", 2), ("\u2764\ufe0f", 2), ("a\u200bb", 2), ("", 0)],
)
def test_columns_are_counted_as_terminals_do(text: str, width: int) -> None:
    assert cells(text) == width


def test_text_is_cut_and_wrapped_between_characters() -> None:
    assert cut("日本語", 6) == "日本語"
    assert cut("日本語", 5) == "日本…"
    assert cut("日本語", 4) == "日…"
    assert cut("abc", 0) == ""
    assert (rows("", 10), rows("a" * 10, 10), rows("a" * 11, 10)) == (1, 1, 2)
    assert rows("日本語", 5) == 2
    assert rows("日" * 5, 5) == 3
