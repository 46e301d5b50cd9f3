"""A function that checks a text and gives its problems, for all tests of checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from toe.actions import ActionTable
from toe.check.check import CheckOptions, check_all
from toe.check.explanations import whole_document
from toe.errors import Problem

Check = Callable[..., list[Problem]]


@pytest.fixture
def check() -> Check:
    """`check(text, path="doc.yml", platforms=..., ...)`: the problems of a document, a list of steps, or a section."""

    def run(text: str, path: str = "doc.yml", **options: Any) -> list[Problem]:
        return check_all(whole_document(text).encode(), path, CheckOptions(**options), ActionTable())[1]

    return run
