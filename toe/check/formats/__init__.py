"""The forms in which `toe validate` reports what it found, by name. Not for finding anything or writing it anywhere.

A form's module is imported when it is used, so that the JSON of a small document costs no XML.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TypeAlias

from toe.check.formats.report import Report as Report

Format: TypeAlias = Callable[[Report], str]

_MODULES: Mapping[str, str] = {
    "text": "people_text",
    "json": "json_report",
    "sarif": "sarif",
    "github": "github",
    "junit": "junit",
}


def _lazy(module: str) -> Format:
    def render(report: Report) -> str:
        text: str = import_module(f"toe.check.formats.{module}").render(report)
        return text

    return render


#: name -> function from a report to its text; the text is empty or ends with a newline, and always encodes as UTF-8.
FORMATS: Mapping[str, Format] = {name: _lazy(module) for name, module in _MODULES.items()}
