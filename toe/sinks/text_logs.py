"""console.log and application.log: what people's scripts parse (reference, section 7).

What is said of processes, and what they print, is here; the wording of the rest is toe.sinks.log_lines' business.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from toe import events
from toe.quick_typing import Any
from toe.sinks.json_text import to_bytes
from toe.sinks.log_file import LogFile
from toe.sinks.log_lines import LogLines
from toe.sinks.process_output import PrefixedLines, Spool
from toe.sinks.run_lines import ALL_FINISHED, ALL_STARTED
from toe.sinks.terminal_text import universal_lines
from toe.words import precise_time

_STDOUT, _STDERR = b"Stdout: ", b"CmdExecution: Stderr: "
_BUFFERED_LINES = 500


class TextLogs:
    """Both files in `directory`, mode 0600, appended to. Output is written as it comes, lines wait for `flush`."""

    name = "console.log and application.log"

    def __init__(self, directory: str) -> None:
        self._console = LogFile(os.path.join(directory, "console.log"))
        self._application = LogFile(os.path.join(directory, "application.log"))
        self._text = LogText(directory, self.flush)
        self._at_ns = 0

    def handle(self, event: events.Event) -> None:
        """Raises OSError when a file cannot be written."""
        self._at_ns = event.at_ns
        self._text.add(event)
        if isinstance(event, events.Output) or len(self._text.application) > _BUFFERED_LINES:
            self.flush()

    def flush(self) -> None:
        """Write the lines that wait."""
        console, self._text.console = self._text.console, []
        application, self._text.application = self._text.application, []
        self._console.write(console)
        self._application.write(application)

    def close(self) -> None:
        """Write what is left, also of a process whose end was not told."""
        try:
            self._text.finish(self._at_ns)
            self.flush()
        finally:
            self._console.close()
            self._application.close()


class LogText:
    """Turns events into the bytes of both logs: fills `console` and `application`, which the owner empties.

    The owner does so when `drain` is called, too: between slices of stderr, which is written when its process has
    ended. `directory` takes the anonymous file of a large stderr.
    """

    def __init__(self, directory: str | None, drain: Callable[[], None]) -> None:
        self.console: list[bytes] = []
        self.application: list[bytes] = []
        self._drain = drain
        self._lines = LogLines()
        self._stdout = PrefixedLines()
        self._stderr = Spool(directory)
        self._methods: dict[type, Callable[[Any], None]] = {
            events.RunStarted: self._run_started,
            events.ProcessStarted: self._process_started,
            events.Output: self._output,
            events.ProcessExited: self._process_exited,
            events.ActionFinished: self._end,
            events.StepFinished: self._end,
            events.RunFinished: self._run_finished,
        }

    def add(self, event: events.Event) -> None:
        """Append what the event comes to."""
        method = self._methods.get(type(event))
        if method is not None:
            method(event)
        else:
            self._put(event.at_ns, self._lines.of(event))

    def _process_started(self, event: events.ProcessStarted) -> None:
        self._put(event.at_ns, _process_started(event))

    def _process_exited(self, event: events.ProcessExited) -> None:
        self._put(event.at_ns, _process_ended(event))
        if not event.where.hidden:
            self._write_stderr(event.at_ns)
        self._put(event.at_ns, [_exit_code_line(event)])

    def _end(self, event: events.ActionFinished | events.StepFinished) -> None:
        """Before the event the output of processes is at its end, whatever was seen of it."""
        self.finish(event.at_ns)
        self._put(event.at_ns, self._lines.of(event))

    def _run_started(self, event: events.RunStarted) -> None:
        self._put(event.at_ns, self._lines.of(event))
        self._put_in_console(event.at_ns, ALL_STARTED)

    def _run_finished(self, event: events.RunFinished) -> None:
        self.finish(event.at_ns)
        self._put(event.at_ns, self._lines.it_goes_on())
        if not event.result.reboot:
            self._put_in_console(event.at_ns, ALL_FINISHED)
        self._put(event.at_ns, self._lines.of(event))

    def finish(self, at_ns: int) -> None:
        """End an open line and give out a stderr whose process was never seen to end."""
        if self._stderr:
            self._write_stderr(at_ns)
        self._end_open_line()

    def _put(self, at_ns: int, lines: Sequence[str]) -> None:
        if not lines:
            return
        if self._stdout.open:
            self._end_open_line()
        start = precise_time(at_ns) + " "
        text = "\n".join(lines)
        if text.count("\n") >= len(lines) or "\r" in text:
            lines = [_continued(line, start) for line in lines]
        data = _stamped(lines, start)
        self.application.append(data)
        spoken = [line for line in lines if not line.startswith("Debug ")]
        if spoken:
            self.console.append(data if len(spoken) == len(lines) else _stamped(spoken, start))

    def _put_in_console(self, at_ns: int, line: str) -> None:
        self.console.append(_stamped([line], precise_time(at_ns) + " "))

    def _put_bytes(self, data: bytes) -> None:
        if data:
            self.console.append(data)
            self.application.append(data)

    def _end_open_line(self) -> None:
        self._put_bytes(self._stdout.finish())

    def _output(self, event: events.Output) -> None:
        """Raises OSError when the disk is full."""
        if event.stream == "stderr":
            self._stderr.add(event.data)
        else:
            prefix = precise_time(event.at_ns).encode() + b" " + _STDOUT
            self._put_bytes(self._stdout.feed(prefix, event.data))

    def _write_stderr(self, at_ns: int) -> None:
        """Line by line with the same prefix; one empty line for an empty stderr."""
        self._end_open_line()
        prefix = precise_time(at_ns).encode() + b" " + _STDERR
        if not self._stderr:
            self._put_bytes(prefix + b"\n")
            return
        lines = PrefixedLines()
        for block in self._stderr.slices():
            self._put_bytes(lines.feed(prefix, block))
            self._drain()
        self._put_bytes(lines.finish())
        self._stderr.clear()


def _stamped(lines: Sequence[str], start: str) -> bytes:
    return to_bytes(start + ("\n" + start).join(lines) + "\n")


def _continued(line: str, start: str) -> str:
    """Further lines are indented more than any line of ours, so that none can pass for one."""
    return f"\n{start}    ".join(universal_lines(line))


def _process_started(event: events.ProcessStarted) -> list[str]:
    if not event.argv:
        return []
    return [
        f"CmdExecution: Preparing object for command {event.argv[0]} with arguments [{' '.join(event.argv[1:])}]",
        f"CmdExecution: Starting execution of command with arguments [{' '.join(event.argv)}]",
    ]


def _process_ended(event: events.ProcessExited) -> list[str]:
    """What stands before the process's stderr."""
    if event.asks_for_reboot:
        verdict = "Getting reboot signal"
    elif event.exit_code == 0:
        verdict = "CmdExecution: Command execution was completed successfully"
    else:
        verdict = "CmdExecution: [ERROR] Command execution has resulted in an error"
    ends = [f"CmdExecution: {_end_of_reading(stream, event.cut)}" for stream in sorted(event.held, reverse=True)]
    if "stdout" not in event.held:
        ends.insert(0, "CmdExecution: Terminating read operation on STDOUT pipe - EOF")
    return [*ends, "CmdExecution: Command execution has been completed", verdict]


def _end_of_reading(stream: str, cut: Sequence[str]) -> str:
    """Of a stream that was not read to its end, because a background process still had it."""
    end = f"Terminating read operation on {stream.upper()} pipe"
    if stream in cut:
        return f"[WARNING] {end} - output is cut: a background process was still writing it"
    return f"{end} - a background process holds it open, and what it prints from now on is not logged"


def _exit_code_line(event: events.ProcessExited) -> str:
    """What stands behind the process's stderr; -1 is Go's word for one that was stopped."""
    return f"CmdExecution: ExitCode {-1 if event.exit_code is None else event.exit_code}"
