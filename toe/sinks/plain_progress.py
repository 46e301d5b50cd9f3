"""People's text where there is no terminal: documents, phases, and one line for each step that ended."""

from __future__ import annotations

from collections.abc import Callable

from toe import events
from toe.quick_typing import TYPE_CHECKING
from toe.sinks import progress_lines

if TYPE_CHECKING:
    from toe.sinks.step_output import StepOutput


class PlainProgress:
    """Hands each line, with its newline, to `write`. `output`: what the steps print is shown as well."""

    name = "the progress text"

    def __init__(self, write: Callable[[str], object], output: StepOutput | None = None) -> None:
        self._write = write
        self._output = output

    def handle(self, event: events.Event) -> None:
        if self._output is not None:
            lines = self._output.lines(event)
            if lines:
                self._write("\n".join(lines) + "\n")
        if isinstance(event, events.StepFinished):
            self._write(progress_lines.step_line(event) + "\n")
        elif isinstance(event, events.PhaseStarted):
            self._write(progress_lines.phase_line(event.where) + "\n")
        elif isinstance(event, events.DocumentStarted):
            self._write(progress_lines.document_line(event.where, event.document.path) + "\n")
        elif isinstance(event, events.LogLine) and event.warning:
            self._write(progress_lines.warning_line(event) + "\n")
        elif isinstance(event, events.RebootRequested):
            self._write(f"step {event.where.step} asked for a reboot (exit code {event.exit_code})\n")

    def close(self) -> None:
        """Nothing is kept."""
