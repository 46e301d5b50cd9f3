"""Collects the tests of many documents: all are read and checked before any of them runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from toe.check.reading import DocumentReader
from toe.engine.plan import declared_by, undeclared
from toe.errors import DocumentError, Problem, first_of
from toe.model import Document
from toe.records import NamedTuple
from toe.session.given import Piece, bound
from toe.testing.documents import Case, DocumentTests, holds, load_cases, masks_of, planned_tests


class Collection(NamedTuple):
    """The tests, how many documents have none, and what people should know of the parameters that they gave.

    `has_any`: there are tests, chosen or not.
    """

    tests: tuple[DocumentTests, ...]
    without_tests: int
    warnings: tuple[str, ...]
    has_any: bool


def collected(
    targets: Iterable[tuple[str, bool]], pieces: Sequence[Piece], mask: Sequence[str], keyword: str
) -> Collection:
    """The tests of the targets: paths, and for each whether it was found on a walk.

    `keyword` chooses documents ("": all); parameters and actions of the others are not looked at.

    Raises DocumentError with the problems of all documents, and ToeError for whatever else does not let them run.
    """
    reader = DocumentReader()
    loaded: list[tuple[Document, tuple[Case, ...], bool]] = []
    without_tests = 0
    problems: list[Problem] = []
    for path, is_found in targets:
        with _kept(problems):
            found = load_cases(path, reader, found=is_found)
            if found and found[1]:
                loaded.append((*found, is_found))
            elif found:
                without_tests += 1
    _refuse(problems)
    has_any = bool(loaded)
    loaded = [one for one in loaded if holds(one[0], one[1], keyword)]
    if not loaded:
        return Collection((), without_tests, (), has_any)
    documents = [document for document, _, _ in loaded]
    meant = bound(pieces, declared_by(documents), mask)
    unused = [f"no document declares the parameter '{name}'" for name in undeclared(documents, list(meant.values))]
    mask_of = masks_of(documents, mask, reader)
    tests: list[DocumentTests] = []
    for document, cases, is_found in loaded:
        with _kept(problems):
            tests.append(planned_tests(document, cases, meant.values, mask_of(document), found=is_found))
    _refuse(problems)
    return Collection(tuple(tests), without_tests, (*meant.warnings, *unused), has_any)


@contextmanager
def _kept(problems: list[Problem]) -> Iterator[None]:
    """Keep the problems of a document for later, so that all documents' are told at once."""
    try:
        yield
    except DocumentError as error:
        if not error.problems:
            raise
        problems += error.problems


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise DocumentError(first_of(problems), problems=tuple(problems))
