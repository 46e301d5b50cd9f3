"""The operators of conditions (reference, section 5). Their texts are resolved here, each only when it is needed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeAlias

from toe.errors import ActionError, Check
from toe.expressions.binaries import binary_exists
from toe.expressions.resolve import resolve_text
from toe.expressions.scope import Scope
from toe.model import Comparison, Condition

Holds: TypeAlias = Callable[[int], bool]

BINARY_EXISTS = "binaryExists"
_NUMBER = r"([-+]?)(?:([0-9]+)[.])?([0-9]+)"

#: A number without its sign: the number of whole digits, the whole digits, those of the fraction. Without leading and
#: trailing zeros these compare as the numbers do.
Magnitude: TypeAlias = "tuple[int, str, str]"
ZERO: Magnitude = (0, "", "")


def evaluate(condition: Condition, scope: Scope, environment: Mapping[str, str], platform: str) -> bool:
    """Whether `condition` holds. `and` and `or` stop at the first condition that decides.

    `environment` gives the PATH of `binaryExists`; `platform` is AWSTOE's word for the operating system. Raises
    ActionError for an expression without a value, a pattern that RE2 does not read, and a file that cannot be read;
    and what the scope's `check`, called while a value is waited for or a file is read, raises.
    """
    if isinstance(condition, Comparison):
        operand = resolve_text(condition.operand, scope)
        if condition.operator == BINARY_EXISTS:
            return binary_exists(operand, environment, platform)
        subject = "" if condition.subject is None else resolve_text(condition.subject, scope)
        if condition.operator in FILE_HASHES:
            return _file_hash_equals(operand, subject, FILE_HASHES[condition.operator], scope.check)
        return COMPARISONS[condition.operator](operand, subject)
    answers = (evaluate(inner, scope, environment, platform) for inner in condition.conditions)
    return LOGICALS[condition.operator](answers)


def _text_order(operand: str, value: str, holds: Holds) -> bool:
    value, operand = value.lower(), operand.lower()
    return holds((value > operand) - (value < operand))


def _number_order(operand: str, value: str, holds: Holds) -> bool:
    order = compare_numbers(value, operand)
    return order is not None and holds(order)


def compare_numbers(left: str, right: str) -> int | None:
    """Below 0, 0 or above 0 as `left` is less than, equal to or greater than `right`; None if one is not a number.

    Exactly, whatever their length: no floats, no decimal context, no limit on digits. A number is an optional sign and
    digits, with or without a point between digits (reference, section 5).
    """
    a, b = _read(left), _read(right)
    if a is None or b is None:
        return None
    (negative_a, size_a), (negative_b, size_b) = a, b
    if negative_a != negative_b:
        return -1 if negative_a else 1
    order = (size_a > size_b) - (size_a < size_b)
    return -order if negative_a else order


def _read(text: str) -> tuple[bool, Magnitude] | None:
    """Whether a number is below zero, and its magnitude; None for a text that is no number."""
    found = re.fullmatch(_NUMBER, text)
    if found is None:
        return None
    sign, before, last = found.groups()
    whole, fraction = (last, "") if before is None else (before, last)
    whole = whole.lstrip("0")
    size = (len(whole), whole, fraction.rstrip("0"))
    return sign == "-" and size != ZERO, size


def _pattern_matches(operand: str, value: str) -> bool:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    try:
        pattern = re2.compile(_encodable(operand), options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if error.args else "it is not RE2 syntax"
        raise ActionError(f"invalid pattern '{operand}': {reason}") from error
    return pattern.search(_encodable(value)) is not None


def _encodable(text: str) -> str:
    """`text` with lone surrogates (bytes of the environment that are no UTF-8) replaced, since RE2 reads UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    return text


def _file_hash_equals(operand: str, path: str, algorithm: str, check: Check) -> bool:
    """Whether a file has this hash; where there is no file, it has none."""
    if not os.path.isfile(path):
        return False
    from toe.system.files.checksums import file_hash

    try:
        return file_hash(path, algorithm, check) == operand.lower()
    except OSError as error:
        raise ActionError(f"cannot read '{path}': {error.strerror or error}") from error


#: What an order (below 0, 0, above 0 as `value` is less than, equal to, greater than the operand) must be.
_ORDERS: dict[str, Holds] = {
    "Equals": lambda order: order == 0,
    "LessThan": lambda order: order < 0,
    "LessThanEquals": lambda order: order <= 0,
    "GreaterThan": lambda order: order > 0,
    "GreaterThanEquals": lambda order: order >= 0,
}

#: Every comparing operator by its canonical name, of the operand and of what stands under `value`, but for the one
#: that asks the environment, and those that read a file.
COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "stringIsEmpty": lambda operand, _: not operand,
    "stringIsWhitespace": lambda operand, _: operand.isspace(),
    **{f"string{name}": partial(_text_order, holds=holds) for name, holds in _ORDERS.items()},
    "patternMatches": _pattern_matches,
    **{f"number{name}": partial(_number_order, holds=holds) for name, holds in _ORDERS.items()},
    "fileExists": lambda operand, _: os.path.isfile(operand),
    "folderExists": lambda operand, _: os.path.isdir(operand),
}

#: The operators that read a whole file, and their algorithms.
FILE_HASHES: Mapping[str, str] = {
    f"file{algorithm}Equals": algorithm.lower() for algorithm in ("MD5", "SHA1", "SHA256", "SHA512")
}

#: Every operator over conditions; their answers are asked for one by one.
LOGICALS: Mapping[str, Callable[[Iterator[bool]], bool]] = {
    "and": all,
    "or": any,
    "not": lambda answers: not next(answers),
}
