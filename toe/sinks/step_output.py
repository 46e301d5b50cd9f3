"""What the steps print, for people: live, line by line, without what would steer a terminal. Not for the logs."""

from __future__ import annotations

from toe import events
from toe.sinks.progress_lines import output_line

#: A line that does not end is shown in pieces of this many bytes.
_LONGEST_LINE = 16 * 1024
_ENDS = (events.ProcessExited, events.ActionFinished, events.StepFinished)


class StepOutput:
    """Makes lines of output; the last line of a stream waits for its end. CRLF and a lone CR are line ends."""

    def __init__(self) -> None:
        self._open: dict[str, bytes] = {}

    def lines(self, event: events.Event) -> list[str]:
        """The lines that the event completes, without newlines."""
        if isinstance(event, events.Output):
            return [output_line(event.where, line.decode("utf-8", "replace")) for line in self._complete(event)]
        if self._open and isinstance(event, _ENDS):
            rest, self._open = self._open, {}
            return [output_line(event.where, data.decode("utf-8", "replace")) for data in rest.values()]
        return []

    def _complete(self, event: events.Output) -> list[bytes]:
        data = self._open.pop(event.stream, b"") + event.data
        last = b""
        if data.endswith(b"\r"):  # half a line end, perhaps
            data, last = data[:-1], b"\r"
        *lines, rest = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        rest += last
        if len(rest) > _LONGEST_LINE:
            lines.append(rest)
        elif rest:
            self._open[event.stream] = rest
        return lines
