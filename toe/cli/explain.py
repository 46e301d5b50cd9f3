"""`toe explain`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.check.codes import CODES
from toe.check.explanations import explanation_text
from toe.cli.terminal import STDOUT, write
from toe.errors import EXIT_FAILED, EXIT_SUCCESS, ToeError


def explain(options: Mapping[str, Any]) -> int:
    """Print what is known of each code. Raises ToeError for none and for an unknown one."""
    if not options["paths"]:
        raise ToeError("no code to explain", hint="toe explain TOE204")
    texts: list[str] = []
    for code in options["paths"]:
        text = explanation_text(code.upper())
        if text is None:
            raise ToeError(f"unknown problem code '{code}'", hint=f"codes: {', '.join(sorted(CODES))}")
        texts.append(text.rstrip("\n") + "\n")
    return EXIT_SUCCESS if write(STDOUT, "\n".join(texts)) else EXIT_FAILED
