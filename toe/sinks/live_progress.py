"""People's text on a terminal: what has ended scrolls by, below it stands what runs. The only module that draws.

Import it on terminals alone: rich costs more than a small run.
"""

from __future__ import annotations

import time
from typing import IO

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from toe import events
from toe.results import Status
from toe.sinks.progress_lines import StepOutput, progress_text, told
from toe.sinks.terminal_text import duration, printable

_REFRESHES_PER_SECOND = 8
_LAST_BYTES = 4096
_STYLES = {
    Status.SUCCESS: "green",
    Status.FAILED: "bold red",
    Status.TIMED_OUT: "bold red",
    Status.SKIPPED: "dim",
    Status.IGNORED_FAILURE: "yellow",
}


class _Running:
    """The lines at the bottom: where the run is, since when, and what was printed last."""

    def __init__(self) -> None:
        self.place: tuple[str, ...] = ()
        self.started = 0.0
        self.attempt = ""
        self.last_output = b""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if not self.place:
            return
        elapsed = duration(int((time.monotonic() - self.started) * 1e9))
        head = Text(" / ".join(self.place), style="bold", no_wrap=True, overflow="ellipsis")
        head.truncate(max(8, options.max_width - len(elapsed) - len(self.attempt) - 4), overflow="ellipsis")
        yield Text.assemble("> ", head, f"  {elapsed}{self.attempt}", no_wrap=True, overflow="ellipsis")
        line = last_line(self.last_output)
        if line:
            yield Text(f"  {line}", style="dim", no_wrap=True, overflow="ellipsis")


class LiveProgress:
    """Draws on `stream`, a terminal. `NO_COLOR` is respected. `close` gives the terminal back as it was.

    `output`: what the steps print is shown above what runs.
    """

    name = "the live view"

    def __init__(self, stream: IO[str], output: StepOutput | None = None) -> None:
        self._output = output
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)
        self._running = _Running()
        self._live = Live(
            self._running,
            console=self._console,
            refresh_per_second=_REFRESHES_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._steps: list[tuple[tuple[str, ...], float]] = []

    def handle(self, event: events.Event) -> None:
        lines = self._output.lines(event) if self._output is not None else []
        if lines:
            self.write("\n".join(lines), "dim")
        if isinstance(event, events.Output):
            self._running.last_output = event.data[-_LAST_BYTES:]
        elif isinstance(event, events.ActionProgressed):
            self._running.last_output = progress_text(event).encode()
        elif isinstance(event, (events.RunStarted, events.RunResumed)):
            self._live.start()
        elif isinstance(event, events.StepStarted):
            self._step_started(event)
        elif isinstance(event, events.AttemptStarted):
            several = event.where.attempt > 1
            self._running.attempt = f", attempt {event.where.attempt} of {event.max_attempts}" if several else ""
        elif isinstance(event, events.StepFinished):
            self._step_finished()
        for line in told(event):
            self.write(line, _style(event))

    def write(self, text: str, style: str = "") -> None:
        """A line above what runs; also for those who have something to say while the view is up."""
        self._console.print(Text(text, style=style), soft_wrap=True)

    def close(self) -> None:
        """A second call does nothing."""
        self._running.place = ()
        self._live.stop()

    def _step_started(self, event: events.StepStarted) -> None:
        place = (printable(event.where.document), event.where.phase, f"{event.step.name} ({event.step.action})")
        self._steps.append((place, time.monotonic()))
        self._show_innermost()

    def _step_finished(self) -> None:
        if self._steps:
            self._steps.pop()
        self._show_innermost()

    def _show_innermost(self) -> None:
        running = self._running
        running.last_output, running.attempt = b"", ""
        running.place, running.started = self._steps[-1] if self._steps else ((), 0.0)


def _style(event: events.Event) -> str:
    if isinstance(event, events.StepFinished):
        return _STYLES.get(event.result.status, "")
    return "yellow" if isinstance(event, events.LogLine) else ""


def last_line(data: bytes) -> str:
    """The last line of a block that shows anything, as the terminal may have it."""
    for line in reversed(data.replace(b"\r", b"\n").split(b"\n")):
        text = printable(line.decode("utf-8", "replace")).strip()
        if text:
            return text
    return ""
