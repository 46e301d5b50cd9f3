"""The live view as a sink: what is drawn of a run, from its events.

A fault in it ends the view, not the run: it is raised where the next event is handed in, which takes the sink out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from os import terminal_size

from toe import events
from toe.sinks.live.cells import Line
from toe.sinks.live.layout import last_state, lines
from toe.sinks.live.model import ViewModel
from toe.sinks.live.redrawn import Redrawn
from toe.sinks.progress_lines import StepOutput


class LiveView:
    """Draws on `descriptor`, a terminal. `environment` says which, and whether colours are wanted (NO_COLOR).

    `output`: what the steps print scrolls by as well.
    """

    name = "the live view"

    def __init__(self, descriptor: int, environment: Mapping[str, str], output: StepOutput | None = None) -> None:
        self._model = ViewModel(output)
        self.redrawn = Redrawn(descriptor, environment, self._picture, self._last)

    def handle(self, event: events.Event) -> None:
        """Raises what drawing has raised meanwhile."""
        if self.redrawn.fault is not None:
            raise self.redrawn.fault
        self.redrawn.note(lambda: self._model.handle(event))

    def close(self) -> None:
        """Give the terminal back. Raises what drawing has raised."""
        self.redrawn.close()
        if self.redrawn.fault is not None:
            raise self.redrawn.fault

    def _picture(self, now_ns: int, size: terminal_size) -> list[Line]:
        return lines(self._model, now_ns, size.columns, size.lines)

    def _last(self, now_ns: int, size: terminal_size) -> list[Line]:
        return last_state(self._model, now_ns, size.columns)


class LiveUntilFault:
    """The live view, and once it has failed what `plain` makes. `tell` gets a line about the fault."""

    name = "the progress text"

    def __init__(self, view: LiveView, plain: Callable[[], events.Sink], tell: Callable[[str], object]) -> None:
        self._sink: events.Sink = view
        self._plain: Callable[[], events.Sink] | None = plain
        self._tell = tell

    def handle(self, event: events.Event) -> None:
        try:
            self._sink.handle(event)
        except Exception as error:
            if self._plain is None:
                raise
            with suppress(Exception):
                self._sink.close()
            self._tell(f"toe: warning: the live view has failed ({error}): plain lines follow")
            self._sink, self._plain = self._plain(), None
            self._sink.handle(event)

    def close(self) -> None:
        self._sink.close()
