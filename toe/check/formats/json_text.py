"""Plain data as one line of JSON that any reader takes and any terminal survives."""

from __future__ import annotations

import json
import re

from toe.sinks.safe_text import HIDDEN

_ESCAPED = re.compile(f"[{HIDDEN}\ud800-\udfff]")


def json_line(value: object) -> str:
    """The JSON text with its newline. Text stays readable: only characters that are not shown are escaped."""
    return _ESCAPED.sub(_escape, json.dumps(value, ensure_ascii=False)) + "\n"


def _escape(found: re.Match[str]) -> str:
    """Outside of strings JSON is ASCII, so an escape is right wherever one of these stands."""
    code = ord(found.group())
    backslash = "\\\\" if 0xD800 <= code <= 0xDFFF else "\\"
    return f"{backslash}u{code:04x}"
