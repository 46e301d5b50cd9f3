"""Brings every event to every sink, in order. The one place where things are hidden and masked.

A sink that raises is taken out with one line and changes no verdict: a full disk or a closed terminal must not fail a
build that works.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from toe.events import Event, Sink
from toe.sinks.hiding import visible

_MOST_WAITING = 256


class FanOut:
    """Delivers events in order, at `flush` at the latest: while a child process starts, its delivery costs no time.

    `sinks` may be a function that makes them, called at the first delivery. `report` gets one line for each sink that
    failed; `mask` changes every event.
    """

    def __init__(
        self,
        sinks: Sequence[Sink] | Callable[[], Sequence[Sink]],
        report: Callable[[str], None],
        mask: Callable[[Event], Event] | None = None,
    ) -> None:
        self._open = sinks if callable(sinks) else None
        self._sinks = [] if callable(sinks) else list(sinks)
        self._report = report
        self._mask = mask
        self._waiting: list[Event] = []

    def emit(self, event: Event) -> None:
        """Take the event to hand it on, less what `disableLogging` hides of it."""
        self._waiting.append(event)
        if len(self._waiting) >= _MOST_WAITING:
            self._deliver_all()

    def _deliver_all(self) -> None:
        if self._open is not None:
            self._sinks, self._open = list(self._open()), None
        waiting, self._waiting = self._waiting, []
        for event in waiting:
            shown = visible(event)
            if shown is not None:
                self._deliver(shown if self._mask is None else self._mask(shown))

    def _deliver(self, shown: Event) -> None:
        failed: list[tuple[Sink, Exception]] = []
        for sink in self._sinks:
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
