"""Several attempts at one fetch: which failures are worth another one, and how long is waited before it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TypeVar

from toe.system.http.address import Address
from toe.system.http.terms import HttpError, Patience, Terms
from toe.waiting import pause

T = TypeVar("T")


def attempted(address: Address, terms: Terms, once: Callable[[], T], *, doing: str = "download") -> T:
    """What the first successful attempt gives. Raises HttpError that names the address and the last cause.

    `doing` is what cannot be done then.
    """
    attempt = 1
    while True:
        try:
            return once()
        except HttpError as error:
            delay = _delay_or_failure(error, attempt, address, terms, doing)
        pause(delay, terms.check)
        attempt += 1


def _delay_or_failure(error: HttpError, attempt: int, address: Address, terms: Terms, doing: str) -> float:
    """The seconds to wait before the next attempt, logged. Raises HttpError where there is to be none."""
    attempts, cause = terms.patience.attempts, error.message
    delay = delay_after(attempt, error.retry_after, terms.patience)
    if error.transient and attempt < attempts:
        if terms.deadline is None or time.monotonic() + delay < terms.deadline:
            terms.log(f"Attempt {attempt} of {attempts} failed: {cause}; the next one in {delay:.1f} s")
            return delay
        cause = f"{cause} (attempt {attempt} of {attempts}; no time is left for another one)"
    elif error.transient:
        cause = f"{cause} (in the last of {attempts} attempts)"
    raise HttpError(f"cannot {doing} '{address.shown}': {cause}") from error


def delay_after(attempt: int, retry_after: float | None, patience: Patience) -> float:
    """The seconds to wait after a failed attempt: doubling, with jitter downwards, or longer if the server asks for it.

    Many machines that boot together must not come back together. A server that asks for less, `Retry-After: 0`, does
    not get all attempts at once.
    """
    delay = min(patience.first_delay * 2.0 ** (attempt - 1), patience.longest_delay) * random.uniform(0.5, 1.0)
    return delay if retry_after is None else max(delay, min(retry_after, patience.longest_delay))


def retry_after_seconds(header: str, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or as a date; None when it says neither."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=timezone.utc)
    return max(0.0, (date - now).total_seconds())
