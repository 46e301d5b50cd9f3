"""What `--trace` shows: the lines of application.log as they are written, without what would steer a terminal."""

from __future__ import annotations

from collections.abc import Callable

from toe.events import Event
from toe.sinks.terminal_text import printable_text
from toe.sinks.text_logs import LogText

#: Bytes after which an end of line is no longer waited for.
_LONGEST_LINE = 64 * 1024


class Trace:
    """Hands blocks of whole lines to `write`, in UTF-8. A line that does not end is given out in pieces."""

    name = "the trace"

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._text = LogText(None, self._drain)
        self._at_ns = 0
        self._open_line = b""

    def handle(self, event: Event) -> None:
        self._at_ns = event.at_ns
        self._text.add(event)
        self._drain()

    def close(self) -> None:
        self._text.finish(self._at_ns)
        self._drain()
        self._show(self._open_line)

    def _drain(self) -> None:
        lines, self._text.application = self._text.application, []
        self._text.console = []
        data = b"".join((self._open_line, *lines))
        end = len(data) if len(data) > _LONGEST_LINE else data.rfind(b"\n") + 1
        self._open_line = data[end:]
        self._show(data[:end])

    def _show(self, data: bytes) -> None:
        if data:
            self._write(printable_text(data.decode("utf-8", "replace")).encode("utf-8", "backslashreplace"))
