"""Loops before a run: their values where they are known, else at least how many there are."""

from __future__ import annotations

from itertools import islice

from toe.engine.step import loop_values
from toe.errors import ActionError
from toe.expressions.parse import references, whole_reference
from toe.expressions.scope import Scope
from toe.model import DelimitedLoop, ForEachLoop, ForLoop, Loop
from toe.plan.knowledge import Knowledge, Secret, Seen, holds_secret, holds_unknown
from toe.plan.model import LoopPlan

#: Iterations that are shown; of a longer loop the number is told.
MOST_SHOWN = 20


def plan_loop(loop: Loop, scope: Scope, knowledge: Knowledge, seen: Seen) -> tuple[LoopPlan, list[str]]:
    """The loop, and the values of its first iterations (Unknown and Secret ones among them)."""
    over = loop.over
    told = f"{loop.name or 'loop'}: {_described(loop)}"
    if isinstance(over, ForLoop):
        numbers = range(over.start, over.end + (1 if over.update_by > 0 else -1), over.update_by)
        return LoopPlan(told, len(numbers)), list(map(str, numbers[:MOST_SHOWN]))
    texts = (over.text,) if isinstance(over, DelimitedLoop) else over.items
    found = [knowledge.value(one, scope, seen) for text in texts for one in references(text)]
    if any(map(holds_unknown, found)):
        if isinstance(over, ForEachLoop) and not (len(texts) == 1 and whole_reference(texts[0])):
            values = [knowledge.text(text, scope, seen).value for text in texts[:MOST_SHOWN]]
            return LoopPlan(told, len(texts)), values
        return LoopPlan(told, None, "its values are known only at run time"), []
    try:
        known = list(loop_values(loop, scope))
    except ActionError as error:
        return LoopPlan(told, None, error.message), []
    hidden = any(map(holds_secret, found))
    return LoopPlan(told, len(known)), [Secret(value) if hidden else value for value in islice(known, MOST_SHOWN)]


def _described(loop: Loop) -> str:
    over = loop.over
    if isinstance(over, ForLoop):
        return f"for {over.start} to {over.end} by {over.update_by}"
    if isinstance(over, DelimitedLoop):
        return f"forEach of {over.text!r}, split at {over.delimiter!r}"
    return "forEach of a list"
