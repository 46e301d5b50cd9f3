"""The settings of each document that `toe validate` checks: its project's, with what the command line says."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from functools import cache

from toe.check.settings import NO_SETTINGS, Settings
from toe.cli.checking import DIFF, FIX, Work
from toe.cli.command import split_names
from toe.cli.targets import Target
from toe.document.source import STANDARD_INPUT, is_remote
from toe.quick_typing import Any

#: In one folder the first of them counts.
FILES = (".toe.toml", "pyproject.toml")
#: What a pyproject.toml has in some line if it has a table `tool.toe`, in any of TOML's spellings.
_TABLE = rb"""(?m)tool["']?[ \t]*(?:\.[ \t]*["']?toe["']?[ \t]*[].=]|=)|^[ \t]*\[[ \t]*["']?tool["']?[ \t]*\]"""


def with_settings(targets: list[Target], options: Mapping[str, Any], named: frozenset[str]) -> list[Work]:
    """Each document with its project's settings, without those that these exclude; `named` ones are checked anyway.

    What the command line says takes their place; codes to ignore are added to them.
    """
    own: dict[str, Any] = {"profile": options["profile"], "platforms": tuple(split_names(options["os_platforms"]))}
    own["select"] = _codes(options["select"], ignored=False)
    own = {key: value for key, value in own.items() if value}
    ignore = _codes(options["ignore"], ignored=True)
    fix = DIFF if options["diff"] else FIX if options["fix"] else ""
    work = []
    for target in targets:
        settings = NO_SETTINGS if options["no_config"] else settings_of(_folder(target, options["stdin_filename"]))
        if target.path in named or not settings.excludes(target.path):
            work.append(Work(target, settings._replace(**own, ignore=settings.ignore + ignore), fix))
    return work


def _codes(texts: Sequence[str], *, ignored: bool) -> tuple[str, ...]:
    words = split_names(texts)
    if words:
        from toe.check.settings_file import code_fault

        for word in words:
            fault = code_fault(word, ignored=ignored)
            if fault:
                raise fault
    return tuple(word.upper() for word in words)


def _folder(target: Target, stdin_name: str | None) -> str:
    """Where the search for settings begins; a document from elsewhere belongs to the working directory."""
    if target.path == STANDARD_INPUT:
        return os.path.dirname(os.path.abspath(stdin_name)) if stdin_name else os.getcwd()
    return os.getcwd() if is_remote(target.path) else os.path.dirname(os.path.abspath(target.path))


@cache
def settings_of(folder: str) -> Settings:
    """The settings that hold for the documents in a folder, an absolute path: its own, else those of the folder above.

    The search ends at the root of the repository. Cached: a tree's folders share their parents. Raises ToeError for a
    file that cannot be read or is wrong.
    """
    for name in FILES:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and _may_say_something(path):
            from toe.check.settings_file import read_settings

            settings = read_settings(path)
            if settings is not None:
                return settings
    parent = os.path.dirname(folder)
    if parent == folder or os.path.exists(os.path.join(folder, ".git")):
        return NO_SETTINGS
    return settings_of(parent)


def is_excluded(path: str) -> bool:
    """Whether the settings of its project exclude a file. Raises ToeError as `settings_of`."""
    return settings_of(os.path.dirname(os.path.abspath(path))).excludes(path)


def _may_say_something(path: str) -> bool:
    """Whether it is worth loading a reader of TOML: most projects say nothing of toe. The reader tells of errors."""
    if not path.endswith(FILES[1]):
        return True
    try:
        with open(path, "rb") as file:
            return re.search(_TABLE, file.read()) is not None
    except OSError:
        return True
