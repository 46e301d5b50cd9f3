"""The scripts of a document: what ExecuteBash and ExecutePowerShell run, as one text that remembers its YAML.

The items of `commands` are joined by line ends, as the actions do it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import islice

from toe.check.findings import Findings
from toe.check.lint.bash_commands import BashScript, Command
from toe.check.lint.places import place_in
from toe.errors import Severity
from toe.expressions.parse import ForeignTemplate, Reference, foreign_templates, references
from toe.model import Document, Step
from toe.nodes import Mapping, Scalar, Sequence

BASH, POWERSHELL = "ExecuteBash", "ExecutePowerShell"

#: Characters of one script, and of all scripts of a document, that are read: more is no script that somebody wrote.
LONGEST_SCRIPT = 100_000
MOST_SCRIPT_TEXT = 500_000

#: Stands for each character of a template: part of a word, to bash and to shellcheck.
PLACEHOLDER = "x"


class Script:
    """One step's script, and where the rules report what they find in it.

    `language` is the action's name; offsets count in `text`.
    """

    def __init__(self, step: Step, items: tuple[Scalar, ...], findings: Findings) -> None:
        self.step = step
        self.items = items
        self.findings = findings
        self.language = step.action
        self.text = "\n".join(item.text for item in items)

    @cached_property
    def expressions(self) -> tuple[Reference, ...]:
        """The expressions in it, from left to right."""
        return tuple(references(self.text))

    @cached_property
    def templates(self) -> tuple[Reference | ForeignTemplate, ...]:
        """The expressions, and what else stands in double braces, from left to right."""
        found = (*self.expressions, *foreign_templates(self.text))
        return tuple(sorted(found, key=lambda template: template.offset))

    @cached_property
    def code(self) -> str:
        """The text with a word in the place of each template, as long as the template is."""
        parts: list[str] = []
        end = 0
        for template in self.templates:
            parts += (self.text[end : template.offset], PLACEHOLDER * len(template.raw))
            end = template.offset + len(template.raw)
        return "".join((*parts, self.text[end:]))

    @cached_property
    def bash(self) -> BashScript | None:
        """The commands of a bash script; None when it cannot be read."""
        from toe.check.lint.bash_reader import read_bash

        return read_bash(self.code)

    def templates_in(self, start: int, end: int) -> Iterator[Reference | ForeignTemplate]:
        """The templates that share something with a part of the text, be it empty."""
        first = bisect_right(self._template_starts, start) - 1
        for template in islice(self.templates, max(first, 0), None):
            if template.offset > start and template.offset >= end:
                return
            if template.offset + len(template.raw) > start:
                yield template

    @cached_property
    def _template_starts(self) -> list[int]:
        return [template.offset for template in self.templates]

    def report(
        self, start: int, end: int, code: str, message: str, hint: str = "", *, severity: Severity | None = None
    ) -> None:
        """Report a finding at a part of the text; what spans items is shown to the end of its first."""
        if self.findings.full:
            return
        position = bisect_right(self._starts, start) - 1
        item, item_start = self.items[position], self._starts[position]
        place = place_in(item, start - item_start, min(end - item_start, len(item.text)), self.findings.lines)
        self.findings.at(place, code, message, hint, severity=severity)

    def report_command(self, command: Command, code: str, message: str, hint: str = "") -> None:
        """Report a finding at a command of a bash script."""
        self.report(command.words[0].start, command.words[-1].end, code, message, hint)

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for item in self.items[:-1]:
            starts.append(starts[-1] + len(item.text) + 1)
        return starts


def scripts_of(document: Document, findings: Findings) -> Iterator[Script]:
    """The scripts in the order of the document, as many as are read at all."""
    left = MOST_SCRIPT_TEXT
    for phase in document.phases:
        for step in phase.steps:
            if step.action != BASH and step.action != POWERSHELL:
                continue
            items = _commands(step)
            length = sum(len(item.text) + 1 for item in items)
            if items and length <= min(left, LONGEST_SCRIPT):
                left -= length
                yield Script(step, items, findings)


def _commands(step: Step) -> tuple[Scalar, ...]:
    commands = step.inputs_node.get("commands") if isinstance(step.inputs_node, Mapping) else None
    if not isinstance(commands, Sequence):
        return ()
    return tuple(item for item in commands.items if isinstance(item, Scalar))
