"""The operators of conditions (reference, section 5). Their texts are resolved here, each only when it is needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from toe.errors import ActionError
from toe.expressions.binaries import binary_exists
from toe.expressions.exact_numbers import compare_numbers
from toe.expressions.resolve import resolve_text
from toe.expressions.scope import Scope
from toe.model import Comparison, Condition

HASH_BLOCK_BYTES = 1 << 20


class Question(NamedTuple):
    """A comparison with its texts resolved, and what of the host it may need. `subject` is "" where it has none."""

    operand: str
    subject: str
    environment: Mapping[str, str]
    platform: str


def evaluate(condition: Condition, scope: Scope, environment: Mapping[str, str], platform: str) -> bool:
    """Whether `condition` holds. `and` and `or` stop at the first condition that decides.

    `environment` gives the PATH of `binaryExists`; `platform` is AWSTOE's word for the operating system. Raises
    ActionError for an expression without a value, a pattern that RE2 does not read, and a file that cannot be read.
    """
    if isinstance(condition, Comparison):
        subject = "" if condition.subject is None else resolve_text(condition.subject, scope)
        question = Question(resolve_text(condition.operand, scope), subject, environment, platform)
        return COMPARISONS[condition.operator](question)
    answers = (evaluate(inner, scope, environment, platform) for inner in condition.conditions)
    return LOGICALS[condition.operator](answers)


def _text_order(question: Question, holds: Callable[[int], bool]) -> bool:
    value, operand = question.subject.lower(), question.operand.lower()
    return holds((value > operand) - (value < operand))


def _number_order(question: Question, holds: Callable[[int], bool]) -> bool:
    order = compare_numbers(question.subject, question.operand)
    return order is not None and holds(order)


def _is_whitespace(question: Question) -> bool:
    return question.operand.isspace()


def _pattern_matches(question: Question) -> bool:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    try:
        pattern = re2.compile(_encodable(question.operand), options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if error.args else "it is not RE2 syntax"
        raise ActionError(f"invalid pattern '{question.operand}': {reason}") from error
    return pattern.search(_encodable(question.subject)) is not None


def _encodable(text: str) -> str:
    """`text` with bytes that were no UTF-8 (of a file name, of the environment) replaced, since RE2 reads UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _file_hash_equals(question: Question, algorithm: str) -> bool:
    """A path at which there is no file is not equal to any hash."""
    path = question.subject
    if not os.path.isfile(path):
        return False
    try:
        return _file_hash(path, algorithm) == question.operand.lower()
    except OSError as error:
        raise ActionError(f"cannot read '{path}': {error.strerror or error}") from error


def _file_hash(path: str, algorithm: str) -> str:
    import hashlib

    digest = hashlib.new(algorithm, usedforsecurity=False)
    with open(path, "rb", buffering=0) as file:
        while block := file.read(HASH_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


#: What an order (below 0, 0, above 0 as `value` is less than, equal to, greater than the operand) must be.
_ORDERS: dict[str, Callable[[int], bool]] = {
    "Equals": lambda order: order == 0,
    "LessThan": lambda order: order < 0,
    "LessThanEquals": lambda order: order <= 0,
    "GreaterThan": lambda order: order > 0,
    "GreaterThanEquals": lambda order: order >= 0,
}

#: Every comparing operator by its canonical name.
COMPARISONS: Mapping[str, Callable[[Question], bool]] = {
    "stringIsEmpty": lambda question: not question.operand,
    "stringIsWhitespace": _is_whitespace,
    **{f"string{name}": partial(_text_order, holds=holds) for name, holds in _ORDERS.items()},
    "patternMatches": _pattern_matches,
    **{f"number{name}": partial(_number_order, holds=holds) for name, holds in _ORDERS.items()},
    "binaryExists": lambda question: binary_exists(question.operand, question.environment, question.platform),
    "fileExists": lambda question: os.path.isfile(question.operand),
    "folderExists": lambda question: os.path.isdir(question.operand),
    **{
        f"file{algorithm}Equals": partial(_file_hash_equals, algorithm=algorithm.lower())
        for algorithm in ("MD5", "SHA1", "SHA256", "SHA512")
    },
}

#: Every operator over conditions; their answers are asked for one by one.
LOGICALS: Mapping[str, Callable[[Iterator[bool]], bool]] = {
    "and": all,
    "or": any,
    "not": lambda answers: not next(answers),
}
