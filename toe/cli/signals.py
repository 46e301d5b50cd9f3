"""Signals that stop a run: they ask, the engine ends its children, writes everything and returns."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType

from toe.errors import EXIT_SIGNAL_BASE
from toe.system.cancellation import Cancellation

# SIGBREAK: CTRL_BREAK and a console that is closed, on Windows.
STOPPING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


def stop_on_signals(cancellation: Cancellation) -> None:
    """Have the stopping signals cancel the run. One that the caller ignores (nohup) stays ignored."""

    def ask(number: int, frame: FrameType | None) -> None:
        if cancellation.requested:
            cancellation.hurry()
        cancellation.cancel(number)

    _handle(ask)


def end_on_signals(tell: Callable[[str], None]) -> None:
    """Have the stopping signals end this process with 128+n, after `tell("SIGTERM")`: as long as nothing runs.

    Not by an exception, which libraries that wait for AWS or import something would swallow or wrap.
    """

    def end(number: int, frame: FrameType | None) -> None:
        tell(signal.Signals(number).name)
        os._exit(EXIT_SIGNAL_BASE + number)

    _handle(end)


def die_of_interrupts() -> None:
    """Have SIGINT end this process as it ends any program: for commands that leave nothing half done."""
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _handle(handler: Callable[[int, FrameType | None], None]) -> None:
    for name in STOPPING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)
