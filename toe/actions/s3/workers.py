"""Work done by some threads while the calling one watches the clock and the request to stop.

The threads are daemons, and left behind when they do not stop in time: one that waits for a silent server would
otherwise hold up the end of the step, and of the program, for minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import TypeVar

from toe.records import NamedTuple

Task = TypeVar("Task")
Result = TypeVar("Result")

#: How often the calling thread looks whether it is time to stop.
WATCH_SECONDS = 0.1
#: How long threads may take to stop and clean up.
GRACE_SECONDS = 1.0


class Watch(NamedTuple):
    """How a crew is stopped: `check` raises in the calling thread, `stop` is seen by the others.

    Each thread calls `on_stop` before it leaves because of `stop`.
    """

    check: Callable[[], None]
    stop: Event
    on_stop: Callable[[], None] = lambda: None


def carry_out(
    tasks: Iterable[Task],
    work: Callable[[Task], Result],
    done: Callable[[Result | None, Exception | None], None],
    watch: Watch,
    threads: int,
) -> None:
    """Call `work` for each task in some threads, and `done` with its result or error in the calling one.

    Tasks are taken one by one as threads get free. `watch.check` is called all the time. However this ends, the
    threads have ended or are left behind; `watch.stop` is set then.
    """
    outcomes: SimpleQueue[tuple[Result | None, Exception | None] | None] = SimpleQueue()
    rest, taking = iter(tasks), Lock()

    def labour() -> None:
        try:
            while not watch.stop.is_set():
                with taking:
                    task = next(rest, None)
                if task is None:
                    return
                try:
                    outcomes.put((work(task), None))
                except Exception as error:
                    outcomes.put((None, error))
            watch.on_stop()
        finally:
            outcomes.put(None)

    crew = [Thread(target=labour, daemon=True) for _ in range(threads)]
    for thread in crew:
        thread.start()
    try:
        _collect(outcomes, done, watch.check, len(crew))
    finally:
        watch.stop.set()
        until = time.monotonic() + GRACE_SECONDS
        for thread in crew:
            thread.join(max(0.0, until - time.monotonic()))


def _collect(
    outcomes: SimpleQueue[tuple[Result | None, Exception | None] | None],
    done: Callable[[Result | None, Exception | None], None],
    check: Callable[[], None],
    working: int,
) -> None:
    while working:
        check()
        try:
            outcome = outcomes.get(timeout=WATCH_SECONDS)
        except Empty:
            continue
        if outcome is None:
            working -= 1
        else:
            done(*outcome)
