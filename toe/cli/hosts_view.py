"""What people see while documents run on many hosts: a line for each host at work, and what has ended above them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from toe import events
from toe.cli.terminal import STDERR, write
from toe.sinks.progress_lines import told
from toe.sinks.terminal_text import duration, printable

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult


def host_view(*, quiet: bool) -> HostLines:
    """The view for this stderr: on a terminal it has a part that is drawn anew."""
    if not quiet and os.isatty(STDERR) and os.environ.get("TERM", "dumb") != "dumb":
        return LiveHosts()
    return HostLines(quiet=quiet)


class HostLines:
    """One line for each step that ended, with its host."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet

    def hear(self, host: str, event: events.Event) -> None:
        """An event of a host's run."""
        if isinstance(event, events.RebootRequested):
            self.say(f"{host}: step {event.where.step} asked for a reboot")
        elif isinstance(event, events.StepFinished) or (isinstance(event, events.LogLine) and event.warning):
            for line in told(event):
                place = f"{event.where.phase} " if isinstance(event, events.StepFinished) else ""
                self.say(f"{host}: {place}{line.strip()}")

    def ended(self, host: str, result: Mapping[str, Any]) -> None:
        """A host is done, or out of reach."""
        summary = result.get("summary") or {}
        if result.get("unreachable"):
            self.say(f"{host}: UNREACHABLE: {result.get('msg', '')}", always=True)
        elif result.get("failed"):
            self.say(f"{host}: FAILED: {result.get('msg', '')}", always=True)
        else:
            found = " (a run that was begun before)" if result.get("found") else ""
            self.say(f"{host}: {summary.get('status', 'done')}{found}; logs: {summary.get('logUrl', '')}")

    def say(self, text: str, *, always: bool = False) -> None:
        """A text whose lines stay. `always`: also where nothing but errors is to be said."""
        if always or not self._quiet:
            self._write("\n".join(map(printable, text.split("\n"))))

    def _write(self, text: str) -> None:
        write(STDERR, text + "\n")

    def close(self) -> None:
        """Give the terminal back."""


class LiveHosts(HostLines):
    """The same on a terminal, with the step that runs on each host below."""

    def __init__(self) -> None:
        super().__init__()
        from rich.console import Console
        from rich.live import Live

        self._console = Console(file=sys.stderr, highlight=False, markup=False, emoji=False)
        self._running: dict[str, tuple[str, float]] = {}
        self._live = Live(self, console=self._console, refresh_per_second=4, transient=True)
        self._live.start()

    def hear(self, host: str, event: events.Event) -> None:
        if isinstance(event, events.StepStarted):
            self._running[host] = f"{event.where.phase} {event.step.name} ({event.step.action})", time.monotonic()
        elif isinstance(event, events.StepFinished):
            self._running.pop(host, None)
        super().hear(host, event)

    def ended(self, host: str, result: Mapping[str, Any]) -> None:
        self._running.pop(host, None)
        super().ended(host, result)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        most = max(1, console.height - 2)
        for host, (place, started) in list(self._running.items())[:most]:
            elapsed = duration(int((time.monotonic() - started) * 1e9))
            yield Text(f"> {printable(host)}: {printable(place)}  {elapsed}", no_wrap=True, overflow="ellipsis")

    def _write(self, text: str) -> None:
        from rich.text import Text

        self._console.print(Text(text), soft_wrap=True)

    def close(self) -> None:
        self._running.clear()
        self._live.stop()
