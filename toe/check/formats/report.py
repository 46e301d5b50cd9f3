"""What a validation came to: the one argument of every format. Knows no format."""

from __future__ import annotations

from toe.errors import Problem, Severity
from toe.records import NamedTuple


class Report(NamedTuple):
    """The documents that were looked at, by the names that the user gave or found, and what is wrong with them.

    `problems` are sorted, and may lie in nested documents that `documents` does not name. `strict`: warnings count as
    failures. `unreadable` holds the documents that could not be read, each with the message of its DocumentError.
    """

    documents: tuple[str, ...]
    problems: tuple[Problem, ...]
    strict: bool = False
    unreadable: tuple[tuple[str, str], ...] = ()

    @property
    def failing(self) -> tuple[Problem, ...]:
        """The problems that make the validation fail."""
        return tuple(problem for problem in self.problems if self.is_failure(problem))

    @property
    def failed(self) -> bool:
        """Whether anything failed, or could not be read."""
        return bool(self.unreadable or self.failing)

    @property
    def reasons(self) -> tuple[tuple[str, str], ...]:
        """`unreadable` without the document's name at the start of the message, where DocumentError puts it."""
        return tuple((document, message.removeprefix(f"{document}: ")) for document, message in self.unreadable)

    def is_failure(self, problem: Problem) -> bool:
        """Whether a problem counts as a failure."""
        return problem.severity is Severity.ERROR or (self.strict and problem.severity is Severity.WARNING)

    def count(self, severity: Severity) -> int:
        """How many problems are of a severity."""
        return sum(problem.severity is severity for problem in self.problems)
