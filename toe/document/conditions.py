"""`if`, and the inputs of Assert: from nodes to conditions (reference, section 5). Only the form: nothing is evaluated.

Whether a pattern is one, or a hash has the right length, is for the checks.
"""

from __future__ import annotations

from toe import codes
from toe.document.fields import is_nothing, text_of, word_of
from toe.document.keys import (
    BRANCH_KEYS,
    LOGICAL,
    MOST_NESTED_LOGICAL,
    OPERATORS,
    OPERATORS_ANY_CASE,
    PATH,
    STRING,
    VALUE,
    VERDICTS,
    Operator,
)
from toe.document.refusals import Refusals, absent_keys, shown
from toe.model import Comparison, Condition, If, Logical, Verdict
from toe.nodes import Mapping, Node, Scalar, Sequence
from toe.records import NamedTuple

_VERDICTS = {verdict.value: verdict for verdict in Verdict}
_THEN, _ELSE = BRANCH_KEYS
_WORDS = (*OPERATORS, VALUE, PATH, *BRANCH_KEYS)


class _Keys(NamedTuple):
    """The keys of one condition, sorted by what they are."""

    operator: Operator
    operand: Node
    subjects: dict[str, tuple[Scalar, Node]]
    branches: dict[str, tuple[Scalar, Node]]


def read_condition(node: Node, refuse: Refusals) -> Condition | None:
    """One condition without `then` and `else`, as the inputs of Assert are; None when it was refused."""
    return _Reader(refuse).only(node, "'inputs'", 0)


def read_if(node: Node, refuse: Refusals) -> If | None:
    """A step's `if`: one condition, with `then` and `else` beside its operator or inside of its `not`."""
    branches: dict[str, tuple[Scalar, Node]] = {}
    condition = _Reader(refuse).only(node, "'if'", 0, branches)
    then = _verdict(branches, _THEN, refuse) or Verdict.EXECUTE
    otherwise = _verdict(branches, _ELSE, refuse) or Verdict.SKIP
    return If(condition, then, otherwise, node) if condition is not None else None


def _verdict(branches: dict[str, tuple[Scalar, Node]], name: str, refuse: Refusals) -> Verdict | None:
    """What `then` or `else` says."""
    word = word_of(branches[name][1], name, VERDICTS, refuse) if name in branches else None
    return _VERDICTS[word] if word is not None else None


def _present_pairs(node: Mapping) -> list[tuple[Scalar, Node]]:
    """The pairs of a condition without the keys that `null` leaves out.

    `value: null` is the empty text, and so is the operand of a comparison of texts that is the only operator.
    """
    if not any(is_nothing(value) for _, value in node.pairs):
        return node.pairs
    in_force = any(_operator(key) is not None and not is_nothing(value) for key, value in node.pairs)
    return [
        (key, value) for key, value in node.pairs if not is_nothing(value) or _stays_as_text(key, in_force=in_force)
    ]


def _stays_as_text(key: Scalar, *, in_force: bool) -> bool:
    operator = _operator(key)
    if operator is None:
        return key.text not in (PATH, *BRANCH_KEYS)
    return operator.group == STRING and not in_force


def _operator(key: Scalar) -> Operator | None:
    return OPERATORS_ANY_CASE.get(key.text.lower())


class _Reader:
    """Reads the conditions of one step. Where `branches` is given, `then` and `else` are collected, else refused."""

    def __init__(self, refuse: Refusals) -> None:
        self._refuse = refuse

    def only(
        self, node: Node, label: str, level: int, branches: dict[str, tuple[Scalar, Node]] | None = None
    ) -> Condition | None:
        """The condition at a node, or the only one of a list there."""
        if not isinstance(node, Sequence):
            return self.condition(node, label, level, branches)
        if len(node.items) == 1:
            return self.condition(node.items[0], f"an item of {label}", level, branches)
        code = codes.CONDITION_FORM if node.items else codes.EMPTY_LIST
        self._refuse(node, code, f"a condition must stand alone, not in a list of {len(node.items)} conditions")
        return None

    def condition(
        self, node: Node, label: str, level: int, branches: dict[str, tuple[Scalar, Node]] | None = None
    ) -> Condition | None:
        """A condition `level` logical operators deep; `label` is what messages call the place it stands at."""
        if not isinstance(node, Mapping):
            self._refuse.wrong_kind(node, label, "a condition (a mapping)")
            return None
        keys = self._sorted(node)
        if keys is None:
            return None
        self._take_branches(keys, branches)
        if keys.operator.group == LOGICAL:
            self._refuse_subjects(keys)
            return self._logical(node, keys, level + 1, branches)
        return self._comparison(node, keys)

    def _sorted(self, node: Mapping) -> _Keys | None:
        """The keys by what they are; None when there are others, or not just one operator."""
        operators: list[tuple[Scalar, Operator, Node]] = []
        subjects: dict[str, tuple[Scalar, Node]] = {}
        branches: dict[str, tuple[Scalar, Node]] = {}
        known = True
        for key, value in _present_pairs(node):
            operator = _operator(key)
            if operator is not None:
                operators.append((key, operator, value))
            elif key.text in BRANCH_KEYS:
                branches[key.text] = key, value
            elif key.text in (VALUE, PATH):
                subjects[key.text] = key, value
            else:
                near = self._refuse.did_you_mean(key.text, absent_keys(node, _WORDS))
                self._refuse(key, codes.CONDITION_FORM, f"unknown operator {shown(key.text)}{near}")
                known = False
        if len(operators) > 1:
            names = ", ".join(f"'{key.text}'" for key, _, _ in operators)
            message = f"a condition has exactly one operator, not {names}"
            self._refuse(operators[1][0], codes.CONDITION_FORM, message, "combine conditions by 'and' or 'or'")
        elif not operators and known:
            self._refuse(node, codes.CONDITION_FORM, "a condition has exactly one operator, and this has none")
        if len(operators) != 1 or not known:
            return None
        _, operator, operand = operators[0]
        return _Keys(operator, operand, subjects, branches)

    def _refuse_subjects(self, keys: _Keys) -> None:
        """`value` or `path` beside an operator that has none; with `null` behind it, it is left out."""
        for key, value in keys.subjects.values():
            if key.text != keys.operator.subject and not is_nothing(value):
                message = f"the operator '{keys.operator.name}' has no '{key.text}'"
                self._refuse(key, codes.CONDITION_FORM, message)

    def _take_branches(self, keys: _Keys, branches: dict[str, tuple[Scalar, Node]] | None) -> None:
        for name, (key, value) in keys.branches.items():
            if branches is None:
                message = f"'{name}' stands beside the operator at the top of 'if', and nowhere else"
                self._refuse(key, codes.CONDITION_FORM, message)
            elif name in branches:
                self._refuse(key, codes.CONDITION_FORM, f"'{name}' stands here and beside the 'not' around it")
            else:
                branches[name] = key, value

    def _logical(
        self, node: Mapping, keys: _Keys, level: int, branches: dict[str, tuple[Scalar, Node]] | None
    ) -> Logical | None:
        name = keys.operator.name
        if level > MOST_NESTED_LOGICAL:
            message = f"and, or, not are nested more than {MOST_NESTED_LOGICAL} levels deep"
            self._refuse(node, codes.NESTED_CONDITIONS, message)
            return None
        if name == "not":
            # Production documents have `then` and `else` inside of the top `not`.
            conditions = [self.only(keys.operand, "'not'", level, branches if level == 1 else None)]
        else:
            items = self._items(name, keys.operand)
            conditions = [self.condition(item, f"an item of '{name}'", level) for item in items]
        good = tuple(condition for condition in conditions if condition is not None)
        return Logical(name, good, node) if good and len(good) == len(conditions) else None

    def _items(self, name: str, operand: Node) -> list[Node]:
        if not isinstance(operand, Sequence):
            self._refuse.wrong_kind(operand, f"'{name}'", "a list of conditions")
            return []
        if not operand.items:
            self._refuse(operand, codes.EMPTY_LIST, f"the operator '{name}' must have at least one condition")
        return operand.items

    def _comparison(self, node: Mapping, keys: _Keys) -> Comparison | None:
        name, wanted = keys.operator.name, keys.operator.subject
        self._refuse_subjects(keys)
        operand = text_of(keys.operand, name, self._refuse)
        subject = None
        if wanted and wanted not in keys.subjects:
            self._refuse.missing(node, wanted, codes.CONDITION_FORM)
        elif wanted:
            subject = text_of(keys.subjects[wanted][1], wanted, self._refuse)
        if operand is None or (wanted and subject is None):
            return None
        return Comparison(name, operand, subject, node)
