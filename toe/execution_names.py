"""The ids of executions, which are free text, and what names files, states and units where an id cannot stand."""

from __future__ import annotations

import os
import re
import time

_LONGEST = 128
#: Of what is made of an id that is no name, before its checksum.
_LONGEST_BEGINNING = 64
_CHECKSUM_DIGITS = 16
_PLAIN = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
#: Names of Windows' devices, and what ends as no name there does.
_SPECIAL = r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?|.*\.|.*\.\..*"


def new_execution_id() -> str:
    """A UUID version 1 (reference, section 7) with a random node, as RFC 4122 has it; `uuid` is slow to import."""
    ticks = time.time_ns() // 100 + 0x01B21DD213814000  # since 1582-10-15, in units of 100 ns
    tail = bytearray(os.urandom(8))
    tail[0] = tail[0] & 0x3F | 0x80
    tail[2] |= 0x01
    low, middle, high = ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 & 0x0FFF | 0x1000
    return f"{low:08x}-{middle:04x}-{high:04x}-{tail[:2].hex()}-{tail[2:].hex()}"


def safe_name(execution_id: str) -> str:
    """The id itself where it is a name on every system, else a name made of it; names are names of themselves.

    Letters, digits, '-', '_' and '.' stay; two ids that differ get two names.
    """
    if 8 <= len(execution_id) <= _LONGEST and execution_id.isascii() and _is_word(execution_id):
        return execution_id  # as one that was made
    is_special = re.fullmatch(_SPECIAL, execution_id, re.IGNORECASE | re.DOTALL)
    if len(execution_id) <= _LONGEST and re.fullmatch(_PLAIN, execution_id) and not is_special:
        return execution_id
    from hashlib import sha256

    beginning = re.sub(r"[^A-Za-z0-9]+", "_", execution_id)[:_LONGEST_BEGINNING].strip("_")
    checksum = sha256(execution_id.encode("utf-8", "surrogatepass")).hexdigest()[:_CHECKSUM_DIGITS]
    return f"{beginning or 'run'}-x{checksum}"


def _is_word(text: str) -> bool:
    return text[0] != "-" and text.replace("-", "").isalnum()


def one_line(execution_id: str) -> str:
    """The id for messages and lines of logs, with what is no character to be seen escaped."""
    return execution_id if execution_id.isprintable() else execution_id.encode("unicode_escape").decode("ascii")
