"""The items of a stringList that is given as one text."""

from __future__ import annotations


def list_of(text: str) -> tuple[str, ...]:
    """The items in the text of a stringList: of a JSON list, else between commas; no text is no item."""
    if text.lstrip().startswith("["):
        items = _json_items(text)
        if items is not None:
            return items
    return tuple(text.split(",")) if text else ()


def _json_items(text: str) -> tuple[str, ...] | None:
    import json

    try:
        items = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    words = {True: "true", False: "false"}
    texts = [words[item] if isinstance(item, bool) else item for item in items]
    return tuple(texts) if all(isinstance(item, str) for item in texts) else None
