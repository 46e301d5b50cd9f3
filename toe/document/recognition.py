"""Whether a YAML file is meant to be a component document, for walks through folders that hold other YAML as well.

A look at the top-level keys, without a YAML parser, so that a component with a fault of syntax is still one.
"""

from __future__ import annotations

import re

from toe.document.suggest import suggest
from toe.document.text import decode

_BLOCK_KEY = r"""(?m)^(?:"(\w+)"|'(\w+)'|(\w+))[ \t]*:(?=\s|$)"""
_FLOW_KEY = r"""[{,]\s*(?:"(\w+)"|'(\w+)'|(\w+))\s*:"""
_FLOW_START = r"(?:\s|#.*|---)*\{"
_PHASES_IN_A_LIST = r"(?mi)^phases[ \t]*:\s*[-\[]"
_ACTION_KEY = r"""\baction["']?[ \t]*:[ \t]*["']?[A-Z]"""
_KEYS = {"phases": "phases", "schemaversion": "schemaVersion"}
#: Top-level keys of documents that look alike: Systems Manager documents, Image Builder workflows, buildspecs.
_OF_OTHERS = frozenset({"mainSteps", "runtimeConfig", "steps", "assumeRole", "AWSTemplateFormatVersion", "Resources"})


def is_component(data: bytes) -> bool:
    """Whether bytes look like a component document, slips in its keys included, or like one that was not written yet.

    `phases`, or `schemaVersion` without another tool's keys; nothing at all, for that is more often lost than meant.
    """
    text, _ = decode(data)
    if not text.strip():
        return True
    keys = _meant(_top_level_keys(text), text)
    if "phases" in keys and "schemaVersion" not in keys:
        # A buildspec of CodeBuild has `version`, and a mapping of phases.
        return "version" not in keys or re.search(_PHASES_IN_A_LIST, text) is not None
    if "phases" in keys:
        return True
    return "schemaVersion" in keys and not keys & _OF_OTHERS


def _meant(keys: set[str], text: str) -> set[str]:
    """The keys as they were meant: other slips than the case count where the text has steps with an action."""
    if keys >= set(_KEYS.values()):
        return keys
    near = dict(_KEYS)
    if re.search(_ACTION_KEY, text):
        near |= {key.lower(): meant for key in keys if (meant := suggest(key, _KEYS.values()))}
    return {near.get(key.lower(), key) for key in keys}


def _top_level_keys(text: str) -> set[str]:
    """The keys that start a line; of a document in braces, which is rare, those of any level."""
    pattern = _FLOW_KEY if re.match(_FLOW_START, text) else _BLOCK_KEY
    return {"".join(found) for found in re.findall(pattern, text)}
