"""What an execution is called where its id cannot stand: in names of files, states and units. Ids are free text."""

from __future__ import annotations

_LONGEST = 128
#: Of what is made of an id that is no name, before its checksum.
_LONGEST_BEGINNING = 64
_CHECKSUM_DIGITS = 16
_PLAIN = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
#: Names of Windows' devices, and what ends as no name there does.
_SPECIAL = r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?|.*\.|.*\.\..*"


def safe_name(execution_id: str) -> str:
    """The id itself where it is a name on every system, else a name made of it; names are names of themselves.

    Letters, digits, '-', '_' and '.' stay; two ids that differ get two names.
    """
    if 8 <= len(execution_id) <= _LONGEST and execution_id.isascii() and _is_word(execution_id):
        return execution_id  # without `re`, which is slow to import: as one that was made
    import re

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
