"""Brings every event to every sink, in order. The one place where things are hidden and masked.

A sink that raises is taken out with one line and changes no verdict: a full disk or a closed terminal must not fail a
build that works.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from toe.events import Audience, Event, Output, RunFinished, RunResumed, RunStarted, Sink
from toe.quick_typing import Protocol

_MOST_WAITING = 256
_EVERYONE = Audience.EVERYONE


class Mask(Protocol):
    """What takes secrets out of events."""

    def events(self, event: Event) -> Sequence[Event]:
        """What the sinks are told in place of `event`: one, several, or nothing yet."""

    def rest(self) -> Sequence[Event]:
        """What they were not told yet."""


class FanOut:
    """Delivers events in order, at `flush` at the latest: while a child process starts, its delivery costs no time.

    `sinks` may be a function that makes them, called at the first delivery. `report` gets one line for each sink that
    failed. `mask` gives what takes the secrets out, None while there are none.
    """

    def __init__(
        self,
        sinks: Sequence[Sink] | Callable[[], Sequence[Sink]],
        report: Callable[[str], None],
        mask: Callable[[], Mask | None] = lambda: None,
    ) -> None:
        self._open = sinks if callable(sinks) else None
        self._sinks = [] if callable(sinks) else list(sinks)
        self._report = report
        self._mask = mask
        self._waiting: list[tuple[Event, Audience]] = []

    def emit(self, event: Event) -> None:
        """Take the event to hand it on, less what `disableLogging` hides of it."""
        self.tell(event, _EVERYONE)

    def tell(self, event: Event, audience: Audience) -> None:
        """Take an event that not every sink is told of."""
        self._waiting.append((event, audience))
        if len(self._waiting) >= _MOST_WAITING:
            self._deliver_all()

    def _deliver_all(self) -> None:
        if self._open is not None:
            self._sinks, self._open = list(self._open()), None
        waiting, self._waiting = self._waiting, []
        mask = self._mask()  # a secret is known before the first event that has it
        for event, audience in waiting:
            shown = _visible(event)
            if shown is None:
                continue
            if mask is None:
                self._deliver(shown, audience)
            else:
                for masked in mask.events(shown):  # output that was held back is for all, whatever releases it
                    self._deliver(masked, _EVERYONE if isinstance(masked, Output) else audience)

    def _deliver(self, shown: Event, audience: Audience) -> None:
        failed: list[tuple[Sink, Exception]] = []
        for sink in self._sinks:
            if audience is not _EVERYONE and getattr(sink, "is_report", False) is (audience is Audience.LOGS):
                continue
            try:
                sink.handle(shown)
            except Exception as error:
                failed.append((sink, error))
        for sink, reason in failed:
            self._take_out(sink, reason)

    def flush(self) -> None:
        """Deliver what waits and have it written, before anything that takes long."""
        self._deliver_all()
        for sink in tuple(self._sinks):
            flush = getattr(sink, "flush", None)
            if flush is not None:
                try:
                    flush()
                except Exception as error:
                    self._take_out(sink, error)

    def close(self) -> None:
        """Deliver what waits and close all sinks; a second call does nothing."""
        self._deliver_all()
        mask = self._mask()
        for event in mask.rest() if mask else ():
            self._deliver(event, _EVERYONE)
        while self._sinks:
            sink = self._sinks.pop(0)
            try:
                sink.close()
            except Exception as error:
                self._say(sink, error)

    def _take_out(self, sink: Sink, error: Exception) -> None:
        self._sinks.remove(sink)
        with contextlib.suppress(Exception):
            sink.close()
        self._say(sink, error)

    def _say(self, sink: Sink, error: Exception) -> None:
        name = getattr(sink, "name", type(sink).__name__)
        reason = (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__
        with contextlib.suppress(Exception):
            self._report(f"warning: no more is written to {name}: {reason}")


def _visible(event: Event) -> Event | None:
    """What `disableLogging` leaves of an event; the event itself where nothing is hidden."""
    if isinstance(event, (RunStarted, RunResumed, RunFinished)) or not event.where.hidden:
        return event
    from toe.sinks.hiding import without_hidden

    return without_hidden(event)
