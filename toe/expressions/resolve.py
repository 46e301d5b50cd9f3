"""Texts and plain data with their expressions replaced (reference, section 3), in one pass.

What an expression yields is never expanded again. toe.expressions.reference_values looks up single references; it is
imported when the first expression is met, because many documents have none.
"""

from __future__ import annotations

from collections.abc import Sequence

from toe.model import Value
from toe.quick_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toe.expressions.scope import Scope  # validation has none


def resolve_text(text: str, scope: Scope) -> str:
    """`text` with its expressions replaced. Raises ActionError."""
    if "{{" not in text:
        return text
    from toe.expressions.parse import parse_template
    from toe.expressions.reference_values import reference_text

    return "".join(part if isinstance(part, str) else reference_text(part, scope) for part in parse_template(text))


def resolve_value(value: Value, scope: Scope) -> Value:
    """Plain data with the expressions in its strings replaced; keys stay as they are. Raises ActionError."""
    if isinstance(value, str):
        return resolve_text(value, scope)
    if isinstance(value, list):
        return [resolve_value(item, scope) for item in value]
    if isinstance(value, dict):
        return {key: resolve_value(item, scope) for key, item in value.items()}
    return value


def resolve_items(items: Sequence[str], scope: Scope) -> list[str]:
    """The items of a `forEach`, each resolved. Raises ActionError.

    A single item that is nothing but a reference to a stringList stands for that list's items.
    """
    if len(items) == 1 and items[0].startswith("{{"):
        from toe.expressions.parse import whole_reference
        from toe.expressions.reference_values import reference_items

        reference = whole_reference(items[0])
        if reference is not None:
            return reference_items(reference, scope)
    return [resolve_text(item, scope) for item in items]


def holds_expression(value: Value) -> bool:
    """Whether a text may still change when expressions are resolved; static checks leave such texts alone."""
    if not isinstance(value, str) or "{{" not in value:
        return False
    from toe.expressions.parse import references

    return any(references(value))
