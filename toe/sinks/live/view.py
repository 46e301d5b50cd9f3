"""The live view as a sink: takes events, and draws from a thread of its own, so that the run waits for no terminal.

It draws ten times a second at most, and only what has changed. A fault in it ends the view, not the run: it is raised
where the next event is handed in, which takes the sink out (toe.sinks.fanout).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from threading import Event, Lock, RLock, Thread

from toe import events
from toe.sinks.live.cells import Line
from toe.sinks.live.layout import last_state, lines
from toe.sinks.live.model import ViewModel
from toe.sinks.live.screen import Screen, wraps_again
from toe.sinks.progress_lines import StepOutput
from toe.sinks.terminal_text import printable
from toe.system.files.opening import write_all
from toe.system.terminals import is_in_foreground, size_of

_DRAW_SECONDS = 0.1
#: So many lines may wait to scroll by; whoever brings more waits for the terminal.
_MOST_WAITING = 2000


class LiveView:
    """Draws on `descriptor`, a terminal. `environment` says which, and whether colours are wanted (NO_COLOR).

    `output`: what the steps print scrolls by as well.
    """

    name = "the live view"

    def __init__(self, descriptor: int, environment: Mapping[str, str], output: StepOutput | None = None) -> None:
        self._descriptor = descriptor
        self._model = ViewModel(output)
        self._screen = Screen(colours=not environment.get("NO_COLOR"), wraps_again=wraps_again(environment))
        self._waiting: list[Line] = []
        # The first is for the model and what waits: nobody writes to the terminal while holding it, and a signal's
        # handler may have something to say in the middle of it. The second is for whoever draws.
        self._noting, self._drawing = RLock(), Lock()
        self._ending = Event()
        self._thread: Thread | None = None
        self._fault: Exception | None = None

    def handle(self, event: events.Event) -> None:
        """Raises what drawing has raised meanwhile."""
        if self._fault is not None:
            raise self._fault
        with self._noting:
            self._waiting += self._model.handle(event)
        if self._thread is None and not self._ending.is_set():
            self._thread = Thread(target=self._draw_on, name="live view", daemon=True)
            self._thread.start()
        if len(self._waiting) > _MOST_WAITING:
            self._draw()

    def write(self, text: str) -> bool:
        """Lines that others have for people scroll by as well; false where the view has ended."""
        if self._ending.is_set() or self._fault is not None:
            return False
        with self._noting:
            self._waiting += [Line(printable(line)) for line in text.removesuffix("\n").split("\n")]
        return True

    def close(self) -> None:
        """Give the terminal back: what waits is written, and where the run is. A second call does nothing."""
        if self._ending.is_set():
            return
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
        if self._fault is None:
            self._draw(is_last=True)
        else:
            rest = "".join(f"{line.text}\r\n" for line in self._waiting)
            write_all(self._descriptor, f"\r\x1b[J{rest}".encode("utf-8", "backslashreplace"))

    def _draw_on(self) -> None:
        try:
            while not self._ending.wait(_DRAW_SECONDS):
                self._draw()
        except Exception as error:
            self._fault = error

    def _draw(self, *, is_last: bool = False) -> None:
        with self._drawing:
            size = size_of(self._descriptor)
            with self._noting:
                if is_last:
                    self._waiting += last_state(self._model, time.time_ns(), size.columns)
                drawn = [] if is_last else lines(self._model, time.time_ns(), size.columns, size.lines)
                scrolling, self._waiting = self._waiting, []  # last: what waits is not lost to a fault above
            if not is_in_foreground(self._descriptor):
                drawn = []
                self._screen.forget()
            data = self._screen.frame(scrolling, drawn, size)
            if data:
                write_all(self._descriptor, data)
