"""What people see while documents run on many hosts: a line for each host at work, and what has ended above them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from itertools import islice
from time import time_ns
from typing import Any

from toe import events
from toe.cli.live import hold_terminal
from toe.cli.terminal import STDERR, can_redraw, write
from toe.sinks.live.cells import Line, cut
from toe.sinks.live.layout import whole_seconds
from toe.sinks.live.redrawn import Redrawn
from toe.sinks.progress_lines import StepOutput, told
from toe.sinks.terminal_text import printable
from toe.words import counted


def host_view(*, quiet: bool, output: bool = False) -> HostLines:
    """The view for this stderr: on a terminal it has a part that is drawn anew. `output`: with what the steps print."""
    if not quiet and can_redraw():
        return LiveHosts(STDERR, output=output)
    return HostLines(quiet=quiet, output=output)


class HostLines:
    """One line for each step that ended, with its host."""

    def __init__(self, *, quiet: bool = False, output: bool = False) -> None:
        self._quiet = quiet
        self._output: defaultdict[str, StepOutput] | None = defaultdict(StepOutput) if output else None

    def hear(self, host: str, event: events.Event) -> None:
        """An event of a host's run."""
        if self._output is not None:
            for line in self._output[host].lines(event):
                self.say(f"{host}: {line.lstrip()}", always=True)
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
    """The same on a terminal, with a line below for each host at work: its step, and for how long by the clock here.

    A host keeps its line, and the line its place, from its first event until the host has ended.
    """

    def __init__(self, descriptor: int, *, output: bool = False) -> None:
        super().__init__(output=output)
        self._running: dict[str, tuple[str, int]] = {}
        self._redrawn = Redrawn(descriptor, os.environ, self._picture)
        hold_terminal(self._redrawn)

    def hear(self, host: str, event: events.Event) -> None:
        super().hear(host, event)
        if isinstance(event, events.StepStarted):
            self._note(host, f"{event.where.phase} {event.step.name} ({event.step.action})")
        elif isinstance(event, events.RebootRequested):
            self._note(host, "reboots")
        elif isinstance(event, events.RunFinished):
            self._note(host, "sends its logs")
        elif isinstance(event, (events.RunStarted, events.RunResumed)):
            self._note(host, "begins")
        elif isinstance(event, events.PhaseStarted):
            self._note(host, event.where.phase)

    def ended(self, host: str, result: Mapping[str, Any]) -> None:
        self._note(host, "")
        super().ended(host, result)

    def close(self) -> None:
        self._redrawn.close()

    def _note(self, host: str, step: str) -> None:
        """What a host does from now on, "" when it has ended."""

        def change() -> list[Line]:
            if step:
                self._running[host] = (printable(step), time_ns())
            else:
                self._running.pop(host, None)
            return []

        self._redrawn.note(change)

    def _picture(self, now_ns: int, size: os.terminal_size) -> list[Line]:
        """A line for each host at work; where there is no room for all, the last line counts the others."""
        room = max(0, size.lines - 2)
        count = len(self._running) if len(self._running) <= room else max(0, room - 1)
        lines = [
            f"> {printable(host)}: {step}  {whole_seconds(now_ns - since_ns)}"
            for host, (step, since_ns) in islice(self._running.items(), count)
        ]
        if room and count < len(self._running):
            lines.append(f"  and {counted(len(self._running) - count, 'more host')}")
        return [Line(cut(line, size.columns - 1)) for line in lines]
