"""People's text where there is no terminal: documents, phases, and one line for each step that ended."""

from __future__ import annotations

from collections.abc import Callable

from toe import events
from toe.sinks import progress_lines


class PlainProgress:
    """Hands each line, with its newline, to `write`."""

    name = "the progress text"

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def handle(self, event: events.Event) -> None:
        if isinstance(event, events.StepFinished):
            self._write(progress_lines.step_line(event) + "\n")
        elif isinstance(event, events.PhaseStarted):
            self._write(progress_lines.phase_line(event.where) + "\n")
        elif isinstance(event, events.DocumentStarted):
            self._write(progress_lines.document_line(event.where, event.document.path) + "\n")
        elif isinstance(event, events.RebootRequested):
            self._write(f"step {event.where.step} asked for a reboot (exit code {event.exit_code})\n")

    def close(self) -> None:
        """Nothing is kept."""
