"""Lines that scroll by on a terminal above some that are drawn again and again, from a thread of their own.

It draws ten times a second at most, and only what has changed, so that whoever has something to show waits for no
terminal. A fault ends the drawing and nothing else: the terminal is given back, with the lines that waited.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from os import terminal_size
from threading import Event, Lock, RLock, Thread

from toe.sinks.live.cells import Line
from toe.sinks.live.screen import Screen, wraps_again
from toe.sinks.terminal_text import printable
from toe.system.files.opening import write_all
from toe.system.terminals import is_in_foreground, size_of

_DRAW_SECONDS = 0.1
#: So many lines may wait to scroll by; whoever brings more waits for the terminal.
_MOST_WAITING = 2000
#: How long a terminal that takes nothing keeps the process from being suspended.
_ASIDE_SECONDS = 1.0


class Redrawn:
    """Draws on `descriptor`, a terminal. `environment` says which, and whether colours are wanted (NO_COLOR).

    `picture` gives what is drawn now, for the time in nanoseconds since the epoch and the size of the terminal, and
    `last` the lines that stay of it at the end. What they look at is changed by `note` alone.
    """

    def __init__(
        self,
        descriptor: int,
        environment: Mapping[str, str],
        picture: Callable[[int, terminal_size], list[Line]],
        last: Callable[[int, terminal_size], list[Line]] = lambda now_ns, size: [],
    ) -> None:
        self._descriptor = descriptor
        self._picture, self._last = picture, last
        self._screen = Screen(colours=not environment.get("NO_COLOR"), wraps_again=wraps_again(environment))
        self._waiting: list[Line] = []
        # The first is for what is shown and what waits: nobody writes to the terminal while holding it, and a signal's
        # handler may have something to say in the middle of it. The second is for whoever draws.
        self._noting, self._drawing = RLock(), Lock()
        self._ending = Event()
        self._thread: Thread | None = None
        self.fault: Exception | None = None

    def note(self, change: Callable[[], list[Line]]) -> None:
        """Carry out a change of what is drawn; the lines that it returns scroll by."""
        with self._noting:
            self._waiting += change()
        if self._thread is None and not self._ending.is_set():
            self._thread = Thread(target=self._draw_on, name="live view", daemon=True)
            self._thread.start()
        if len(self._waiting) > _MOST_WAITING and self.fault is None:
            self._draw()

    def write(self, text: str) -> bool:
        """Lines that others have for people scroll by as well; false where nothing is drawn any more."""
        if self._ending.is_set() or self.fault is not None:
            return False
        with self._noting:
            self._waiting += [Line(printable(line)) for line in text.removesuffix("\n").split("\n")]
        return True

    def step_aside(self, suspend: Callable[[], object]) -> None:
        """Leave the terminal to others while `suspend` runs, and go on below what they have written. For a signal."""
        is_ours = self._drawing.acquire(timeout=_ASIDE_SECONDS)
        try:
            if is_ours and is_in_foreground(self._descriptor):
                with suppress(OSError):
                    write_all(self._descriptor, self._screen.frame([], [], size_of(self._descriptor)))
            suspend()
        finally:
            self._screen.forget()
            if is_ours:
                self._drawing.release()

    def close(self) -> None:
        """Give the terminal back: what waits is written, and what is to stay. A second call does nothing."""
        if self._ending.is_set():
            return
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
        if self.fault is None:
            self._draw(is_last=True)

    def _draw_on(self) -> None:
        while not self._ending.wait(_DRAW_SECONDS) and self.fault is None:
            self._draw()

    def _draw(self, *, is_last: bool = False) -> None:
        with self._drawing:
            try:
                self._draw_now(is_last=is_last)
            except Exception as error:
                self.fault = error
                with self._noting:
                    rest, self._waiting = self._waiting, []
                text = "\r\x1b[J" + "".join(f"{line.text}\r\n" for line in rest)
                with suppress(OSError):
                    write_all(self._descriptor, text.encode("utf-8", "backslashreplace"))

    def _draw_now(self, *, is_last: bool) -> None:
        size = size_of(self._descriptor)
        with self._noting:
            now_ns = time.time_ns()
            if is_last:
                self._waiting += self._last(now_ns, size)
            drawn = [] if is_last else self._picture(now_ns, size)
            scrolling, self._waiting = self._waiting, []  # last: what waits is not lost to a fault above
        if not is_in_foreground(self._descriptor):
            drawn = []
            self._screen.forget()
        data = self._screen.frame(scrolling, drawn, size)
        if data:
            write_all(self._descriptor, data)
