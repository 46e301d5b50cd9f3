"""Expressions without quotes in a bash script: their value is split at blanks, and its `;` and `$(...)` are run.

The value is put into the text of the script before bash sees it. Single quotes hold everything but a single quote.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from toe import codes
from toe.check.lint.bash_commands import BashScript
from toe.check.lint.scripts import BASH, Script
from toe.expressions.parse import ContextRef, ImdsRef, LoopRef, NameRef, Reference, StepRef
from toe.model import DelimitedLoop, Document, ForEachLoop, Loop, Step, Value

_SAFE = "[A-Za-z0-9_.,:/@%+=-]+"
#: An operating system's name has blanks ("Amazon Linux"); no other context key can have any.
_BLANK_CONTEXT = frozenset(("osName",))
#: Tags are what people write; other instance metadata has no blanks.
_IMDS_TAGS = "tags/"


class SafeValues:
    """Which expressions of a document have values, known before the run, that bash leaves alone."""

    def __init__(self, document: Document) -> None:
        self._names = {constant.name for constant in document.constants if _is_safe(constant.value)}
        for parameter in document.parameters:
            if parameter.allowed_values and all(_is_safe(value) for value in parameter.allowed_values):
                self._names.add(parameter.name)
        self._steps = {(phase.name, step.name): step for phase in document.phases for step in phase.steps}

    def has(self, reference: Reference, step: Step) -> bool:
        """Whether the value of an expression in a script of `step` is known to be safe."""
        if isinstance(reference, NameRef):
            return reference.name in self._names
        if isinstance(reference, ContextRef):
            return reference.key not in _BLANK_CONTEXT
        if isinstance(reference, ImdsRef):
            return not reference.path.startswith(_IMDS_TAGS)
        if isinstance(reference, LoopRef):
            return reference.field == "index" or (step.loop is not None and _iterates_safely(step.loop))
        return isinstance(reference, StepRef) and self._is_safe_input(reference)

    def _is_safe_input(self, reference: StepRef) -> bool:
        """`build.Download.inputs[0].destination` is what stands there."""
        step = self._steps.get((reference.phase, reference.step))
        if step is None or reference.side != "inputs" or len(reference.path) != 1:
            return False
        index = reference.index or 0
        value: Value = step.inputs[index].get(str(reference.path[0])) if index < len(step.inputs) else None
        return isinstance(value, str) and _is_safe(value)


def _is_safe(value: str) -> bool:
    return re.fullmatch(_SAFE, value) is not None


def _iterates_safely(loop: Loop) -> bool:
    over = loop.over
    if isinstance(over, ForEachLoop):
        return all(_is_safe(item) for item in over.items)
    if isinstance(over, DelimitedLoop):
        return "{{" not in over.text and all(_is_safe(item) for item in over.text.split(over.delimiter))
    return True


def check_unquoted(document: Document, scripts: list[Script]) -> None:
    """Report the expressions of bash scripts that stand outside of quotes."""
    safe: SafeValues | None = None
    for script in scripts:
        if script.language != BASH or not script.expressions or script.bash is None:
            continue
        safe = safe or SafeValues(document)
        for reference in _bare_expressions(script, script.bash):
            if not safe.has(reference, script.step):
                _report(script, reference)


def _bare_expressions(script: Script, bash: BashScript) -> Iterator[Reference]:
    starts = [start for start, _ in bash.bare]
    for reference in script.expressions:
        position = bisect_right(starts, reference.offset) - 1
        is_bare = position >= 0 and reference.offset < bash.bare[position][1]
        # In quotes a pattern would no longer be one.
        is_pattern = script.code.startswith("=~ ", max(0, reference.offset - 3))
        if is_bare and not is_pattern and not _is_exit_status(script, reference):
            yield reference


def _is_exit_status(script: Script, reference: Reference) -> bool:
    """`exit {{ Status }}`: a number, and nobody quotes those."""
    end = reference.offset + len(reference.raw)
    before, after = script.code[max(0, reference.offset - 20) : reference.offset], script.code[end : end + 1]
    return re.search(r"(?:^|[\s;&|({])exit[ \t]+$", before) is not None and re.match(r"$|[\s;&|)}]", after) is not None


def _report(script: Script, reference: Reference) -> None:
    shown = reference.raw if len(reference.raw) <= 60 else reference.raw[:59] + "…"
    message = f"'{shown}' stands without quotes in a script: its value is split at blanks, and ';' or '$(' in it run"
    end = reference.offset + len(reference.raw)
    hint = f'put quotes around it: "{shown}"'
    script.report(reference.offset, end, codes.UNQUOTED_IN_SCRIPT, message, hint)
