"""`parameters` and `constants`: from nodes to declarations (reference, section 1). What callers give comes later."""

from __future__ import annotations

from collections.abc import Iterator

from toe import codes
from toe.document.fields import (
    check_name,
    is_nothing,
    text_of,
    texts_of,
    values_of,
    word_of,
)
from toe.document.keys import (
    CONSTANT_KEYS,
    CONSTANT_REQUIRED,
    CONSTANT_TYPES,
    PARAMETER_KEYS,
    PARAMETER_REQUIRED,
    PARAMETER_TYPES,
)
from toe.document.refusals import Refusals
from toe.model import Constant, Parameter, ParameterValue
from toe.nodes import Mapping, Node, Scalar, Sequence

_LIST_TYPE = "stringList"


def read_parameters(node: Node | None, refuse: Refusals, taken: dict[str, Scalar]) -> tuple[Parameter, ...]:
    """The declared parameters. `taken` holds the names so far, of constants too, and gets these."""
    declared = (_parameter(key, value, refuse) for key, value in _declared(node, "parameter", refuse, taken))
    return tuple(parameter for parameter in declared if parameter is not None)


def read_constants(node: Node | None, refuse: Refusals, taken: dict[str, Scalar]) -> tuple[Constant, ...]:
    """The declared constants; `taken` as for parameters."""
    return tuple(_constant(key, value, refuse) for key, value in _declared(node, "constant", refuse, taken))


def _declared(
    node: Node | None, what: str, refuse: Refusals, taken: dict[str, Scalar]
) -> Iterator[tuple[Scalar, Mapping]]:
    """Each name with what is declared under it: the one-key list form, or one mapping of them all."""
    for key, value in _pairs(node, what, refuse):
        check_name(key, what, refuse)
        if key.text in taken:
            message = f"duplicate name '{key.text}': it is declared in line {taken[key.text].line} already"
            refuse(key, codes.DUPLICATE_NAME, message)
        elif not isinstance(value, Mapping):
            refuse.wrong_kind(value, f"the {what} '{key.text}'", "declared by a mapping")
        else:
            taken[key.text] = key
            yield key, value


def _pairs(node: Node | None, what: str, refuse: Refusals) -> Iterator[tuple[Scalar, Node]]:
    if node is None or is_nothing(node):
        return
    if isinstance(node, Mapping):
        yield from node.pairs
    elif isinstance(node, Sequence):
        for item in node.items:
            if isinstance(item, Mapping) and len(item.pairs) == 1 and not isinstance(item.get("name"), Scalar):
                yield item.pairs[0]
            else:
                _refuse_item(item, what, refuse)
    else:
        refuse.wrong_kind(node, f"'{what}s'", "a list")


def _refuse_item(item: Node, what: str, refuse: Refusals) -> None:
    more = "" if what == "parameter" else ", value: ..."
    named = item.get("name") if isinstance(item, Mapping) else None
    if isinstance(named, Scalar) and isinstance(item, Mapping):
        kind = item.get("type")
        form = f"'- {named.text}: {{type: {kind.text if isinstance(kind, Scalar) else 'string'}{more}}}'"
        message = f"'{named.text}' is declared as '- name: {named.text}'; its name must be the key: {form}"
        refuse(item, codes.DECLARATION_FORM, message)
        return
    wanted = f"a mapping of one name, such as '- Name: {{type: string{more}}}'"
    if isinstance(item, Mapping):
        refuse(item, codes.DECLARATION_FORM, f"a {what} must be {wanted}, not of {len(item.pairs)} keys")
    else:
        refuse.wrong_value(item, f"a {what}", wanted)


def _parameter(key: Scalar, node: Mapping, refuse: Refusals) -> Parameter | None:
    values = values_of(node, PARAMETER_KEYS, PARAMETER_REQUIRED, refuse, texts=("default",), where=f" in '{key.text}'")
    kind = word_of(values.get("type"), "type", PARAMETER_TYPES, refuse)
    description = text_of(values.get("description"), "description", refuse) or ""
    allowed = values.get("allowedValues")
    allowed_values = None if allowed is None else texts_of(allowed, "allowedValues", refuse)
    # Where the type is not known, a default may be a text or a list.
    default = _default(values.get("default"), kind or _LIST_TYPE, refuse)
    return Parameter(key.text, kind, default, description, allowed_values, node=key) if kind is not None else None


def _default(node: Node | None, kind: str, refuse: Refusals) -> ParameterValue | None:
    """None without a default; `default:` with nothing behind it is the empty text."""
    if node is None:
        return None
    if kind != _LIST_TYPE:
        text = text_of(node, "default", refuse)
        return "" if text is None else text
    if isinstance(node, Scalar):
        return tuple(node.text.split(",")) if node.text else ()
    return texts_of(node, "default", refuse, "a text or a list of texts") or ()


def list_of(text: str) -> tuple[str, ...]:
    """The items in the text of a stringList: of a JSON list, else between commas; no text is no item."""
    if text.lstrip().startswith("["):
        items = _json_items(text)
        if items is not None:
            return items
    return tuple(text.split(",")) if text else ()


def _json_items(text: str) -> tuple[str, ...] | None:
    import json

    try:
        items = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    words = {True: "true", False: "false"}
    texts = [words[item] if isinstance(item, bool) else item for item in items]
    return tuple(texts) if all(isinstance(item, str) for item in texts) else None


def _constant(key: Scalar, node: Mapping, refuse: Refusals) -> Constant:
    values = values_of(node, CONSTANT_KEYS, CONSTANT_REQUIRED, refuse, texts=("value",), where=f" in '{key.text}'")
    word_of(values.get("type"), "type", CONSTANT_TYPES, refuse)
    return Constant(key.text, text_of(values.get("value"), "value", refuse) or "", key)
