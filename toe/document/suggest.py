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
