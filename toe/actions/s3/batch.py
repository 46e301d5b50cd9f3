"""Many files on their way to or from S3: carried by several threads, counted, logged, their failures named."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread

from toe.actions.base import Context
from toe.actions.s3.transfer import THREADS, Transfer, failure_text, size_text
from toe.aws.clients import AwsError
from toe.aws.s3_bucket import Part, TransferStopped, is_hopeless
from toe.errors import ActionError
from toe.waiting import SLICE_SECONDS, GaveUpError, waited_for
from toe.words import counted

MOST_NAMED = 20
PROGRESS_SECONDS = 30.0
#: How long threads may take to stop and clean up, and how long the traces of those that hang may take to be removed.
GRACE_SECONDS, FORSAKE_SECONDS = 1.0, 2.0


class Batch:
    """The transfers of one entry of inputs, of `size` bytes in all.

    `verb` is "download" or "upload"; `failures` are those known beforehand.

    The threads that carry them are daemons, and left behind when they do not stop in time: one that waits for a silent
    server would otherwise hold up the end of the step, and of the program, for minutes.
    """

    def __init__(self, ctx: Context, verb: str, count: int, size: int, failures: Iterable[str] = ()) -> None:
        self._ctx = ctx
        self._verb = verb
        self._failures = list(failures)
        self._count = count + len(self._failures)
        self._size = size
        self._done, self._bytes, self._told_bytes = 0, 0, 0
        self._rest: Iterator[tuple[Transfer, Part]] = iter(())
        self._taking = Lock()
        # Of each part: the transfer that it completed, if any, or its error; None from a thread that has ended.
        self._outcomes: SimpleQueue[tuple[Transfer | None, Exception | None] | None] = SimpleQueue()
        self._stop = Event()
        self._open: set[Transfer] = set()
        self._told_at = time.monotonic()

    def carry(self, transfers: Iterable[Transfer]) -> None:
        """Carry all of them. Raises ActionError that names those that failed; the others went on.

        `ctx.check` is called all the time, and what it raises ends the transfers.
        """
        self._rest = ((transfer, part) for transfer in transfers for part in transfer.parts)
        crew = [Thread(target=self._work, daemon=True) for _ in range(THREADS)]
        for thread in crew:
            thread.start()
        try:
            self._collect(len(crew))
        finally:
            self._stop.set()
            until = time.monotonic() + GRACE_SECONDS
            for thread in crew:
                thread.join(max(0.0, until - time.monotonic()))
            if self._open:
                with suppress(GaveUpError):
                    waited_for(self._forsake_open, limit_seconds=FORSAKE_SECONDS)
        if self._count > MOST_NAMED:
            self._ctx.log(f"{self._verb.capitalize()}ed {self._counted()}")
        if self._failures:
            raise ActionError(self._failure_text())

    def _work(self) -> None:
        """What each thread does: one part after the other, until there is none or all are to stop."""
        try:
            while not self._stop.is_set():
                with self._taking:
                    task = next(self._rest, None)
                if task is None:
                    return
                try:
                    self._outcomes.put((self._carry_part(*task), None))
                except Exception as error:
                    self._outcomes.put((None, error))
            self._abandon_open()
        finally:
            self._outcomes.put(None)

    def _collect(self, working: int) -> None:
        """Note what comes of the parts, in the calling thread, until all threads have ended."""
        while working:
            self._ctx.check()
            self._tell_progress()
            try:
                outcome = self._outcomes.get(timeout=SLICE_SECONDS)
            except Empty:
                continue
            if outcome is None:
                working -= 1
            else:
                self._note(*outcome)

    def _tell_progress(self) -> None:
        """Never less than was told before: of what a transfer has just completed, nobody may have taken note yet."""
        moved = self._bytes + sum(min(transfer.moved, transfer.size) for transfer in list(self._open))
        if moved > self._told_bytes:
            self._told_bytes = moved
            self._ctx.progress(moved, self._size)

    def _carry_part(self, transfer: Transfer, part: Part) -> Transfer | None:
        """The transfer when it is complete with this part."""
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
