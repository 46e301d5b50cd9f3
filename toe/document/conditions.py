"""`if`, and the inputs of Assert: from nodes to conditions (reference, section 5). Only the form: nothing is evaluated.

Whether a pattern is one, or a hash has the right length, is for the checks.
"""

from __future__ import annotations

from collections.abc import Iterable

from toe.document.fields import absent_keys, is_nothing, text_of
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
from toe.document.refusals import Refusals, Refuse, shown
from toe.model import Comparison, Condition, If, Logical, Verdict
from toe.nodes import Mapping, Node, Scalar, Sequence
from toe.records import NamedTuple

_VERDICTS = {verdict.value: verdict for verdict in Verdict}
_THEN, _ELSE = BRANCH_KEYS


class _Keys(NamedTuple):
    """The keys of one condition, sorted by what they are."""

    operator: Operator
    operand: Node
    subjects: dict[str, tuple[Scalar, Node]]
    branches: dict[str, tuple[Scalar, Node]]


def read_condition(node: Node, refuse: Refuse) -> Condition | None:
    """One condition without `then` and `else`, as Assert has it; None when it was refused."""
    reader = _Reader(refuse)
    top = reader.only(node)
    return reader.condition(top, 0) if top is not None else None


def read_if(node: Node, refuse: Refuse) -> If | None:
    """A step's `if`: one condition, with `then` and `else` beside its operator or inside of its `not`."""
    reader = _Reader(refuse)
    top = reader.only(node)
    if top is None:
        return None
    branches: dict[str, tuple[Scalar, Node]] = {}
    condition = reader.condition(top, 0, branches)
    then = reader.verdict(branches, _THEN, Verdict.EXECUTE)
    otherwise = reader.verdict(branches, _ELSE, Verdict.SKIP)
    return If(condition, then, otherwise, node) if condition is not None else None


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

    def __init__(self, refuse: Refuse) -> None:
        self._refuse = refuse

    def only(self, node: Node) -> Node | None:
        """The condition itself, or the only one of a list."""
        if not isinstance(node, Sequence):
            return node
        if len(node.items) == 1:
            return node.items[0]
        self._refuse(node, f"a condition must stand alone, not in a list of {len(node.items)} conditions")
        return None

    def condition(
        self, node: Node, level: int, branches: dict[str, tuple[Scalar, Node]] | None = None
    ) -> Condition | None:
        """A condition `level` logical operators deep."""
        if not isinstance(node, Mapping):
            self._refuse(node, f"a condition must be a mapping, not {node.described}")
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
        found: tuple[Operator, Node] | None = None
        subjects: dict[str, tuple[Scalar, Node]] = {}
        branches: dict[str, tuple[Scalar, Node]] = {}
        known = True
        absent: list[str] | None = None
        for key, value in _present_pairs(node):
            operator = _operator(key)
            if operator is not None and found is None:
                found = operator, value
            elif operator is not None:
                message = f"a condition has exactly one operator, not '{found and found[0].name}' and '{key.text}'"
                self._refuse(key, message)
                known = False
            elif key.text in BRANCH_KEYS:
                branches[key.text] = key, value
            elif key.text in (VALUE, PATH):
                subjects[key.text] = key, value
            else:
                absent = absent_keys(node, tuple(OPERATORS)) if absent is None else absent
                self._misspelt(key, f"unknown operator {shown(key.text)}", key.text, absent)
                known = False
        if found is None and known:
            self._refuse(node, "a condition has exactly one operator, and this has none")
        return _Keys(*found, subjects, branches) if found is not None and known else None

    def _refuse_subjects(self, keys: _Keys) -> None:
        """`value` or `path` beside an operator that has none; with `null` behind it, it is left out."""
        for key, value in keys.subjects.values():
            if key.text != keys.operator.subject and not is_nothing(value):
                self._refuse(key, f"the operator '{keys.operator.name}' has no '{key.text}'")

    def _take_branches(self, keys: _Keys, branches: dict[str, tuple[Scalar, Node]] | None) -> None:
        for name, (key, value) in keys.branches.items():
            if branches is None:
                self._refuse(key, f"'{name}' stands beside the operator at the top of 'if', and nowhere else")
            elif name in branches:
                self._refuse(key, f"'{name}' stands here and beside the 'not' around it")
            else:
                branches[name] = key, value

    def _logical(
        self, node: Mapping, keys: _Keys, level: int, branches: dict[str, tuple[Scalar, Node]] | None
    ) -> Logical | None:
        name = keys.operator.name
        if level > MOST_NESTED_LOGICAL:
            self._refuse(node, f"and, or, not are nested more than {MOST_NESTED_LOGICAL} levels deep")
            return None
        if name == "not":
            only = self.only(keys.operand)
            # Production documents have `then` and `else` inside of the top `not`.
            inner = branches if level == 1 else None
            conditions = [self.condition(only, level, inner)] if only is not None else [None]
        else:
            conditions = [self.condition(item, level) for item in self._items(name, keys.operand)]
        good = tuple(condition for condition in conditions if condition is not None)
        return Logical(name, good, node) if good and len(good) == len(conditions) else None

    def _items(self, name: str, operand: Node) -> list[Node]:
        if not isinstance(operand, Sequence):
            self._refuse(operand, f"the operator '{name}' must have a list of conditions, not {operand.described}")
            return []
        if not operand.items:
            self._refuse(operand, f"the operator '{name}' must have at least one condition")
        return operand.items

    def _comparison(self, node: Mapping, keys: _Keys) -> Comparison | None:
        name, wanted = keys.operator.name, keys.operator.subject
        self._refuse_subjects(keys)
        operand = text_of(keys.operand, name, self._refuse)
        subject = None
        if wanted and wanted not in keys.subjects:
            self._refuse(node.get(wanted) or node, f"'{wanted}' is missing beside the operator '{name}'")
        elif wanted:
            subject = text_of(keys.subjects[wanted][1], wanted, self._refuse)
        if operand is None or (wanted and subject is None):
            return None
        return Comparison(name, operand, subject, node)

    def verdict(self, branches: dict[str, tuple[Scalar, Node]], name: str, default: Verdict) -> Verdict:
        """What `then` or `else` says."""
        if name not in branches:
            return default
        node = branches[name][1]
        if isinstance(node, Scalar) and node.text in _VERDICTS:
            return _VERDICTS[node.text]
        word = node.text if isinstance(node, Scalar) else ""
        found = shown(word) if word else node.described
        self._misspelt(node, f"'{name}' must be one of {', '.join(VERDICTS)}, not {found}", word, VERDICTS)
        return default

    def _misspelt(self, node: Node, message: str, word: str, candidates: Iterable[str]) -> None:
        if isinstance(self._refuse, Refusals):
            self._refuse.misspelt(node, message, word, candidates)
        else:
            self._refuse(node, message)
