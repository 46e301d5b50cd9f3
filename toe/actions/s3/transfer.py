"""Many files on their way to or from S3: carried in parts by several threads, counted, logged, their failures named.

What a transfer does is said by its kind (toe.actions.s3_download, toe.actions.s3_upload).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock

from toe.actions.base import Context
from toe.actions.s3.workers import Watch, carry_out
from toe.aws.clients import AwsError
from toe.aws.s3_bucket import Bucket, Part, TransferStopped, is_hopeless
from toe.errors import ActionError
from toe.waiting import GaveUpError, waited_for
from toe.words import counted

#: Measured on two cores: 4 to 10 are alike against a server next door, and one far away answers more of them.
THREADS = 10
MOST_NAMED = 20
PROGRESS_SECONDS = 30.0
FORSAKE_SECONDS = 2.0


def bucket_of(name: str, owner: str | None, ctx: Context) -> Bucket:
    """A bucket; finding credentials for it can take long, and ends with the step. Raises AwsError."""
    return waited_for(lambda: Bucket(name, owner, connections=THREADS), ctx.check)


class Transfer:
    """One file on its way. Begun with the first of its parts, completed after the last, or discarded.

    `text` says what it does ("'s3://bucket/key' to '/tmp/key'"), `size` is in bytes.
    """

    def __init__(self, text: str, size: int, parts: list[Part]) -> None:
        self.text = text
        self.size = size
        self.parts = parts
        self.over = False
        self._beginning, self._counting = Lock(), Lock()
        self._begun = False
        self._left, self._inside = len(parts), 0
        self._error: Exception | None = None

    def begin(self) -> None:
        """Prepare for the first part. What fails here cleans up after itself."""

    def move(self, part: Part, stop: Event) -> None:
        """Carry one part."""
        raise NotImplementedError

    def complete(self) -> None:
        """All parts are there: make them the file."""

    def discard(self) -> None:
        """Undo what was begun; called once, and by nobody while a part is on its way."""

    def forsake(self) -> None:
        """Remove the traces of a transfer that a thread still holds which hangs."""

    def carry(self, part: Part, stop: Event) -> bool:
        """Carry one part; true when the transfer is complete with it. Raises the first error once all parts rest."""
        with self._counting:
            if self._error is not None:
                return False
            self._inside += 1
        try:
            self._begin_once()
            self.move(part, stop)
        except Exception as error:
            self._error = self._error or error
        with self._counting:
            self._inside -= 1
            self._left -= 1
            self.over = not self._inside and (self._error is not None or not self._left)
        return self.over and self._end()

    def _begin_once(self) -> None:
        with self._beginning:
            if self._error is not None:
                raise self._error
            if not self._begun:
                try:
                    self.begin()
                except Exception as error:
                    self._error = error
                    raise
                self._begun = True

    def abandon(self) -> None:
        """Discard the transfer; where parts are on their way, the last of them does it."""
        with self._counting:
            self._error = self._error or TransferStopped()
            idle = not self._inside and not self.over
            self.over = self.over or idle
        if idle and self._begun:
            with suppress(Exception):
                self.discard()

    def _end(self) -> bool:
        if self._error is None:
            try:
                self.complete()
            except Exception as error:
                self._error = error
        if self._error is not None:
            if self._begun:
                with suppress(Exception):
                    self.discard()
            raise self._error
        return True


class Batch:
    """The transfers of one entry of inputs. `verb` is "download" or "upload"; `failures` are those known beforehand."""

    def __init__(self, ctx: Context, verb: str, count: int, failures: Iterable[str] = ()) -> None:
        self._ctx = ctx
        self._verb = verb
        self._failures = list(failures)
        self._count = count + len(self._failures)
        self._done, self._bytes = 0, 0
        self._stop = Event()
        self._open: set[Transfer] = set()
        self._told_at = time.monotonic()

    def carry(self, transfers: Iterable[Transfer]) -> None:
        """Carry all of them. Raises ActionError that names those that failed; the others went on."""
        watch = Watch(self._ctx.check, self._stop, self._abandon_open)
        try:
            carry_out(_in_parts(transfers), self._carry_part, self._note, watch, THREADS)
        finally:
            if self._open:
                with suppress(GaveUpError):
                    waited_for(self._forsake_open, limit_seconds=FORSAKE_SECONDS)
        if self._count > MOST_NAMED:
            self._ctx.log(f"{self._verb.capitalize()}ed {self._counted()}")
        if self._failures:
            raise ActionError(self._failure_text())

    def _carry_part(self, task: tuple[Transfer, Part]) -> Transfer | None:
        transfer, part = task
        self._open.add(transfer)
        try:
            return transfer if transfer.carry(part, self._stop) else None
        finally:
            if transfer.over:
                self._open.discard(transfer)

    def _abandon_open(self) -> None:
        for transfer in list(self._open):
            transfer.abandon()

    def _forsake_open(self) -> None:
        for transfer in list(self._open):
            with suppress(Exception):
                transfer.forsake()

    def _note(self, transfer: Transfer | None, error: Exception | None) -> None:
        if error is not None:
            self._note_failure(error)
        if transfer is None:
            return
        self._done += 1
        self._bytes += transfer.size
        if self._count <= MOST_NAMED:
            self._ctx.log(f"{self._verb.capitalize()}ed {transfer.text} ({size_text(transfer.size)})")
        elif time.monotonic() - self._told_at > PROGRESS_SECONDS:
            self._told_at = time.monotonic()
            self._ctx.log(f"{self._verb.capitalize()}ed {self._counted()} of {self._count} so far")

    def _note_failure(self, error: Exception) -> None:
        if isinstance(error, TransferStopped):
            return
        if not isinstance(error, (ActionError, AwsError)):
            raise error
        self._failures.append(failure_text(error))
        if isinstance(error, AwsError) and is_hopeless(error):
            self._stop.set()

    def _counted(self) -> str:
        return f"{counted(self._done, 'file')} ({size_text(self._bytes)})"

    def _failure_text(self) -> str:
        if self._count == 1:
            return self._failures[0]
        more = len(self._failures) - MOST_NAMED
        untried = self._count - self._done - len(self._failures)
        lines = [f"{len(self._failures)} of {self._count} files failed to {self._verb}:", *self._failures[:MOST_NAMED]]
        if more > 0:
            lines.append(f"and {more} more")
        if untried > 0:
            lines.append(f"{counted(untried, 'other')} given up")
        return "\n".join(lines)


def _in_parts(transfers: Iterable[Transfer]) -> Iterator[tuple[Transfer, Part]]:
    return ((transfer, part) for transfer in transfers for part in transfer.parts)


@contextmanager
def aws_refusals() -> Iterator[None]:
    """Turn an AwsError into an ActionError."""
    try:
        yield
    except AwsError as error:
        raise ActionError(failure_text(error)) from error


def failure_text(error: ActionError | AwsError) -> str:
    """Message and hint in one line."""
    hint = error.hint if isinstance(error, AwsError) else ""
    return f"{error.message} ({hint})" if hint else error.message


def size_text(size: float) -> str:
    """A number of bytes for people: "10.0 KiB"."""
    if size < 1024:
        return counted(round(size), "byte")
    for unit in ("KiB", "MiB", "GiB"):
        size /= 1024
        if size < 1024 or unit == "GiB":
            break
    return f"{size:.1f} {unit}"
