"""Numbers as texts, compared exactly whatever their length: no floats, no decimal context, no limit on digits."""

from __future__ import annotations

import re
from typing import TypeAlias

_NUMBER = r"([-+]?)(?:([0-9]+)[.])?([0-9]+)"

#: A number without its sign: the number of whole digits, the whole digits, those of the fraction. Without leading and
#: trailing zeros these compare as the numbers do.
Magnitude: TypeAlias = "tuple[int, str, str]"
ZERO: Magnitude = (0, "", "")


def compare_numbers(left: str, right: str) -> int | None:
    """Below 0, 0 or above 0 as `left` is less than, equal to or greater than `right`; None if one is not a number.

    A number is an optional sign and digits, with or without a point between digits (reference, section 5).
    """
    a, b = _read(left), _read(right)
    if a is None or b is None:
        return None
    (negative_a, size_a), (negative_b, size_b) = a, b
    if negative_a != negative_b:
        return -1 if negative_a else 1
    order = (size_a > size_b) - (size_a < size_b)
    return -order if negative_a else order


def _read(text: str) -> tuple[bool, Magnitude] | None:
    """Whether it is below zero, and the magnitude."""
    found = re.fullmatch(_NUMBER, text)
    if found is None:
        return None
    sign, before, last = found.groups()
    whole, fraction = (last, "") if before is None else (before, last)
    whole = whole.lstrip("0")
    size = (len(whole), whole, fraction.rstrip("0"))
    return sign == "-" and size != ZERO, size
