from __future__ import annotations

import os
import pty
import re
import threading

import pytest
from sample_events import PLACE, START, failed_step, hello_world, opening, small_step

from toe import events
from toe.events import Event
from toe.sinks.live_progress import LiveProgress, last_line


def drawn(*sequence: Event) -> str:
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
    with os.fdopen(slave, "w") as stream:
        sink = LiveProgress(stream)
        for event in sequence:
            sink.handle(event)
        sink.close()
        sink.close()
    reader.join()
    os.close(master)
    return received.decode()


def on_screen(text: str) -> str:
    """The text without escape sequences."""
    return re.sub(r"\x1b\[[0-?]*[@-~]", "", text)


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_finished_steps_scroll_by_and_the_cursor_comes_back() -> None:
    text = drawn(*hello_world())
    assert on_screen(text).count("    ok  HelloWorldStep (ExecuteBash) 0.00 s") == 3
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_what_runs_stands_below_with_its_last_line_of_output() -> None:
    started, finished = small_step(1)
    output = events.Output(START, PLACE, "stdout", b"first\n\x1b[2J\x1b[31mlast words\n\n")
    line = events.StepFinished(START, PLACE._replace(depth=1), 0, failed_step())
    text = drawn(*opening(), started, output, line, started, output, finished, finished)
    assert "\x1b[2J" not in text
    assert "Step00001 (CreateFile)" in on_screen(text)


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[(3[0-7]|9[0-7])", drawn(*hello_world()))


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"a\nb\n", "b"), (b"10%\r20%\r", "20%"), (b"a\n\x1b[0m\n", "a"), (b"\xff\n", "\ufffd"), (b"", "")],
)
def test_the_last_line_is_the_last_that_shows_anything(data: bytes, line: str) -> None:
    assert last_line(data) == line
