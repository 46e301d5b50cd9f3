"""A run of documents somewhere else: in a container, or in a machine. What it is asked for goes in by a folder, what
comes of it is read from folders while it happens.

    in/request.json    what is asked for, with its secrets: mode 0600
    out/               the state of the run, and `refusal.json` where nothing was run
    logs/              the run's log folder, with events.jsonl, which is followed
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from signal import SIGTERM
from typing import Any, Protocol

from toe.errors import EXIT_FAILED, EXIT_REBOOT_POSIX, EXIT_SIGNAL_BASE, Problem, Severity, ToeError
from toe.images.engines.base import Output
from toe.images.engines.commands import said
from toe.images.engines.work_folders import new_work_folder
from toe.images.follower import Follower
from toe.records import NamedTuple
from toe.report.replay import Replay
from toe.results import RunResult, Status
from toe.session.order import EXIT, NEVER, Order
from toe.sinks.fanout import FanOut
from toe.system.cancellation import Cancellation
from toe.system.files.writing import staged

#: Of the engine's words, for a message.
_LAST_BYTES = 8192
_LARGEST_REFUSAL = 16 * 1024 * 1024


class Folders(NamedTuple):
    """The folders that a guest shares with this machine. `base` has `in` and `out`."""

    base: Path
    logs: Path

    @property
    def request(self) -> Path:
        """What goes in."""
        return self.base / "in"

    @property
    def results(self) -> Path:
        """What comes out beside the logs."""
        return self.base / "out"


class Guest(Protocol):
    """Something that starts `toe` in a place of its own, with these folders."""

    @property
    def folders(self) -> Folders:
        """Where it finds what it is asked for, and puts what comes of it."""

    @property
    def what(self) -> str:
        """What it is, for people: a container or a machine."""

    @property
    def is_new(self) -> bool:
        """Whether nothing of ours has started in it yet, for all that can be known."""

    def boot(self, cancellation: Cancellation, output: Output) -> int:
        """Start it, wait for its end and return the exit code of `toe` in it; again after a reboot.

        `output` gets the words of `toe` in there as stdout, those of whoever runs the guest as stderr.
        """


class NotStartedError(ToeError):
    """Nothing of ours has started in the guest."""


def make_folders(logs: Path) -> Folders:
    """New folders for a guest. Raises ToeError."""
    folders = Folders(new_work_folder(), logs)
    try:
        folders.request.mkdir(mode=0o700)
        folders.results.mkdir(mode=0o700)
    except OSError as error:
        raise ToeError(f"cannot make the folder '{folders.base}': {error.strerror}") from error
    return folders


def run_in(guest: Guest, order: Order, directory: str) -> RunResult:
    """Run an order that has all its documents in it, with its hooks `listeners` and `report`, and return the result.

    `order.environment` is what the run gets beside what the guest has; `order.log_place` is its log folder here.
    `directory` is the working directory in the guest. A reboot starts the guest again, and the run goes on. Raises
    ToeError when nothing was run.
    """
    cancellation = order.cancellation or Cancellation()
    replay = Replay()
    fan_out = FanOut(order.listeners, order.report)
    follower = Follower(guest.folders.logs / "events.jsonl", replay, fan_out)
    words = _Words(order)
    try:
        is_resumed = False
        while True:
            _write_request(guest.folders, order, directory, is_resumed=is_resumed)
            with follower.following():
                code = guest.boot(cancellation, words.take)
            words.end()
            result = replay.result
            is_resumed = result is not None and result.reboot and code == EXIT_REBOOT_POSIX
            if not is_resumed or cancellation.requested:
                break
            order.report(f"toe: the {guest.what} is started again")
        if result is not None and result.reboot:  # it was stopped in between, or did not start again
            result = _stopped(result, cancellation) if cancellation.requested else None
    finally:
        follower.close()
        fan_out.close()
        if order.cancellation is None:
            cancellation.close()
    make_plain(guest.folders.logs)
    return result or _without_result(guest, order, replay, code, words.error)


def _stopped(result: RunResult, cancellation: Cancellation) -> RunResult:
    """The result of a run that waited for a reboot, as that of one which was stopped."""
    number = cancellation.signal or SIGTERM
    message = f"interrupted {cancellation.described}"
    code = EXIT_SIGNAL_BASE + number
    return result._replace(status=Status.FAILED, failure_message=message, reboot=False, signal=number, exit_code=code)


class _Words:
    """What a guest says, line by line, and the last words of whoever runs it."""

    def __init__(self, order: Order) -> None:
        self._report = order.report
        self._begun = b""
        self._last = b""

    @property
    def error(self) -> str:
        """The last error of the engine, in one line."""
        return said(self._last.decode("utf-8", "replace"))

    def take(self, stream: str, block: bytes) -> None:
        """A block of a stream."""
        if stream == "stderr":
            self._last = (self._last + block)[-_LAST_BYTES:]
            return
        *lines, self._begun = (self._begun + block).split(b"\n")
        for line in lines:
            self._say(line)

    def end(self) -> None:
        """A last line may lack its end."""
        if self._begun:
            self._say(self._begun)
        self._begun = b""

    def _say(self, line: bytes) -> None:
        self._report(line.decode("utf-8", "replace"))


def _write_request(folders: Folders, order: Order, directory: str, *, is_resumed: bool) -> None:
    place = order.log_place
    request = {
        "order": order.kept(),
        "executionId": order.execution_id,
        "environment": dict(order.environment),
        "directory": directory,
        "reboot": NEVER if order.reboot == NEVER else EXIT,
        "logs": [place.folder, place.absolute] if place else ["", ""],
        "isResumed": is_resumed,
    }
    with (
        staged(str(folders.request / "request.json"), overwrite=True) as descriptor,
        open(os.dup(descriptor), "w", encoding="utf-8", errors="surrogatepass") as file,
    ):
        json.dump(request, file)


def _without_result(guest: Guest, order: Order, replay: Replay, code: int, words: str) -> RunResult:
    """The result of a run whose end nobody has told. Raises ToeError when nothing was run."""
    error = _refusal(guest.folders.results / "refusal.json")
    if error is not None:
        raise error
    cancellation = order.cancellation
    if cancellation is not None and cancellation.requested and not replay.execution_id:
        message = f"interrupted {cancellation.described}"
        raise ToeError(message, exit_code=EXIT_SIGNAL_BASE + (cancellation.signal or SIGTERM))
    reason = words or f"exit status {code}"
    if not replay.execution_id:
        kind = NotStartedError if guest.is_new else ToeError
        raise kind(f"toe did not start in the {guest.what}: {reason}")
    place = order.log_place
    return RunResult(
        replay.execution_id,
        Status.FAILED,
        0,
        0,
        failure_message=f"the run was cut off: its {guest.what} ended ({reason})",
        log_url=place.absolute if place else "",
        exit_code=EXIT_FAILED,
    )


def _refusal(path: Path) -> ToeError | None:
    """Why nothing was run, as `toe` in the guest told it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _FROM_OUTSIDE)
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        try:
            told: dict[str, Any] = json.loads(file.read(_LARGEST_REFUSAL))
            problems = (Problem(*problem)._replace(severity=Severity(problem[1])) for problem in told["problems"])
            code = int(told["exitCode"])
            return ToeError(str(told["message"]), hint=str(told["hint"]), exit_code=code, problems=tuple(problems))
        except (ValueError, KeyError, TypeError, IndexError):
            return None


#: What a container has written may be a link to a file of this machine, or a FIFO that nobody writes to.
_FROM_OUTSIDE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def make_plain(folder: Path) -> None:
    """Leave plain files and folders alone in a folder that root of a container could write to, and no set-uid bits."""
    for path in folder.rglob("*"):
        try:
            status = path.lstat()
            if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
                path.unlink()
            elif stat.S_IMODE(status.st_mode) & ~0o777:
                path.chmod(stat.S_IMODE(status.st_mode) & 0o777)
        except OSError:  # it is gone, or not ours
            continue
