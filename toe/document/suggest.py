"""Did you mean: the nearest known word to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 64
LEAST_ALIKE = 0.6


def suggest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `word`, case aside; None when none is near, or when `word` is too long to be a slip."""
    if not word or len(word) > LONGEST:
        return None
    from difflib import SequenceMatcher

    lowered = word.lower()
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(lowered)
    best, nearest = LEAST_ALIKE, None
    for candidate in candidates:
        matcher.set_seq1(candidate.lower())
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
            ratio = matcher.ratio()
            if ratio > best:
                best, nearest = ratio, candidate
    return nearest


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """` (did you mean 'x'?)` to put after a message, or nothing."""
    nearest = suggest(word, candidates)
    return f" (did you mean '{nearest}'?)" if nearest else ""


def only_slip(word: str, candidates: Iterable[str]) -> str:
    """The one candidate that a word is a slip for: an edit for each five letters, two at most, case aside.

    "" for none and for several. Stricter than `suggest`, for what is changed unasked.
    """
    if len(word) > LONGEST:
        return ""
    near = [name for name in candidates if _edits(word.lower(), name.lower()) <= min(2, len(name) // 5)]
    return near[0] if len(near) == 1 else ""


def _edits(one: str, other: str) -> int:
    """How many letters must be put in, left out, exchanged, or swapped with their neighbours (Damerau, restricted)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        current = [row]
        for column, wanted in enumerate(other, start=1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == wanted:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, last = last, current
    return last[-1]
