"""What `--trace` shows: the lines of application.log, as they are written."""

from __future__ import annotations

from collections.abc import Callable

from toe.events import Event
from toe.sinks.log_text import LogText


class Trace:
    """Hands blocks of whole lines to `write`."""

    name = "the trace"

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._text = LogText(None, self._drain)
        self._at_ns = 0

    def handle(self, event: Event) -> None:
        self._at_ns = event.at_ns
        self._text.add(event)
        self._drain()

    def close(self) -> None:
        self._text.finish(self._at_ns)
        self._drain()

    def _drain(self) -> None:
        lines, self._text.application = self._text.application, []
        self._text.console = []
        if lines:
            self._write(b"".join(lines))
