"""events.jsonl: our structured log, one JSON object an event (schemas/event.schema.json).

Texts of inputs, outputs, log lines and messages are cut at 64 Ki characters. Of the output of a process the first
16 MiB are here, and beyond that the sizes of its blocks: console.log has all of it.
"""

from __future__ import annotations

import os

from toe import events
from toe.results import KEPT_OUTPUT_BYTES
from toe.sinks.event_fields import fields_text, place_text
from toe.sinks.json_text import ESCAPED_BYTES, quoted, to_bytes
from toe.sinks.log_file import LogFile
from toe.sinks.times import precise_time

_BUFFERED_EVENTS = 200
_PLAIN, _BACKSLASH = b"\x01", b"\\n"


class EventsJsonl:
    """Appends to events.jsonl in `directory`, mode 0600. Output is written as it comes, the rest at `flush`."""

    name = "events.jsonl"

    def __init__(self, directory: str) -> None:
        self._file = LogFile(os.path.join(directory, "events.jsonl"))
        self._waiting: list[bytes] = []
        self._output_bytes = 0
        self._where: events.Where | None = None
        self._where_text = ""

    def handle(self, event: events.Event) -> None:
        """Raises OSError when the file cannot be written."""
        start = f'{{"at":"{precise_time(event.at_ns)}","event":"{type(event).__name__}"'
        if not isinstance(event, (events.RunStarted, events.RunResumed, events.RunFinished)):
            start += self._place(event.where)
        if isinstance(event, events.Output):
            start += f',"stream":{quoted(event.stream)},"bytes":{len(event.data)},"text":"'
            self._output_bytes += len(event.data)
            if self._output_bytes <= KEPT_OUTPUT_BYTES:
                self._waiting += [to_bytes(start), _text(event.data), b'"}\n']
            else:
                self._waiting.append(to_bytes(start + '","cut":true}\n'))
            self.flush()
            return
        if isinstance(event, events.ProcessStarted):
            self._output_bytes = 0
        self._waiting.append(to_bytes(f"{start}{fields_text(event)}}}\n"))
        if len(self._waiting) > _BUFFERED_EVENTS:
            self.flush()

    def flush(self) -> None:
        """Write the events that wait."""
        waiting, self._waiting = self._waiting, []
        self._file.write(waiting)

    def close(self) -> None:
        try:
            self.flush()
        finally:
            self._file.close()

    def _place(self, where: events.Where) -> str:
        if where is not self._where:
            self._where, self._where_text = where, place_text(where)
        return self._where_text


def _text(data: bytes) -> bytes:
    """What stands between the quotes: UTF-8 with bad bytes replaced, and escaped."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        data = text.encode()
    # Two passes in C over ordinary text are several times faster than the JSON encoder.
    if _PLAIN not in data.translate(ESCAPED_BYTES):
        return data.replace(b"\n", _BACKSLASH)
    return quoted(text)[1:-1].encode()
