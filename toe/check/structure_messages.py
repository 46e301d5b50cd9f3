"""JSON Schema errors in our own words: the message, its code, and the node that it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from toe import codes
from toe.check.findings import Findings
from toe.document.fields import absent_keys, is_nothing
from toe.document.keys import (
    BRANCH_KEYS,
    NAME_CHARACTERS,
    NAME_LENGTH,
    OPERATORS,
    OPERATORS_ANY_CASE,
    PATH,
    STRING,
    VALUE,
)
from toe.document.refusals import shown
from toe.expressions.resolve import holds_expression
from toe.nodes import Mapping, Node, Scalar
from toe.nodes import Sequence as NodeList
from toe.records import NamedTuple

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

Path = tuple["str | int", ...]
NO_PHASES = "Document has 0 phases. Phases list must not be empty."
DECLARATION_LISTS = ("parameters", "constants")
LONGEST_SHOWN = 80


class Explained(NamedTuple):
    """A problem of form. `place` is the node that was judged, where the problem points at another one."""

    node: Node
    code: str
    message: str
    hint: str = ""
    place: Node | None = None


class _Fault(NamedTuple):
    """A JSON Schema error with the nodes around it."""

    error: ValidationError
    path: Path
    node: Node
    root: Node
    findings: Findings

    @property
    def schema(self) -> dict[str, Any]:
        """The schema that was not kept to."""
        return self.error.schema if isinstance(self.error.schema, dict) else {}

    @property
    def rule(self) -> Any:
        """What stands under the schema's keyword."""
        return self.error.validator_value

    @property
    def key(self) -> str:
        """The key that the value stands under, the nearest one for an item of a list."""
        return next((part for part in reversed(self.path) if isinstance(part, str)), "")

    @property
    def label(self) -> str:
        """What the value is called in a message."""
        if not self.path:
            return "the document"
        if isinstance(self.path[-1], int):
            return f"an item of '{self.key}'"
        return f"'{self.key}'"

    @property
    def wanted(self) -> str:
        """`must be ...`, as the schema says it."""
        # An editor would show the mapping's message for an unknown key in it too, so the schema has none.
        fallback = "must be a mapping" if "object" in self.schema.get("type", ()) else "is not valid"
        return str(self.schema.get("errorMessage", fallback))


def is_meaning(error: ValidationError) -> bool:
    """Whether an error is about the words of an input, which `toe.check.inputs` judges."""
    return error.validator == "anyOf"


def explain(
    error: ValidationError, start: Node, start_path: Path, root: Node, findings: Findings
) -> Iterator[Explained]:
    """What a JSON Schema error means; `start` is the node that was validated, at `start_path` of the document."""
    relative = tuple(error.absolute_path)
    path = (*start_path, *relative)
    fault = _Fault(error, path, _node_at(start, relative), root, findings)
    declaration = _declaration_fault(fault)
    if declaration is not None:
        yield declaration
        return
    explainer = _EXPLAINERS.get(str(error.validator), _other)
    yield from explainer(fault)


def _node_at(node: Node, path: Path) -> Node:
    for part in path:
        below: Node | None = None
        if isinstance(node, Mapping):
            below = node.get(str(part))
        elif isinstance(node, NodeList) and isinstance(part, int) and part < len(node.items):
            below = node.items[part]
        if below is None:
            break
        node = below
    return node


def _shown(node: Node) -> str:
    if not isinstance(node, Scalar) or is_nothing(node):
        return node.described
    return f"'{node.text if len(node.text) <= LONGEST_SHOWN else node.text[:LONGEST_SHOWN] + '…'}'"


def _declaration_fault(fault: _Fault) -> Explained | None:
    """`- name: X` with `type: string` beside it, the common mistake, in one message for all that is wrong with it."""
    if len(fault.path) < 2 or fault.path[0] not in DECLARATION_LISTS or not isinstance(fault.path[1], int):
        return None
    item = _node_at(fault.root, fault.path[:2])
    named = item.get("name") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(named, Scalar):
        return None
    kind = item.get("type")
    shown = kind.text if isinstance(kind, Scalar) else "string"
    more = ", value: ..." if fault.path[0] == "constants" else ""
    message = (
        f"'{named.text}' is declared as '- name: {named.text}'; its name must be the key: "
        f"'- {named.text}: {{type: {shown}{more}}}'"
    )
    return Explained(item, codes.DECLARATION_FORM, message, "", fault.node)


def _unknown_keys(fault: _Fault) -> Iterator[Explained]:
    if not isinstance(fault.node, Mapping):
        return
    import re

    schema = fault.schema
    known: Sequence[str] = tuple(schema.get("properties", {}))
    patterns = tuple(schema.get("patternProperties", {}))
    absent = absent_keys(fault.node, known)
    operators = set(OPERATORS) <= set(known)
    for key, _ in fault.node:
        if key.text in known or any(re.search(pattern, key.text) for pattern in patterns):
            continue
        near = fault.findings.suggestion(key.text, absent)
        if operators:
            yield Explained(key, codes.CONDITION_FORM, f"unknown operator '{key.text}'{near}", "", fault.node)
        else:
            where = f" in '{fault.key}'" if fault.key and isinstance(fault.path[-1], str) else ""
            hint = "" if near else f"known keys: {', '.join(known)}"
            yield Explained(key, codes.UNKNOWN_KEY, f"unknown key '{key.text}'{where}{near}", hint)


def _missing_keys(fault: _Fault) -> Iterator[Explained]:
    if not isinstance(fault.node, Mapping):
        return
    for key in fault.rule:
        if fault.node.get(key) is not None:
            continue
        if key == "inputs":
            yield _no_inputs(fault.node)
        else:
            code = codes.CONDITION_FORM if _has_operator(fault.node) else codes.MISSING_KEY
            yield Explained(fault.node, code, f"'{key}' is missing")


def _no_inputs(step: Node, place: Node | None = None) -> Explained:
    named = step.get("action") if isinstance(step, Mapping) else None
    action = named.text if isinstance(named, Scalar) else ""
    return Explained(
        place or step, codes.NO_INPUTS, f"Action {action} has no inputs; it requires an 'inputs'", "", step
    )


def _has_operator(node: Mapping) -> bool:
    return any(key.text.lower() in OPERATORS_ANY_CASE for key, _ in node)


def _is_missing(fault: _Fault) -> bool:
    """Whether a key has nothing behind it, which is refused where the key must be there."""
    return is_nothing(fault.node) and "properties" in tuple(fault.error.absolute_schema_path)[-3:-1]


def _nothing(fault: _Fault) -> Explained:
    """A key that must be there, with `null` behind it."""
    if fault.path == ("phases",):
        return Explained(fault.node, codes.EMPTY_LIST, NO_PHASES)
    around = _node_at(fault.root, fault.path[:-1])
    if fault.key == "inputs":
        return _no_inputs(around, fault.node)
    in_condition = isinstance(around, Mapping) and _has_operator(around)
    return Explained(
        fault.node, codes.CONDITION_FORM if in_condition else codes.MISSING_KEY, f"'{fault.key}' is missing"
    )


def _wrong_kind(fault: _Fault) -> Iterator[Explained]:
    node = fault.node
    if _is_missing(fault):
        yield _nothing(fault)
        return
    if isinstance(node, Scalar) and holds_expression(node.text) and "text" not in fault.wanted:
        yield _refused_expression(fault)
        return
    wanted = fault.wanted
    message = f"{fault.label} {wanted}, not {node.described}"
    hint = ""
    if wanted == "must be a text" and isinstance(node, Mapping) and _looks_like_text(node):
        message += ": quote it"
        hint = "YAML reads 'key: value' as a mapping; put the whole text in single quotes"
    elif wanted == "must be a list" and isinstance(node, Scalar) and not is_nothing(node):
        hint = f"write '{fault.key}: [...]', or one '- ' line for each item"
    yield Explained(node, codes.WRONG_KIND, message, hint)


def _looks_like_text(node: Mapping) -> bool:
    return len(node.pairs) == 1 and isinstance(node.pairs[0][1], Scalar)


def _unknown_word(fault: _Fault) -> Iterator[Explained]:
    if _is_missing(fault):
        yield _nothing(fault)
        return
    node, words = fault.node, [str(word) for word in fault.rule if word is not None]
    near = fault.findings.suggestion(node.text, words) if isinstance(node, Scalar) else ""
    key = fault.key
    if key == "action" and "enumDescriptions" in fault.schema:
        yield Explained(node, codes.UNKNOWN_ACTION, f"unknown action {_shown(node)}{near}", "'toe actions' lists them")
    elif key == "schemaVersion":
        yield Explained(
            node, codes.SCHEMA_VERSION, f"unknown schema version {_shown(node)}", "write schemaVersion: 1.0"
        )
    elif "errorMessage" in fault.schema:
        yield Explained(node, codes.FIXED_SETTING, f"'{key}' {fault.wanted}, not {_shown(node)}", "leave it out")
    elif isinstance(node, Scalar) and holds_expression(node.text):
        yield _refused_expression(fault)
    else:
        listed = ", ".join(word if word.strip() else repr(word) for word in words)
        message = f"'{key}' must be one of {listed}, not {_shown(node)}{near}"
        yield Explained(node, codes.UNKNOWN_WORD, message, _escape_hint(node))


def _escape_hint(node: Node) -> str:
    """For a backslash and a letter where the character was meant for which they stand in double quotes."""
    if not isinstance(node, Scalar) or node.text not in ("\\n", "\\t"):
        return ""
    return f'only in double quotes is it one character: "{node.text}"'


def _refused_expression(fault: _Fault) -> Explained:
    message = f"expressions are not allowed in {fault.label}, which {fault.wanted}"
    return Explained(fault.node, codes.EXPRESSION_REFUSED, message)


def _bad_text(fault: _Fault) -> Iterator[Explained]:
    """A pattern, a length or a limit that a scalar does not keep to."""
    if fault.key == "name" and "name" in fault.wanted:
        yield Explained(fault.node, codes.INVALID_NAME, _name_message(fault))
    elif isinstance(fault.node, Scalar) and holds_expression(fault.node.text):
        yield _refused_expression(fault)
    else:
        number = "integer" in fault.wanted or "number" in fault.wanted
        code = codes.OUT_OF_RANGE if number else codes.WRONG_KIND
        yield Explained(fault.node, code, f"{fault.label} {fault.wanted}, not {_shown(fault.node)}")


def _name_message(fault: _Fault) -> str:
    text = fault.node.text if isinstance(fault.node, Scalar) else ""
    if fault.error.validator != "pattern":
        return f"invalid name {_shown(fault.node)}: it {fault.wanted}"
    if fault.path[-2:-1] == ("loop",):
        return f"Invalid loop name '{text}'. {NAME_CHARACTERS}"
    if len(fault.path) == 3:
        return f"Invalid phase name '{text}'. {NAME_CHARACTERS}"
    phase = _node_at(fault.root, (*fault.path[:2], "name"))
    phase_name = phase.text if isinstance(phase, Scalar) else ""
    return f"Invalid step name '{text}' in phase '{phase_name}'. {NAME_CHARACTERS}"


def _too_few(fault: _Fault) -> Iterator[Explained]:
    if fault.path == ("phases",):
        yield Explained(fault.node, codes.EMPTY_LIST, NO_PHASES)
    elif fault.path[-1:] == ("inputs",):
        step = _node_at(fault.root, fault.path[:-1])
        yield _no_inputs(step, fault.node)
    else:
        yield Explained(fault.node, codes.EMPTY_LIST, f"{fault.label} must not be empty")


def _too_many(fault: _Fault) -> Iterator[Explained]:
    yield Explained(fault.node, codes.CONDITION_FORM, f"{fault.label} must hold exactly one condition")


def _one_of(fault: _Fault) -> Iterator[Explained]:
    node = fault.node
    if fault.key == "loop":
        if isinstance(node, Mapping):
            yield Explained(node, codes.LOOP_FORM, "a loop has exactly one of 'for' and 'forEach'")
        return
    if not isinstance(node, Mapping):
        return
    operators = [(key, value) for key, value in node if key.text.lower() in OPERATORS_ANY_CASE]
    found = [key for key, value in operators if not is_nothing(value)]
    found = found or [key for key, _ in operators if OPERATORS_ANY_CASE[key.text.lower()].group == STRING]
    if len(found) > 1:
        names = ", ".join(f"'{key.text}'" for key in found)
        message = f"a condition has exactly one operator, not {names}"
        yield Explained(found[1], codes.CONDITION_FORM, message, "combine conditions by 'and' or 'or'", node)
    elif len(operators) == sum(key.text not in (*BRANCH_KEYS, VALUE, PATH) for key, _ in node):
        yield Explained(node, codes.CONDITION_FORM, "a condition has exactly one operator, and this has none")


def _refused(fault: _Fault) -> Iterator[Explained]:
    """`not`: a forbidden key of a condition, or the one number that is not allowed."""
    node = fault.node
    forbidden = fault.rule
    if forbidden == {"type": "null"}:
        yield _nothing(fault)
        return
    if isinstance(node, Mapping) and isinstance(forbidden, dict) and "required" in forbidden:
        for key in forbidden["required"]:
            place = node.key_node(key) or node
            yield Explained(place, codes.CONDITION_FORM, f"this operator {fault.wanted}", "", node)
    else:
        yield from _bad_text(fault)


def _declaration_name(fault: _Fault) -> Iterator[Explained]:
    """`propertyNames`: the error's instance is the key itself."""
    node, name = fault.node, fault.error.instance
    key = node.key_node(str(name)) if isinstance(node, Mapping) else None
    what = "parameter" if fault.path[:1] == ("parameters",) else "constant"
    why = f". {NAME_CHARACTERS}"
    if fault.error.validator == "maxLength":
        why = f": it must have 1 to {NAME_LENGTH} characters, not {len(str(name))}"
    yield Explained(key or node, codes.INVALID_NAME, f"Invalid {what} name {shown(str(name))}{why}")


def _declaration_size(fault: _Fault) -> Iterator[Explained]:
    yield Explained(fault.node, codes.DECLARATION_FORM, f"{fault.label} {fault.wanted}")


def _other(fault: _Fault) -> Iterator[Explained]:
    yield Explained(fault.node, codes.OTHER_STRUCTURE, f"{fault.label} {fault.wanted}")


def _pattern(fault: _Fault) -> Iterator[Explained]:
    yield from _declaration_name(fault) if _is_property_name(fault.error) else _bad_text(fault)


def _is_property_name(error: ValidationError) -> bool:
    return "propertyNames" in error.absolute_schema_path


_EXPLAINERS: dict[str, Callable[[_Fault], Iterator[Explained]]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "type": _wrong_kind,
    "enum": _unknown_word,
    "pattern": _pattern,
    "minLength": _bad_text,
    "maxLength": _pattern,
    "minimum": _bad_text,
    "minItems": _too_few,
    "maxItems": _too_many,
    "oneOf": _one_of,
    "not": _refused,
    "minProperties": _declaration_size,
    "maxProperties": _declaration_size,
}

#: Words of the builder's messages -> the code of a refusal that JSON Schema cannot express.
_REFUSAL_CODES: tuple[tuple[str, str], ...] = (
    ("nested", codes.NESTED_CONDITIONS),
    ("twice", codes.DUPLICATE_NAME),
    ("duplicate", codes.DUPLICATE_NAME),
    ("already", codes.DUPLICATE_NAME),
    ("updateBy", codes.LOOP_FORM),
    ("loop", codes.LOOP_FORM),
    ("schema", codes.SCHEMA_VERSION),
    ("may only be", codes.FIXED_SETTING),
    ("then", codes.CONDITION_FORM),
    ("else", codes.CONDITION_FORM),
    ("operator", codes.CONDITION_FORM),
    ("condition", codes.CONDITION_FORM),
    ("name", codes.INVALID_NAME),
    ("default", codes.DECLARATION_FORM),
)


def refusal_code(message: str) -> str:
    """The code for a refusal in the builder's own words."""
    return next((code for word, code in _REFUSAL_CODES if word in message), codes.OTHER_STRUCTURE)
