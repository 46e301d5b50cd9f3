"""Comments that silence the lint: `# toe: ignore[TOE501, SC2086]`.

They hold for the findings of their own line. On the first line of a step they hold for the whole step, for what has no
line to put a comment on: here-documents, folded texts, lines that go on with a backslash. In a script the comment is
one of the script's own. A code that nobody knows, and one for which there is nothing to silence, does no harm.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from toe.check.findings import Findings
from toe.check.lint.shellcheck import shellcheck_code
from toe.errors import Problem
from toe.model import Document

_COMMENT = re.compile(r"#[ \t]*toe:[ \t]*ignore[ \t]*\[([^\]\n]{0,1000})\]")


def drop_ignored(document: Document, findings: Findings, first: int) -> None:
    """Remove the problems from position `first` on that a comment silences."""
    if len(findings.problems) == first:
        return
    comments = _comments(findings.lines)
    if comments:
        ignores = _Ignores(document, comments)
        findings.problems[first:] = [problem for problem in findings.problems[first:] if not ignores.cover(problem)]


def _comments(lines: list[str]) -> dict[int, frozenset[str]]:
    """Line -> the codes that its comment names, in capitals."""
    found: dict[int, frozenset[str]] = {}
    for number, line in enumerate(lines, start=1):
        comment = _COMMENT.search(line) if "toe:" in line else None
        if comment:
            found[number] = frozenset(code.strip().upper() for code in comment[1].split(","))
    return found


class _Ignores:
    """Answers which comments hold for a problem."""

    def __init__(self, document: Document, comments: dict[int, frozenset[str]]) -> None:
        self._comments = comments
        steps = [step.node for phase in document.phases for step in phase.steps if step.node is not None]
        self._steps = sorted((node.line, node.end_line) for node in steps)

    def cover(self, problem: Problem) -> bool:
        """Whether a comment silences the problem."""
        codes = self._comments.get(problem.line, frozenset()) | self._of_step(problem.line)
        return problem.code in codes or shellcheck_code(problem) in codes

    def _of_step(self, line: int) -> frozenset[str]:
        position = bisect_right(self._steps, (line, 10**9)) - 1
        if position < 0 or self._steps[position][1] < line:
            return frozenset()
        return self._comments.get(self._steps[position][0], frozenset())
