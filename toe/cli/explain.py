"""`toe explain`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.check.explanations import explanation_text
from toe.cli.terminal import printed
from toe.codes import CODES
from toe.errors import ToeError


def explain(options: Mapping[str, Any]) -> int:
    """Print what is known of each code; the list of all codes when none is named, of some for a beginning (`TOE4`).

    Raises ToeError for an unknown one.
    """
    texts = [_text(word) for word in options["paths"] or ("TOE",)]
    return printed("\n".join(texts))


def _text(word: str) -> str:
    text = explanation_text(word)
    if text is not None:
        return text.rstrip("\n") + "\n"
    listed = [code for code in sorted(CODES) if word and code.startswith(word.upper())]
    if not listed:
        hint = "'toe explain' lists them; shellcheck's are of the form SC2086"
        raise ToeError(f"unknown problem code '{word}'", hint=hint)
    return "".join(f"{code}  {CODES[code].severity.value:<7}  {CODES[code].title}\n" for code in listed)
