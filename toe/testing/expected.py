"""Comments that say how long a step of a test may take: `# toe: expect 30s`.

They stand on the first line of a step, or on the line of one of its keys; in a script they say nothing. A step that
takes longer has not failed: its verdict has a warning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from toe.errors import ToeError
from toe.model import Step

_COMMENT = re.compile(r"(?:^|[ \t])#[ \t]*toe:[ \t]*expect\b[ \t]*([^#\n]*)")
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)[ \t]*(ms|s|min|m|h)", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600}


def expected_seconds(step: Step, lines: Sequence[str], path: str) -> float | None:
    """How long a step may take by its comment, None without one; `lines` are those of the document.

    Raises ToeError for a comment without a duration.
    """
    for number in sorted({key.line for key, _ in step.node.pairs} if step.node else ()):
        line = lines[number - 1] if number <= len(lines) else ""
        comment = _COMMENT.search(line) if "toe:" in line else None
        if comment:
            return _seconds(comment[1].strip(), f"{path}:{number}")
    return None


def _seconds(text: str, place: str) -> float:
    found = _DURATION.fullmatch(text)
    if found is None:
        hint = "write it as '# toe: expect 30s'; units are ms, s, m and h"
        raise ToeError(f"{place}: '{text}' is no time that a step may be expected to take", hint=hint)
    return float(found[1]) * _SECONDS[found[2]]
