"""The bytes of a component document as a tree of positioned nodes, or the problems that make it no YAML.

Whatever the bytes are, the answer comes in bounded time and memory and without an exception. What the keys mean is not
known here.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import yaml

from toe import codes
from toe.document.text import (
    MOST_BYTES,
    decode,
    escaped,
    excerpt,
    forbidden_character,
    json_as_yaml,
    lines_of,
)
from toe.document.tree import Stopped, TreeReader
from toe.errors import Problem, Severity
from toe.nodes import Kind, Node, Scalar
from toe.quick_typing import Any

#: The C parser compares each %TAG directive with all those before it, before it delivers anything.
MOST_TAG_DIRECTIVES = 16

#: After these the tree is still worth a look: what was meant is known. After any other problem there is no tree.
_TREE_IS_GOOD = frozenset((codes.DUPLICATE_KEY, codes.UNQUOTED_EXPRESSION, codes.TAG))


class PythonParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """PyYAML's parser in Python, for where PyYAML was built without the one in C: its events and nothing else."""

    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)


def fastest_parser() -> Callable[[str], Any]:
    """PyYAML's parser in C, where PyYAML was built with it. Of either only the events are used."""
    return yaml.CSafeLoader if yaml.__with_libyaml__ else PythonParser


def parse_yaml(
    data: bytes,
    file: str,
    *,
    parser: Callable[[str], Any] | None = None,
    functions: Mapping[str, str] | None = None,
) -> tuple[Node | None, list[Problem]]:
    """The tree of one YAML document, and what is wrong with it in the order of the source.

    The tree is None where it could not be made out; with duplicate keys (the first counts), tags (left out) and
    unquoted expressions (taken as text) there is one. `file` is the name that the problems carry. `parser` makes an
    event parser of a text. `functions` are the tags of another language than that of components (TreeReader).
    """
    if len(data) > MOST_BYTES:
        message = f"the file is larger than {MOST_BYTES // 2**20} MiB"
        return None, [Problem(codes.TOO_LARGE, Severity.ERROR, message, file=file)]
    text, problem = decode(data)
    if problem is not None:
        return None, _placed([problem], file, text)
    text = json_as_yaml(text)
    problem = forbidden_character(text)
    if problem is not None:
        return None, _placed([problem], file, text)
    root, problems = _read(text, parser or fastest_parser(), functions)
    if not all(problem.code in _TREE_IS_GOOD for problem in problems):
        root = None
    return root, _placed(problems, file, text) if problems else problems


def _read(
    text: str, parser: Callable[[str], Any], functions: Mapping[str, str] | None
) -> tuple[Node | None, list[Problem]]:
    if _has_too_many_directives(text):
        return None, [Problem(codes.TAG, Severity.ERROR, "too many %TAG directives; a component needs none")]
    reader = TreeReader(text, functions)
    root = None
    try:
        with _no_garbage_collection():
            root = reader.read(parser(text).get_event)
    except Stopped as stopped:
        reader.problems.append(stopped.problem)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        from toe.document.syntax import explain

        problem = explain(error, lines_of(text))
        if not any(_same_place(problem, other) for other in reader.problems):
            reader.problems.append(problem)
    else:
        if root is None or (isinstance(root, Scalar) and root.kind is Kind.NULL):
            reader.problems.append(Problem(codes.EMPTY, Severity.ERROR, "the file is empty: it holds no document"))
    return root, reader.problems


def _has_too_many_directives(text: str) -> bool:
    if text.count("%TAG") <= MOST_TAG_DIRECTIVES:
        return False
    return sum(line.startswith("%TAG") for line in lines_of(text)) > MOST_TAG_DIRECTIVES


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """A tree has no cycles, and looking for some while it grows takes longer than building it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _same_place(problem: Problem, other: Problem) -> bool:
    """An unquoted expression is a mapping to the parser, and may be a fault of syntax as well."""
    return (problem.code, problem.line, problem.column) == (other.code, other.line, other.column)


def _placed(problems: list[Problem], file: str, text: str) -> list[Problem]:
    """The problems in the order of the source, with the file and the line they stand in."""
    lines = lines_of(text)
    ordered = sorted(problems, key=lambda problem: (problem.line, problem.column))
    return [
        problem._replace(
            message=escaped(problem.message),
            hint=escaped(problem.hint),
            file=file,
            source_line=excerpt(lines, problem.line, problem.column),
        )
        for problem in ordered
    ]
