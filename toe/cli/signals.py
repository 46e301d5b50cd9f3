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
#: From the second signal on: killed processes are reaped and the logs closed long before.
LAST_SECONDS = 5.0


def stop_on_signals(cancellation: Cancellation) -> None:
    """Have the stopping signals cancel the run. One that the caller ignores (nohup) stays ignored.

    The second one ends whatever is waited for, this process too where that is nothing of ours (a terminal that takes no
    more output, a disk that does not answer), and a third one does so at once. The state is whole either way.
    """

    def ask(number: int, frame: FrameType | None) -> None:
        if cancellation.is_urgent:
            os._exit(EXIT_SIGNAL_BASE + number)
        if cancellation.requested:
            cancellation.hurry()
            _end_in_time(EXIT_SIGNAL_BASE + number)
        cancellation.cancel(number)

    _handle(ask)


def _end_in_time(exit_code: int) -> None:
    from threading import Timer

    timer = Timer(LAST_SECONDS, os._exit, (exit_code,))
    timer.daemon = True
    timer.start()


def end_on_signals(tell: Callable[[str], None]) -> None:
    """Have the stopping signals end this process with 128+n, after `tell("SIGTERM")`: as long as nothing runs.

    Not by an exception, which libraries that wait for AWS or import something would swallow or wrap.
    """

    def end(number: int, frame: FrameType | None) -> None:
        tell(signal.Signals(number).name)
        os._exit(EXIT_SIGNAL_BASE + number)

    _handle(end)


def raise_on_signals(error: Callable[[int], BaseException]) -> None:
    """Have the stopping signals raise an error of their number: for what only reads, and gives a terminal back."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise error(number)

    _handle(stop)


def _handle(handler: Callable[[int, FrameType | None], None]) -> None:
    for name in STOPPING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)
