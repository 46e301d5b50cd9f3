"""Text from outside made fit for people, on a terminal or in the log of a CI system.

Nothing in it moves the cursor, changes colours, turns the direction of writing, starts a line or is an order to whoever
runs `toe`: GitHub takes lines that begin with `::`, Azure and GitHub take `##vso[` and `##[` anywhere.
"""

from __future__ import annotations

import re

#: CSI sequences, OSC sequences up to BEL or ST, and two-character escapes.
_ESCAPE = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])"
#: C0 and C1 controls, line and paragraph separators, and the marks that turn the direction of writing.
_CONTROL = "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
_ORDER = r"^(\s*:)(?=:)|(#)(?=#\w*\[)"


def printable(text: str) -> str:
    """One line without escape sequences and control characters; tabs become four spaces. Orders get a blank inside."""
    if text.isprintable() and "::" not in text and "##" not in text:
        return text
    plain = re.sub(_CONTROL, "", re.sub(_ESCAPE, "", text)).replace("\t", "    ")
    return re.sub(_ORDER, r"\1\2 ", plain)


def universal_lines(text: str) -> list[str]:
    r"""Lines that end in LF, CRLF or CR: what a terminal or a log viewer takes for a line, and nothing else."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def printable_lines(text: str) -> list[str]:
    """The lines of `text`, each printable, without those that are empty at its end."""
    return [printable(line) for line in universal_lines(text.rstrip("\r\n"))]


def printable_text(text: str) -> str:
    """The text with every line of it printable."""
    return "\n".join(map(printable, text.split("\n")))


def duration(nanoseconds: int) -> str:
    """`0.05 s`, `12.3 s`, `3 min 04 s`, `2 h 05 min`."""
    seconds = max(0, nanoseconds) / 1e9
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
