"""One file on its way to or from S3, in parts that several threads carry, and what all transfers share.

Its kinds say what it does: Download in toe.actions.s3.fetching, Upload in toe.actions.s3.sending.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock

from toe.actions.base import Context
from toe.aws.clients import AwsError
from toe.aws.s3_bucket import Bucket, Part, TransferStopped
from toe.errors import ActionError
from toe.waiting import waited_for
from toe.words import counted

#: Measured on two cores: 4 to 10 are alike against a server next door, and one far away answers more of them.
THREADS = 10


def bucket_of(name: str, owner: str | None, ctx: Context) -> Bucket:
    """A bucket; finding credentials for it can take long, and ends with the step. Raises AwsError."""
    return waited_for(lambda: Bucket(name, owner, connections=THREADS), ctx.check)


class Transfer:
    """One file on its way. Begun with the first of its parts, completed after the last, or discarded.

    `text` says what it does ("'s3://bucket/key' to '/tmp/key'"), `size` is in bytes; so is `moved`, which counts what
    had to be carried twice as well.
    """

    def __init__(self, text: str, size: int, parts: list[Part]) -> None:
        self.text = text
        self.size = size
        self.parts = parts
        self.moved = 0
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
        """Remove the traces of a transfer while a thread that hangs still holds it."""

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

    def count(self, moved: int) -> None:
        """So many bytes more have been carried."""
        with self._counting:
            self.moved += moved

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


@contextmanager
def aws_refusals() -> Iterator[None]:
    """Turn an AwsError into an ActionError."""
    try:
        yield
    except AwsError as error:
        raise ActionError(failure_text(error)) from error


def failure_text(error: ActionError | AwsError) -> str:
    """Message and hint in one line."""
    return error.in_one_line if isinstance(error, AwsError) else error.message


def size_text(size: float) -> str:
    """A number of bytes for people: "10.0 KiB"."""
    if size < 1024:
        return counted(round(size), "byte")
    for unit in ("KiB", "MiB", "GiB"):
        size /= 1024
        if size < 1024 or unit == "GiB":
            break
    return f"{size:.1f} {unit}"
