"""Assert: a step that succeeds when a condition holds."""

from __future__ import annotations

from toe.actions.base import Context, action
from toe.errors import ActionError
from toe.model import Comparison, Condition


@action("Assert", condition=True)
def assert_condition(condition: Condition, ctx: Context) -> None:
    """Fail unless a condition holds; the inputs are one condition, as under `if`."""
    if not ctx.evaluate(condition):
        raise ActionError(f"the condition does not hold: {described(condition)}")


def described(condition: Condition) -> str:
    """A condition in one line, as the document has it."""
    if isinstance(condition, Comparison):
        subject = "" if condition.subject is None else f", value '{condition.subject}'"
        return f"{condition.operator} '{condition.operand}'{subject}"
    inner = ", ".join(described(part) for part in condition.conditions)
    return f"{condition.operator} ({inner})"
