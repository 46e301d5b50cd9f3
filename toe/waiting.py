"""Waiting for something outside (a service, a pipe) so that a timeout or a signal ends it at once.

Each of these functions calls `check` all the time, and what it raises ends the wait. Libraries and the system's
resolver cannot be interrupted. They wait in a thread, which is left behind when nobody waits for it any more: it is a
daemon and holds nothing up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from toe.errors import Check, go_on

T = TypeVar("T")

#: How often it is asked whether to stop.
SLICE_SECONDS = 0.1


class GaveUpError(Exception):
    """Nothing came in the time that there was."""


def waited_for(ask: Callable[[], T], check: Check = go_on, limit_seconds: float | None = None) -> T:
    """The answer of `ask`, which waits in a thread of its own.

    Raises what `ask` raises; what `check`, called all the time, raises to stop; GaveUpError after `limit_seconds`.
    """
    from threading import Thread

    answers: list[T] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            answers.append(ask())
        except BaseException as error:
            failures.append(error)

    check()
    thread = Thread(target=work, name="toe-waits", daemon=True)
    end = None if limit_seconds is None else time.monotonic() + limit_seconds
    thread.start()
    while thread.is_alive():
        check()
        if end is not None and time.monotonic() >= end:
            raise GaveUpError
        thread.join(SLICE_SECONDS)
    if failures:
        raise failures[0]
    return answers[0]


def in_slices(operation: Callable[[], T], check: Check, limit_seconds: float) -> T:
    """The result of an operation that ends with TimeoutError after SLICE_SECONDS at most, and is then repeated.

    It needs no thread: for what comes over a socket in many pieces. Raises TimeoutError after `limit_seconds`.
    """
    end = time.monotonic() + limit_seconds
    while True:
        check()
        try:
            return operation()
        except TimeoutError:
            if time.monotonic() >= end:
                raise


def pause(seconds: float, check: Check) -> None:
    """Sleep."""
    end = time.monotonic() + seconds
    check()
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, SLICE_SECONDS))
        check()
