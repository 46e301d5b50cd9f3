"""Reads `[tool.toe]` of pyproject.toml, or `.toe.toml`, and refuses what is wrong in it, with its line."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterable
from typing import Any

from toe.check.settings import HARMLESS, PLATFORMS, PROFILES, Settings
from toe.codes import CODES
from toe.document.suggest import did_you_mean
from toe.errors import Severity, ToeError
from toe.words import comma_hint

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: key -> the words that it may hold; None for any text.
LISTS: dict[str, Collection[str] | None] = {"select": CODES, "ignore": CODES, "platforms": PLATFORMS, "exclude": None}
KEYS = (*LISTS, "profile")
EXAMPLES = {
    "select": 'select = ["TOE5"]',
    "ignore": 'ignore = ["TOE505", "SC2086"]',
    "platforms": 'platforms = ["linux"]',
    "exclude": 'exclude = ["drafts/"]',
    "profile": 'profile = "imagebuilder"',
}
_SHELLCHECK = re.compile(r"SC[0-9]{0,4}")


class _Place:
    """Where a file's keys and words stand. TOML's reader tells no lines, so they are looked for in the text."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()

    def fault(self, key: str, word: str, message: str, hint: str = "") -> ToeError:
        """The error about a key, or about a word in its value."""
        return ToeError(f"{self._path}:{self._line(key, word)}: {message}", hint=hint)

    def _line(self, key: str, word: str) -> int:
        header = self._first(r"\s*\[\s*tool\s*\.\s*toe\b", 0) or 0
        spelled = rf"(?:^|[\s.,{{])[\"']?{re.escape(key)}[\"']?\s*[.=]"
        at_key = self._first(spelled, header)
        if at_key is None:
            at_key = self._first(spelled, 0) or 0
        at_word = self._first(rf"[\"']{re.escape(word)}[\"']", at_key) if word else None
        return 1 + (at_key if at_word is None else at_word)

    def _first(self, pattern: str, start: int) -> int | None:
        """The number of the first line from `start` on that has the pattern outside of a comment."""
        for number, line in enumerate(self._lines[start:], start):
            if re.search(pattern, line) and not line.lstrip().startswith("#"):
                return number
        return None


def read_settings(path: str) -> Settings | None:
    """The settings in a file; None for a pyproject.toml without any. Raises ToeError."""
    shown = _shown(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ToeError(f"cannot read '{shown}': {error.strerror}", hint="--no-config checks without it") from error
    own = os.path.basename(path) == ".toe.toml"
    try:
        text = data.decode("utf-8-sig")
        whole = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ToeError(f"{shown}:{line}: not UTF-8 text", hint="--no-config checks without it") from error
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(shown, str(error), len(text.splitlines())) from error
    place = _Place(shown, text)
    tool = whole.get("tool", {})
    table = tool.get("toe") if isinstance(tool, dict) else None
    if table is None:
        if not own:
            return None
        table = whole
    if not isinstance(table, dict):
        raise place.fault("toe", "", "'tool.toe' is a table", "[tool.toe]")
    return _settings(path, shown, table, place)


def _shown(path: str) -> str:
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def _not_toml(shown: str, fault: str, last: int) -> ToeError:
    """TOML's reader has the place at the end of its message."""
    where = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", fault)
    place = f"{where[1]}:{where[2]}" if where and where[1] else f"{max(last, 1)}"
    message = fault[: where.start()] if where else fault
    return ToeError(f"{shown}:{place}: not valid TOML: {message[:1].lower()}{message[1:]}")


def _settings(path: str, shown: str, table: dict[str, Any], place: _Place) -> Settings:
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in KEYS:
            near = did_you_mean(key, [name for name in KEYS if name not in table])
            raise place.fault(key, "", f"unknown key '{key}'{near}", f"keys: {', '.join(KEYS)}")
        if key == "profile":
            if not isinstance(value, str):
                raise place.fault(key, "", f"'profile' is a text, not {_kind(value)}", EXAMPLES[key])
            _refuse_unknown(place, key, [value], PROFILES)
            values[key] = value
            continue
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            wrong = value if not isinstance(value, list) else next(word for word in value if not isinstance(word, str))
            has = "has" if isinstance(value, list) else "is"
            raise place.fault(key, "", f"'{key}' is a list of texts, and {has} {_kind(wrong)}", EXAMPLES[key])
        if key in ("select", "ignore"):
            for word in value:
                fault = code_fault(word, ignored=key == "ignore")
                if fault:
                    raise place.fault(key, word, fault.message, fault.hint)
            value = [word.upper() for word in value]
        elif LISTS[key] is not None:
            _refuse_unknown(place, key, value, LISTS[key] or ())
        values[key] = tuple(value)
    return Settings(path=shown, folder=os.path.dirname(path), **values)


def _kind(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a table"}
    return kinds.get(type(value), "a date or a time")


def _refuse_unknown(place: _Place, key: str, words: Iterable[str], known: Collection[str]) -> None:
    what = key.removesuffix("s")
    for word in words:
        if word not in known:
            hint = comma_hint(word) or f"{what}s: {', '.join(known)}"
            raise place.fault(key, word, f"unknown {what} '{word}'{did_you_mean(word, known)}", hint)


def code_fault(word: str, *, ignored: bool) -> ToeError | None:
    """What is wrong with a code, or the beginning of one, that is to be selected or ignored."""
    code = word.strip().upper()
    if _SHELLCHECK.fullmatch(code):
        return None
    meant = [known for known in CODES if known.startswith(code)] if len(code) >= len("TOE") else []
    if not meant:
        hint = "a code such as TOE501 or SC2086, or the beginning of some, such as TOE5; 'toe explain' lists them"
        return ToeError(f"unknown code '{word}'{did_you_mean(code, CODES)}", hint=hint)
    if ignored and all(CODES[known].severity is Severity.ERROR and not known.startswith(HARMLESS) for known in meant):
        message = f"'{word}' cannot be ignored: a document with such an error does not run"
        return ToeError(message, hint=f"'toe explain {meant[0]}' tells how to mend it")
    return None
