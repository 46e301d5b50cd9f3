"""events.jsonl: our structured log, one JSON object an event (schemas/event.schema.json).

Texts of inputs, outputs, log lines and messages are cut at 64 Ki characters. Of the output of a process the first 8 MiB
are here, less where a step or the run has had its share, and of the rest the size alone: console.log has all of it.
"""

from __future__ import annotations

import os

from toe import events
from toe.results import KEPT_ALWAYS_BYTES, KEPT_PROCESS_BYTES, KEPT_RUN_BYTES, KEPT_STEP_BYTES
from toe.sinks.event_fields import fields_text, place_text
from toe.sinks.json_text import ESCAPED_BYTES, quoted, to_bytes
from toe.sinks.log_file import LogFile
from toe.words import precise_time

_BUFFERED_EVENTS = 200
_PLAIN, _BACKSLASH = b"\x01", b"\\n"


class EventsJsonl:
    """Appends to events.jsonl in `directory`, mode 0600. Output is written as it comes, the rest at `flush`."""

    name = "events.jsonl"

    def __init__(self, directory: str) -> None:
        self._file = LogFile(os.path.join(directory, "events.jsonl"))
        self._file.lock()  # for `toe follow`: as long as this process lives, more may come
        self._waiting: list[bytes] = []
        self._room = OutputRoom()
        self._left_out: dict[str, int] = {}
        self._last_at_ns = 0
        self._where: events.Where | None = None
        self._where_text = ""

    def handle(self, event: events.Event) -> None:
        """Raises OSError when the file cannot be written."""
        if isinstance(event, events.Output):
            self._output(event)
            return
        self._tell_left_out(event.at_ns)
        if isinstance(event, events.ProcessStarted):
            self._room.begin_process()
        elif isinstance(event, events.StepStarted):
            self._room.begin_step()
        start = f'{{"at":"{precise_time(event.at_ns)}","event":"{type(event).__name__}"'
        if not isinstance(event, (events.RunStarted, events.RunResumed, events.RunFinished)):
            start += self._place(event.where)
        self._waiting.append(to_bytes(f"{start}{fields_text(event)}}}\n"))
        if len(self._waiting) > _BUFFERED_EVENTS:
            self.flush()

    def _output(self, event: events.Output) -> None:
        self._last_at_ns = event.at_ns
        place, count = self._place(event.where), len(event.data)
        if not self._room.is_full:
            record = [_output_start(event.at_ns, place, event.stream, count), _text(event.data), b'"}\n']
            if self._room.take(sum(map(len, record))):
                self._waiting += record
                self.flush()
                return
        self._left_out[event.stream] = self._left_out.get(event.stream, 0) + count

    def _tell_left_out(self, at_ns: int) -> None:
        """One event for all blocks of a stream that there was no room for."""
        for stream, count in self._left_out.items():
            self._waiting += [_output_start(at_ns, self._where_text, stream, count), b'","cut":true}\n']
        self._left_out.clear()

    def flush(self) -> None:
        """Write the events that wait."""
        waiting, self._waiting = self._waiting, []
        self._file.write(waiting)

    def close(self) -> None:
        try:
            self._tell_left_out(self._last_at_ns)
            self.flush()
        finally:
            self._file.close()

    def _place(self, where: events.Where) -> str:
        if where is not self._where:
            self._where, self._where_text = where, place_text(where)
        return self._where_text


def _output_start(at_ns: int, place: str, stream: str, count: int) -> bytes:
    start = f'{{"at":"{precise_time(at_ns)}","event":"Output"{place}'
    return to_bytes(f'{start},"stream":{quoted(stream)},"bytes":{count},"text":"')


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


class OutputRoom:
    """How much output there is room for: of a process, of a step, of the run; in bytes as they are written.

    Once something of a process was left out, the rest of its output is too.
    """

    def __init__(self) -> None:
        self._run = self._step = self._process = 0
        self.is_full = False

    def begin_step(self) -> None:
        """Another step has started."""
        self._step = 0
        self.begin_process()

    def begin_process(self) -> None:
        """Another process has started."""
        self._process = 0
        self.is_full = False

    def take(self, size: int) -> bool:
        """Whether there is room for so many bytes more; if so, they are taken."""
        least = KEPT_ALWAYS_BYTES if self._step <= KEPT_STEP_BYTES else 0
        left = min(KEPT_PROCESS_BYTES - self._process, KEPT_STEP_BYTES - self._step, KEPT_RUN_BYTES - self._run)
        self.is_full = self.is_full or size > max(left, least - self._process)
        if self.is_full:
            return False
        self._run += size
        self._step += size
        self._process += size
        return True
