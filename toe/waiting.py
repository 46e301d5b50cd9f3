"""Waiting for something outside (a service, a pipe) so that a timeout or a signal ends it at once.

Libraries and the system's resolver cannot be interrupted. They wait in a thread, which is left behind when nobody
waits for it any more: it is a daemon and holds nothing up.
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
        thread.join(SLICE_SECONDS)
        check()
        if end is not None and time.monotonic() >= end and thread.is_alive():
            raise GaveUpError
    if failures:
        raise failures[0]
    return answers[0]
