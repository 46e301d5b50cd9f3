"""Problem codes as SARIF's rules: what viewers show beside a result."""

from __future__ import annotations

import re

from toe.check.explanations import EXPLANATIONS, explanation_text
from toe.codes import CODES
from toe.errors import Severity

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def rule(code: str) -> dict[str, object]:
    """The reportingDescriptor of a code. GitHub wants all of these texts, none of them empty."""
    known = CODES.get(code)
    if known is None:
        text = {"text": f"Problem {code}."}
        return {"id": code, "shortDescription": text, "fullDescription": text, "help": text}
    # The examples are indented by four spaces, so that the text is Markdown as it stands.
    help_text = explanation_text(code)
    return {
        "id": code,
        "name": _name(known.title),
        "shortDescription": {"text": f"{known.title[0].upper()}{known.title[1:]}."},
        "fullDescription": {"text": EXPLANATIONS[code].text},
        "defaultConfiguration": {"level": LEVELS[known.severity]},
        "help": {"text": help_text, "markdown": help_text},
    }


def _name(title: str) -> str:
    """A title as one word: `UnknownAction`."""
    return "".join(word.capitalize() for word in re.split("[^A-Za-z0-9]", title))
