"""Conditions before a run: true, false, or known only at run time. Looks at this machine, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from toe.errors import ActionError
from toe.expressions.operators import BINARY_EXISTS, FILE_HASHES, evaluate
from toe.expressions.parse import EnvRef, references
from toe.expressions.scope import Scope
from toe.model import Comparison, Condition, Logical
from toe.plan.knowledge import Knowledge, Seen, holds_secret, holds_unknown
from toe.plan.model import Verdict

EMPTY = "''"
#: What they find may be another thing when the step runs.
_LOOKS = frozenset((BINARY_EXISTS, "fileExists", "folderExists", *FILE_HASHES))


class Judge:
    """Judges conditions by what is known. `environment` and `platform` are those of the run."""

    def __init__(self, knowledge: Knowledge, environment: Mapping[str, str], platform: str) -> None:
        self._knowledge = knowledge
        self._environment = environment
        self._platform = platform

    def verdict(self, condition: Condition, scope: Scope, seen: Seen) -> Verdict:
        """What the condition comes to."""
        if isinstance(condition, Comparison):
            return self._comparison(condition, scope, seen)
        return _combined(condition, [self.verdict(inner, scope, seen) for inner in condition.conditions])

    def _comparison(self, condition: Comparison, scope: Scope, seen: Seen) -> Verdict:
        key = "path" if condition.operator in FILE_HASHES else "value"
        texts = [(condition.operator, condition.operand)]
        texts += [(key, condition.subject)] if condition.subject is not None else []
        found = [(name, self._knowledge.text(text, scope, seen)) for name, text in texts]
        told = ", ".join(f"{name}: {one.shown or EMPTY}" for name, one in found)
        if unknown := next((one.value for _, one in found if holds_unknown(one.value)), None):
            return Verdict(told, None, why=unknown.why)
        of_environment = any(isinstance(reference, EnvRef) for _, text in texts for reference in references(text))
        try:
            holds = evaluate(condition, scope, self._environment, self._platform)
        except ActionError as error:
            # The message quotes the values.
            hidden = any(holds_secret(one.value) for _, one in found)
            return Verdict(told, None, why="it cannot be evaluated" if hidden else error.message)
        return Verdict(told, holds, now=of_environment or condition.operator in _LOOKS)


def _combined(condition: Logical, parts: list[Verdict]) -> Verdict:
    """`and`, `or`, `not` of what is known: one false part decides an `and`, whatever the others will be."""
    told = f"{condition.operator} ({'; '.join(part.text for part in parts)})"
    if condition.operator == "not":
        (part,) = parts
        return part._replace(text=told, holds=None if part.holds is None else not part.holds)
    deciding = condition.operator == "or"
    decisive = [part for part in parts if part.holds is deciding]
    if decisive:
        return Verdict(told, deciding, now=all(part.now for part in decisive))
    if unknown := next((part for part in parts if part.holds is None), None):
        return Verdict(told, None, why=unknown.why)
    return Verdict(told, not deciding, now=any(part.now for part in parts))
