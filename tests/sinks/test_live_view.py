"""The live view as a sink on a real terminal: what it writes, and that nothing of it reaches the run."""

from __future__ import annotations

import io
import os
import pty
import re
import threading
from collections.abc import Mapping
from os import terminal_size

import pytest
from sample_events import PLACE, START, hello_world, opening, small_step

from toe import events
from toe.events import Event
from toe.sinks.fanout import FanOut
from toe.sinks.live.cells import Line
from toe.sinks.live.redrawn import Redrawn
from toe.sinks.live.screen import Screen, wraps_again
from toe.sinks.live.view import LiveUntilFault, LiveView
from toe.sinks.progress_lines import PlainProgress

XTERM = {"TERM": "xterm-256color"}
SIZE = terminal_size((100, 30))


def drawn(*sequence: Event, environment: Mapping[str, str] = XTERM, said: str = "") -> str:
    """What a terminal gets, escape sequences included."""
    try:
        master, slave = pty.openpty()
    except OSError as error:  # a chroot without /dev/pts
        pytest.skip(f"there is no terminal to be had: {error}")
    received = bytearray()

    def read() -> None:
        while True:
            try:
                block = os.read(master, 65_536)
            except OSError:
                return
            if not block:
                return
            received.extend(block)

    reader = threading.Thread(target=read)
    reader.start()
    sink = LiveView(slave, environment)
    for event in sequence:
        sink.handle(event)
    if said:
        assert sink.redrawn.write(said)
    sink.close()
    sink.close()
    assert not sink.redrawn.write("too late")
    os.close(slave)
    reader.join()
    os.close(master)
    return received.decode()


def on_screen(text: str) -> str:
    """The text without escape sequences."""
    return re.sub(r"\x1b\[[0-?]*[@-~]", "", text)


def test_finished_steps_scroll_by() -> None:
    text = drawn(*hello_world())
    assert on_screen(text).count("    ok  HelloWorldStep (ExecuteBash) 0.00 s\r") == 3
    assert "\x1b[32m    ok" in text
    assert "\x1b[?" not in text  # the cursor is never hidden: whatever ends this process, nobody misses it


def test_no_color_is_respected() -> None:
    assert "\x1b[3" not in drawn(*hello_world(), environment={**XTERM, "NO_COLOR": "1"})
    assert "\x1b[3" in drawn(*hello_world(), environment={**XTERM, "NO_COLOR": ""})


def test_a_step_that_has_not_ended_is_left_behind_once() -> None:
    started, finished = small_step(1)
    text = on_screen(drawn(*opening(), started, finished, small_step(2)[0]))
    assert text.rstrip().splitlines()[-1].startswith("    >  Step00002 (CreateFile)")


def test_what_others_say_meanwhile_scrolls_by_and_steers_nothing() -> None:
    text = drawn(*opening(), small_step(1)[0], said="toe: warning: careful\x1b[2J\nreally\n")
    assert "\x1b[Ktoe: warning: careful\r\r\n\x1b[Kreally\r\r\n" in text


@pytest.fixture
def closed_pipe() -> int:
    """A descriptor that nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def test_a_terminal_that_is_gone_ends_the_view_and_not_the_run(closed_pipe: int) -> None:
    heard: list[Event] = []
    reports: list[str] = []

    class Other:
        def handle(self, event: Event) -> None:
            heard.append(event)

        def close(self) -> None:
            pass

    view = LiveView(closed_pipe, XTERM)
    fan_out = FanOut([view, Other()], reports.append)
    for number in range(3):
        for event in small_step(number):
            fan_out.emit(event)
    fan_out.flush()
    fan_out.close()
    os.close(closed_pipe)
    assert len(heard) == 6
    assert reports == ["warning: no more is written to the live view: Broken pipe"]
    assert not any(thread.name == "live view" for thread in threading.enumerate())


def test_a_fault_in_the_view_ends_it_and_what_waited_is_shown() -> None:
    reports: list[str] = []
    reader, writer = os.pipe()
    view = LiveView(writer, XTERM)
    fan_out = FanOut([view], reports.append)
    fan_out.emit(events.LogLine(START, PLACE, "careful", warning=True))
    fan_out.emit(events.StepFinished(START, PLACE, 0, None))  # type: ignore[arg-type]
    fan_out.flush()
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        assert b"    careful" in stream.read()
    assert len(reports) == 1
    assert reports[0].startswith("warning: no more is written to the live view: ")


def test_after_a_fault_plain_lines_go_on_with_the_event_that_it_lost() -> None:
    reader, writer = os.pipe()
    plain, said = io.StringIO(), list[str]()
    view = LiveView(writer, XTERM)
    sink = LiveUntilFault(view, lambda: PlainProgress(plain.write), said.append)
    started, finished = small_step(1)
    sink.handle(started)
    view.redrawn.fault = ValueError("no such style")
    sink.handle(finished)
    sink.close()
    os.close(writer)
    os.close(reader)
    assert plain.getvalue() == "    ok  Step00001 (CreateFile) 0.00 s\n"
    assert said == ["toe: warning: the live view has failed (no such style): plain lines follow"]


def test_a_fault_while_drawing_gives_the_terminal_back_with_what_waited() -> None:
    reader, writer = os.pipe()

    def picture(now_ns: int, size: terminal_size) -> list[Line]:
        raise ValueError("no picture")

    redrawn = Redrawn(writer, XTERM, picture)
    redrawn.note(lambda: [Line("careful")])
    with os.fdopen(reader, "rb") as stream:
        assert stream.readline() == b"\r\x1b[Jcareful\r\n"
        redrawn.close()
        os.close(writer)
        assert stream.read() == b""
    assert isinstance(redrawn.fault, ValueError)
    assert not redrawn.write("too late")


def test_who_steps_aside_takes_back_what_was_drawn_and_begins_anew_below() -> None:
    reader, writer = os.pipe()
    redrawn = Redrawn(writer, XTERM, lambda now_ns, size: [Line("running")])
    redrawn.note(list)
    with os.fdopen(reader, "rb", buffering=0) as stream:
        assert stream.read(100).endswith(b"\x1b[Krunning\r\n\x1b[J")
        redrawn.step_aside(lambda: os.write(writer, b"shell\r\n"))
        assert stream.read(100) == b"\x1b[1A\r\x1b[Jshell\r\n"
        assert stream.read(100) == b"\r\x1b[Krunning\r\n\x1b[J"
        redrawn.close()
        os.close(writer)


def test_nothing_is_written_when_nothing_has_changed() -> None:
    screen = Screen(colours=False, wraps_again=True)
    assert screen.frame([], [Line("a")], SIZE) == b"\r\x1b[J\x1b[Ka\r\n\x1b[J"
    assert screen.frame([], [Line("a")], SIZE) == b""
    assert screen.frame([], [Line("b")], SIZE) == b"\x1b[1A\r\x1b[Kb\r\n\x1b[J"
    assert screen.frame([Line("done", "32")], [Line("b")], SIZE).startswith(b"\x1b[1A\r\x1b[J\x1b[Kdone\r\n")


def test_a_narrower_terminal_has_folded_what_was_drawn() -> None:
    old = [Line("x" * 90), Line("日" * 25), Line("y")]
    for wraps, count in ((True, 3 + 2 + 1), (False, 3)):
        screen = Screen(colours=False, wraps_again=wraps)
        screen.frame([], old, SIZE)
        assert screen.frame([], [Line("z")], terminal_size((40, 30))).startswith(b"\x1b[%dA\r\x1b[J" % count)
    screen = Screen(colours=False, wraps_again=True)
    screen.frame([], old, SIZE)
    assert screen.frame([], [Line("z")], terminal_size((200, 30))).startswith(b"\x1b[3A\r\x1b[J")
    assert screen.frame([], [Line("z")], terminal_size((40, 1))).startswith(b"\r\x1b[J")  # no row above to go to
    screen.forget()
    assert screen.frame([], [Line("z")], SIZE).startswith(b"\r\x1b[J")


def test_which_terminals_fold_is_known() -> None:
    folding = [{"TERM": "xterm-256color"}, {"TERM": "screen", "TMUX": "x"}, {"TERM": "tmux-256color", "TMUX": "x"}]
    cutting = [{"TERM": "linux"}, {"TERM": "xterm", "XTERM_VERSION": "XTerm(390)"}, {"TERM": "screen", "STY": "x"}]
    assert [wraps_again(environment) for environment in folding + cutting] == [True] * 3 + [False] * 3
