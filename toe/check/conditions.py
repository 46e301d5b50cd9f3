"""Conditions as far as they can be judged before a run: patterns, hashes, the spelling of operators.

Their form (operands, nesting) is the builder's matter.
"""

from __future__ import annotations

from toe import codes
from toe.check.findings import Findings
from toe.document.keys import HASH, LOGICAL, OPERATORS_ANY_CASE, Operator
from toe.expressions.resolve import holds_expression
from toe.nodes import Mapping, Node, Scalar, Sequence

HASH_DIGITS = {"fileMD5Equals": 32, "fileSHA1Equals": 40, "fileSHA256Equals": 64, "fileSHA512Equals": 128}
HEX = frozenset("0123456789abcdef")


def check_condition(node: Node, findings: Findings) -> None:
    """Report what is wrong, or odd, with the operators of a condition."""
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, Sequence):
            pending.extend(reversed(current.items))
        elif isinstance(current, Mapping):
            for key, value in current:
                operator = OPERATORS_ANY_CASE.get(key.text.lower())
                if operator is None:
                    continue
                _check_spelling(key, operator, findings)
                if operator.group == LOGICAL:
                    pending.append(value)
                elif isinstance(value, Scalar) and not holds_expression(value.text):
                    _check_operand(operator, value, findings)


def _check_spelling(key: Scalar, operator: Operator, findings: Findings) -> None:
    if key.text != operator.name:
        message = f"operator '{key.text}' is spelled '{operator.name}'"
        findings.at(key, codes.OPERATOR_CASE, message, "toe accepts it; AWSTOE may not", operator.name)


def _check_operand(operator: Operator, value: Scalar, findings: Findings) -> None:
    if operator.name == "patternMatches":
        fault = pattern_fault(value.text)
        if fault:
            message = f"'{value.text}' is no valid pattern: {fault}"
            findings.at(value, codes.INVALID_PATTERN, message, "patterns have the RE2 syntax, without look-around")
    elif operator.group == HASH:
        digits = HASH_DIGITS[operator.name]
        if len(value.text.strip()) != digits or not set(value.text.strip().lower()) <= HEX:
            message = f"'{value.text}' is never equal to a hash of {operator.name}, which has {digits} hex digits"
            findings.at(value, codes.HASH_LENGTH, message)


def pattern_fault(pattern: str) -> str:
    """What RE2 says against a pattern; empty when it accepts it."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return ""
