"""Signals that stop a run: they ask, the engine ends its children, writes everything and returns."""

from __future__ import annotations

import signal
from types import FrameType

from toe.system.cancellation import Cancellation

# SIGBREAK: CTRL_BREAK and a console that is closed, on Windows.
STOPPING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


def stop_on_signals(cancellation: Cancellation) -> None:
    """Have the stopping signals cancel the run. One that the caller ignores (nohup) stays ignored."""

    def ask(number: int, frame: FrameType | None) -> None:
        if cancellation.requested:
            cancellation.hurry()
        cancellation.cancel(number)

    for name in STOPPING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, ask)


def die_of_interrupts() -> None:
    """Have SIGINT end this process as it ends any program: for commands that leave nothing half done."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
