"""The time that stands in an image: the same for each build, so that the same inputs give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping

from toe.errors import ToeError

#: https://reproducible-builds.org/specs/source-date-epoch/
VARIABLE = "SOURCE_DATE_EPOCH"
#: Beyond the year 9999 engines refuse a time.
_LAST = 253402300799


def image_time(environment: Mapping[str, str]) -> int:
    """Seconds since the epoch for the image and all that a layer adds: SOURCE_DATE_EPOCH, else 0. Raises ToeError."""
    text = environment.get(VARIABLE, "")
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal()) or int(text[:13]) > _LAST:
        raise ToeError(f"{VARIABLE} is a number of seconds, not '{text}'", hint=f"for example {VARIABLE}=$(date +%s)")
    return int(text)
