"""On what terms something is fetched: how long is waited, who may stop it; and the error that a fetch ends with."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from toe.errors import ToeError
from toe.records import NamedTuple


class HttpError(ToeError):
    """A fetch that failed. `transient`: another attempt may succeed, after `retry_after` seconds if the server said."""

    def __init__(self, message: str, *, transient: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.transient = transient
        self.retry_after = retry_after

    def saying(self, message: str) -> HttpError:
        """The same error with another message."""
        return HttpError(message, transient=self.transient, retry_after=self.retry_after)


class Patience(NamedTuple):
    """How often and how long, in seconds.

    `first_delay` passes before the second attempt and doubles with each further one; no delay is longer than
    `longest_delay`, whatever a server asks for. `connecting` is for one address of a host, `silence` for the time in
    which nothing comes.
    """

    attempts: int = 5
    first_delay: float = 1.0
    longest_delay: float = 120.0
    connecting: float = 10.0
    silence: float = 60.0


PATIENCE = Patience()


class Terms(NamedTuple):
    """What a fetch needs to know of its caller.

    `check` raises when it is time to stop. `deadline` is a `time.monotonic()` value; `check` enforces it, here it only
    keeps a fetch from waiting for an attempt that could not begin. `any_certificate`: servers need not prove who they
    are. `downgrades`: whether a redirect from https to http is followed, with a warning, or an error.
    `progress` is told how many bytes have come, of how many if the server said so. `warn` takes what people should see
    at once; where it is None, `log` gets that too.
    """

    environment: Mapping[str, str]
    check: Callable[[], None]
    log: Callable[[str], None]
    deadline: float | None = None
    any_certificate: bool = False
    downgrades: bool = True
    progress: Callable[[int, int | None], None] = lambda done, total: None
    patience: Patience = PATIENCE
    warn: Callable[[str], None] | None = None

    def warned(self, text: str) -> None:
        """Say something that people should see."""
        (self.warn or self.log)(text)
