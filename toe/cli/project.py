"""The settings of each document that `toe validate` checks: its project's, with what the command line says."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from toe.check.project import settings_of
from toe.check.settings import NO_SETTINGS
from toe.cli.checking import DIFF, FIX, Work
from toe.cli.command import split_names
from toe.cli.targets import Target
from toe.document.source import STANDARD_INPUT, is_remote
from toe.quick_typing import Any


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
