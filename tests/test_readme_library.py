"""The README's words on the library: every event and every keyword argument stands there, and no other."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import get_args

import pytest

import toe
from toe import events

LIBRARY = (Path(__file__).parents[1] / "README.md").read_text().partition("## As a library")[2].partition("\n## ")[0]


def named(part: str) -> set[str]:
    """The names between backticks."""
    return set(re.findall(r"`(\w+)`", part))


def test_the_readme_names_every_event() -> None:
    listed = named(LIBRARY.partition("`on_event` gets")[2].partition("\n\n")[0]) - {"at_ns", "where"}
    assert listed == {kind.__name__ for kind in get_args(events.Event)}


@pytest.mark.parametrize("function", [toe.run, toe.resume, toe.validate, toe.load])
def test_the_readme_names_every_keyword_argument(function: object) -> None:
    parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    keywords = {one.name for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY}
    name = getattr(function, "__name__", "")
    _, found, behind = " ".join(LIBRARY.split()).partition(f"`{name}`: ")
    assert found
    assert named(behind.partition(". ")[0]) == keywords
