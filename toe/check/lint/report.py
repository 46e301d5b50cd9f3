"""Where the rules of the lint put what they found: the document's findings, with places inside of texts."""

from __future__ import annotations

from toe.check.findings import Findings
from toe.check.lint.bash_commands import Command
from toe.check.lint.places import place_in
from toe.check.lint.scripts import Script
from toe.errors import Severity
from toe.nodes import Node, Scalar


class Report:
    """Adds findings of the lint to those of a document."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    def at(self, node: Node, code: str, message: str, hint: str = "", *, severity: Severity | None = None) -> None:
        """A finding at a node."""
        self.findings.at(node, code, message, hint, severity=severity)

    def in_scalar(self, scalar: Scalar, start: int, end: int, code: str, message: str, hint: str = "") -> None:
        """A finding at a part of a scalar's text."""
        if self.findings.full:
            return
        self.findings.at(place_in(scalar, start, end, self.findings.lines), code, message, hint)

    def in_script(
        self,
        script: Script,
        start: int,
        end: int,
        code: str,
        message: str,
        hint: str = "",
        *,
        severity: Severity | None = None,
    ) -> None:
        """A finding at a part of a script."""
        if self.findings.full:
            return
        self.findings.at(script.place(start, end, self.findings.lines), code, message, hint, severity=severity)

    def at_command(self, script: Script, command: Command, code: str, message: str, hint: str = "") -> None:
        """A finding at a command of a bash script."""
        self.in_script(script, command.words[0].start, command.words[-1].end, code, message, hint)
