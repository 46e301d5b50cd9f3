"""`toe run --watch`: run again when a document changes, until somebody ends it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from signal import SIGINT
from typing import Any, Protocol

from toe.cli.command import split_names
from toe.cli.signals import end_on_signals, raise_on_signals
from toe.cli.summary import nothing_run, tell_machines
from toe.cli.terminal import say_error, say_line
from toe.document.source import is_remote, is_standard_input, is_stream
from toe.errors import EXIT_NOTHING_RUN, EXIT_SIGNAL_BASE, ToeError
from toe.session.order import NEVER, OF_ITS_ID, Order
from toe.words import counted

#: How long a change may go unnoticed.
POLL_SECONDS = 0.25
#: A document that is still being written is waited for, so many polls at most.
MOST_POLLS_OF_A_CHANGE = 20
MOST_NAMED = 3

#: What tells that a file was changed or replaced: modification time in nanoseconds, size in bytes, inode.
Mark = tuple[int, int, int]


class Ended(Protocol):
    """Who saw a run that has ended."""

    @property
    def stopped_by(self) -> int | None:
        """The number of the signal that was to stop the run, None for none."""

    def close(self) -> None:
        """Give back what it holds."""


#: Carries out one run: of the values of its options, and of what becomes of their order.
RunOnce = Callable[[Mapping[str, Any], Callable[[Order], Order]], tuple[int, Ended | None]]


class _Stopped(BaseException):
    """A signal has come while nothing ran. A BaseException, which no `except Exception` on the way swallows."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class _Watched:
    """The files that a run has read as documents, as they were before they were read."""

    def __init__(self, config: str | None) -> None:
        self._config = config
        self._marks: dict[str, Mark | None] = {}
        self._before: dict[str, Mark | None] = {}
        self.begin()

    def begin(self) -> None:
        """A run begins: until it has read its documents, those of the last one are watched."""
        self._before = {path: mark_of(path) for path in (*self._before, *self._marks)}
        self._marks = {}
        if self._config is not None:
            self.read(self._config)

    def read(self, path: str) -> None:
        """Take note of a file that is about to be read; of one that is read again, how it was the first time."""
        self._marks.setdefault(path, mark_of(path))

    def forget_former(self) -> None:
        """The run has read all that it needed: what only the one before had read is watched no longer."""
        self._before = {}

    @property
    def marks(self) -> dict[str, Mark | None]:
        """Each file that is watched, as it was; None for one that was not there."""
        return {**self._before, **self._marks}

    def wait(self) -> str:
        """Wait until a file is not what it was, and is written to its end; returns its path."""
        known = self.marks
        while not (changed := [path for path, mark in known.items() if mark_of(path) != mark]):
            time.sleep(POLL_SECONDS)
        last: dict[str, Mark | None] = {}
        for _ in range(MOST_POLLS_OF_A_CHANGE):
            current = {path: mark_of(path) for path in known}
            if current == last:
                break
            last = current
            time.sleep(POLL_SECONDS)
        return changed[0]


def mark_of(path: str) -> Mark | None:
    """The mark of a file as it is now, None where there is none that can be looked at."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def watch(values: Mapping[str, Any], run_once: RunOnce) -> int:
    """Carry out `toe run --watch`: returns the exit code of the last run after Ctrl-C, 128+n after another signal."""
    try:
        _refuse(values)
    except ToeError as error:
        say_error(error)
        tell_machines(nothing_run(error.message), values["summary"], to_stdout=values["events"] != "-")
        return error.exit_code
    watching = _Watching(values, run_once)
    try:
        while watching.run():
            watching.wait()
    except _Stopped as stop:
        return watching.exit_code if stop.number == SIGINT else EXIT_SIGNAL_BASE + stop.number
    finally:
        end_on_signals(lambda signal_name: None)  # there is nothing left that a second one could stop
    return watching.exit_code


def _refuse(values: Mapping[str, Any]) -> None:
    """Raises ToeError for what a run that is repeated cannot have."""
    for name in ("dry_run", "execution_id", "reboot"):
        if values[name] is not None:
            hint = {
                "dry_run": "'toe plan' shows a plan once",
                "execution_id": "each run gets its own",
                "reboot": "a run that is watched reboots nothing",
            }[name]
            raise ToeError(f"--watch and --{name.replace('_', '-')} exclude each other", hint=hint)
    config = values["config"]
    if config is not None and (is_standard_input(config) or is_stream(config)):
        raise ToeError("--watch needs a config file that can be read again", hint="write it to a file")
    _refuse_documents((*split_names(values["documents"]), *values["paths"]))


def _refuse_documents(paths: tuple[str, ...]) -> None:
    for path in paths:
        if is_standard_input(path) or is_stream(path):
            raise ToeError(f"--watch needs documents in files: '{path}' can be read once", hint="write it to a file")
    if paths and all(map(is_remote, paths)):
        raise ToeError("--watch sees changes of files alone, and no document is one")


class _Watching:
    """One call of `toe run --watch`. `exit_code` is that of the last run."""

    def __init__(self, values: Mapping[str, Any], run_once: RunOnce) -> None:
        self._values = values
        self._run_once = run_once
        config = values["config"]
        self._watched = _Watched(config if config is not None and not is_remote(config) else None)
        self._runs = 0
        self.exit_code = 0

    def run(self) -> bool:
        """Run the documents once; false when watching is over: the run was stopped, or nothing is there to watch."""
        self._runs += 1
        self._watched.begin()
        self.exit_code, terminal = self._run_once(self._values, self._adapted)
        raise_on_signals(_Stopped)
        number = None
        if terminal is not None:
            number = terminal.stopped_by
            terminal.close()
        if number is not None and self.exit_code != EXIT_SIGNAL_BASE + number:
            raise _Stopped(number)  # it came when the run was at its end already
        if self.exit_code != EXIT_NOTHING_RUN:
            self._watched.forget_former()
        return number is None and bool(self._watched.marks)

    def _adapted(self, order: Order) -> Order:
        """The order of one run, which keeps no state: nobody goes on with it. Raises ToeError."""
        if order.takes_up == OF_ITS_ID:
            raise ToeError("--watch and an execution id exclude each other", hint="each run gets its own")
        _refuse_documents(tuple(request.path for request in order.requests))
        options = {**order.options, "reboot": NEVER}
        return order._replace(options=options, state_directory="", takes_up="", reads=self._watched.read)

    def wait(self) -> None:
        """Wait for a change, and tell people of both. Raises _Stopped."""
        names = list(self._watched.marks)
        more = f" and {counted(len(names) - MOST_NAMED, 'more file')}" if len(names) > MOST_NAMED else ""
        self._say(f"toe: watching {', '.join(names[:MOST_NAMED])}{more}: Ctrl-C ends it")
        changed = self._watched.wait()
        self._say(f"toe: '{changed}' has changed: run {self._runs + 1}")

    def _say(self, line: str) -> None:
        if not self._values["quiet"]:
            say_line(line)
