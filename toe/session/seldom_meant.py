"""What may be done and is seldom meant: warnings of a run before it begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from toe.codes import NESTED_UNKNOWN_PARAMETER, OTHER_TEMPLATE_FORM, SWALLOWED_STEP
from toe.document.source import identity
from toe.errors import Problem, first_of
from toe.model import ParameterValue

if TYPE_CHECKING:
    from toe.session.prepare import Request


def seldom_meant(requests: Sequence[Request], problems: Iterable[Problem]) -> list[str]:
    """Warnings about documents that run twice, and those findings that say that something given is not used."""
    return list(dict.fromkeys([*_twice(requests), *_unused(problems)]))


def _twice(requests: Sequence[Request]) -> Iterator[str]:
    """With other parameters a document is another piece of work."""
    seen: set[tuple[str, frozenset[tuple[str, ParameterValue]]]] = set()
    for request in requests:
        known = identity(request.path), frozenset(request.parameters.items())
        if known in seen:
            yield f"{request.path} is named more than once, and runs each time"
        seen.add(known)


def _unused(problems: Iterable[Problem]) -> Iterator[str]:
    for problem in problems:
        if problem.code in (NESTED_UNKNOWN_PARAMETER, SWALLOWED_STEP, OTHER_TEMPLATE_FORM):
            yield first_of([problem])
