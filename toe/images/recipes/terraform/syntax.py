"""The text of a Terraform file as the trees of python-hcl2, and what every reader of those trees asks for.

Of the library only its parser is used: its own way from trees to Python's values loses the places.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import hcl2
from lark import Token, Tree
from lark.exceptions import LarkError, UnexpectedInput

from toe import codes
from toe.document.text import decode, escaped
from toe.images.recipes.problems import Source
from toe.nodes import Kind, Node, Scalar

Hcl: TypeAlias = "Tree[Token]"

#: The parser needs a second for 50 KB, and for brackets some 60 times what it needs for text: both are bounded.
MOST_BYTES = 512 * 1024
MOST_DEPTH = 100
MOST_BRACKETS = 50_000


class Unparsable(Exception):
    """Why a text is not valid, and where: `line` and `column` count from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


def parse_file(source: Source) -> Hcl | None:
    """The body of a file; None after a problem (TOE720, TOE713) was told."""
    if len(source.data) > MOST_BYTES:
        at = Node(1, 1, 1, 2)
        source.at(at, codes.RECIPE_TOO_MUCH, f"the file is larger than {MOST_BYTES // 1024} KiB")
        return None
    text, problem = decode(source.data)
    try:
        if problem is not None:
            raise Unparsable(problem.message, problem.line, problem.column)
        return parse_text(text)
    except Unparsable as error:
        at = Node(error.line, error.column, error.line, error.column + 1)
        source.at(at, codes.RECIPE_SYNTAX, escaped(error.message))
        return None


def parse_text(text: str) -> Hcl:
    """The body that a text is. Raises Unparsable."""
    _refuse_depth(text)
    try:
        tree: Hcl = hcl2.parses_to_tree(text)
    except UnexpectedInput as error:
        line, column = _place(error, text)
        raise Unparsable(_told(error, text, line, column), line, column) from error
    except (LarkError, RecursionError, ValueError) as error:
        raise Unparsable("this is not valid Terraform") from error
    (body,) = parts(tree)
    return body


def _place(error: UnexpectedInput, text: str) -> tuple[int, int]:
    """Where the parser gave up, within the text: it has a line more, and -1 for the end."""
    lines = text.split("\n")
    if not 1 <= error.line <= len(lines):
        return len(lines), len(lines[-1]) + 1
    return error.line, max(error.column, 1)


def _told(error: UnexpectedInput, text: str, line: int, column: int) -> str:
    whole = text.split("\n")[line - 1]
    if whole[: column - 1].endswith('"') and '"' not in whole[column - 1 :]:
        return "the text in quotes that begins here is not closed in its line"
    rest = whole[column - 1 :].strip()[:30]
    return f"this is not valid Terraform: '{rest}' is not expected here" if rest else "something is missing here"


def _refuse_depth(text: str) -> None:
    """Strings and comments count too: no real file is near these bounds."""
    depth = brackets = 0
    for number, line in enumerate(text.split("\n"), start=1):
        for column, character in enumerate(line, start=1):
            if character in "([{":
                depth += 1
                brackets += 1
                if depth > MOST_DEPTH or brackets > MOST_BRACKETS:
                    raise Unparsable(f"nested more than {MOST_DEPTH} levels deep", number, column)
            elif character in ")]}":
                depth = max(depth - 1, 0)


def parts(tree: Hcl) -> list[Hcl]:
    """The children that are trees, without comments and line ends."""
    return [child for child in tree.children if isinstance(child, Tree) and child.data != "new_line_or_comment"]


def tokens(tree: Hcl) -> list[Token]:
    """The children that are words or marks."""
    return [child for child in tree.children if isinstance(child, Token)]


def node_of(tree: Hcl) -> Node:
    """The place of a tree."""
    meta = tree.meta
    if meta.empty:
        return Node(1, 1, 1, 1)
    return Node(meta.line, meta.column, meta.end_line, meta.end_column)


def word_of(tree: Hcl) -> str:
    """The text of a name, of a label in quotes too."""
    if tree.data == "string":
        return "".join(word_of(part) for part in parts(tree))
    return "".join(str(token) for token in tokens(tree))


def key_of(tree: Hcl) -> Scalar:
    """A name as a key with its place."""
    at = node_of(tree)
    return Scalar(at.line, at.column, at.end_line, at.end_column, word_of(tree), Kind.STRING)


def attributes(body: Hcl) -> Iterator[tuple[Scalar, Hcl]]:
    """The attributes of a body: name and expression."""
    for child in parts(body):
        if child.data == "attribute":
            name, *_, expression = parts(child)
            yield key_of(name), expression


def blocks(body: Hcl) -> Iterator[tuple[Scalar, list[str], Hcl, Hcl]]:
    """The blocks of a body: type, labels, body, and the whole for its place."""
    for child in parts(body):
        if child.data == "block":
            kind, *labels, inner = parts(child)
            yield key_of(kind), [word_of(label) for label in labels], inner, child
