"""The values of Terraform's expressions, as far as the files of the folder tell them.

What they do not tell becomes `Unknown` with its reason, at the place where it is used.
"""

from __future__ import annotations

from toe.images.recipes.terraform.functions import FUNCTIONS
from toe.images.recipes.terraform.kinds import WORKED_OUT
from toe.images.recipes.terraform.named import NamedValues
from toe.images.recipes.terraform.operators import binary, truth_of, unary, unknown_within, word_value
from toe.images.recipes.terraform.syntax import (
    Hcl,
    Unparsable,
    attributes,
    blocks,
    node_of,
    parse_text,
    parts,
    tokens,
    word_of,
)
from toe.images.recipes.terraform.texts import heredoc_text, pieces_of, unescaped
from toe.images.recipes.values import Absent, Unknown, list_at, mapping_at, moved, text_at
from toe.nodes import Kind, Node, Scalar
from toe.nodes import Mapping as MappingNode

_NUMBERS = {"int_lit": Kind.INTEGER, "float_lit": Kind.FLOAT}


class Values(NamedValues):
    """Works out expressions of one folder. Problems are told in the file that is read."""

    def value(self, tree: Hcl) -> Node:
        """See `NamedValues`."""
        at = node_of(tree)
        if not self._effort.deeper(at):
            return Unknown(at, "")
        try:
            return self._value(tree, at)
        finally:
            self._effort.back()

    def _value(self, tree: Hcl, at: Node) -> Node:
        kind = str(tree.data)
        inner = parts(tree)
        if kind == "expr_term":
            return self.value(inner[0]) if inner else Unknown(at, WORKED_OUT)
        if kind in _NUMBERS:
            return text_at(at, word_of(tree), _NUMBERS[kind])
        if kind == "literal_value":
            return word_value(word_of(tree), at)
        if kind == "string":
            return self._string(tree, at)
        if kind in ("heredoc_template", "heredoc_template_trim"):
            return self._heredoc(word_of(tree), at)
        if kind == "tuple":
            return list_at(at, [self.value(item) for item in inner])
        if kind == "object":
            return mapping_at(at, [self._pair(item) for item in inner])
        if kind == "conditional" and len(inner) == 3:
            truth = truth_of(self.value(inner[0]))
            if truth is None:
                return Unknown(at, "which of the two values holds is not known here")
            return self.value(inner[1] if truth else inner[2])
        if kind == "binary_op" and len(inner) == 2:
            operator, *_, operand = parts(inner[1])
            return binary(word_of(operator), self.value(inner[0]), self.value(operand), at)
        if kind == "unary_op":
            return unary("".join(tokens(tree)), self.value(inner[0]), at)
        if kind == "function_call":
            return self._call(inner, at)
        if kind in ("get_attr_expr_term", "index_expr_term", "identifier"):
            return self._named(tree, at)
        return Unknown(at, WORKED_OUT)

    def body(self, body: Hcl, at: Node) -> MappingNode:
        """A body as a mapping: attributes by name, blocks of one name as a list. Dynamic blocks are not known."""
        pairs: list[tuple[Scalar, Node]] = []
        for key, expression in attributes(body):
            value = self.value(expression)
            if not isinstance(value, Absent):
                pairs.append((key, value))
        listed: dict[str, tuple[Scalar, list[Node]]] = {}
        for key, labels, inner, whole in blocks(body):
            place = node_of(whole)
            if key.text == "dynamic" and labels:
                name = Scalar(key.line, key.column, key.end_line, key.end_column, labels[0], Kind.STRING)
                made = f"there is a '{labels[0]}' for each item of 'for_each': Terraform works that out"
                listed.setdefault(labels[0], (name, []))[1].append(Unknown(place, made))
            else:
                listed.setdefault(key.text, (key, []))[1].append(self.body(inner, place))
        pairs += [(key, list_at(items[0], items)) for key, items in listed.values()]
        return mapping_at(at, pairs)

    def _pair(self, element: Hcl) -> tuple[Scalar, Node]:
        key, value = parts(element)[0], parts(element)[-1]
        at = node_of(key)
        (named,) = parts(key) or [key]
        while named.data == "expr_term" and len(parts(named)) == 1:
            named = parts(named)[0]
        if named.data in ("identifier", "keyword", "literal_value", "int_lit"):
            return text_at(at, word_of(named)), self.value(value)
        known = self.value(named)
        return text_at(at, known.text if isinstance(known, Scalar) else "*"), self.value(value)

    def _string(self, tree: Hcl, at: Node) -> Node:
        pieces: list[Node] = []
        for part in parts(tree):
            inner = parts(part)
            if inner:
                interpolated = inner[0].data == "interpolation" and parts(inner[0])
                pieces.append(self.value(parts(inner[0])[0]) if interpolated else Unknown(at, WORKED_OUT))
                continue
            text = word_of(part)
            escapes = text.startswith(("$${", "%%{"))
            pieces.append(text_at(at, text[1:] if escapes else unescaped(text)))
        if len(pieces) == 1 and not isinstance(pieces[0], Scalar):
            return moved(pieces[0], at) if not isinstance(pieces[0], Unknown) else pieces[0]
        return self._joined(pieces, at)

    def _heredoc(self, token: str, at: Node) -> Node:
        pieces: list[Node] = []
        for is_expression, text in pieces_of(heredoc_text(token)):
            pieces.append(self._expression(text, at) if is_expression else text_at(at, text))
        return self._joined(pieces, at)

    def _expression(self, text: str, at: Node) -> Node:
        """An expression within a heredoc, which the parser leaves as it is."""
        try:
            ((_, expression),) = attributes(parse_text(f"x = {text.strip()}"))
        except (Unparsable, ValueError):
            return Unknown(at, WORKED_OUT)
        return moved(self.value(expression), at)

    def _joined(self, pieces: list[Node], at: Node) -> Node:
        texts: list[str] = []
        unknown: Unknown | None = None
        for piece in pieces:
            if isinstance(piece, Unknown):
                unknown = unknown or piece
                texts.append(piece.partial)
            else:
                texts.append(piece.text if isinstance(piece, Scalar) else "")
            if not self._effort.spend(at, texts[-1]):
                return Unknown(at, "")
        text = "".join(texts)
        return text_at(at, text) if unknown is None else Unknown(at, unknown.reason, unknown.hint, text)

    def _call(self, inner: list[Hcl], at: Node) -> Node:
        name = word_of(inner[0])
        arguments = [self.value(part) for part in parts(inner[1])] if len(inner) > 1 else []
        if name == "try":
            known = next((one for one in arguments if not isinstance(one, Unknown)), None)
            return known if known is not None and not isinstance(arguments[0], Unknown) else Unknown(at, WORKED_OUT)
        if not self._effort.afford(at, arguments):
            return Unknown(at, "")
        for argument in arguments:
            unknown = unknown_within(argument)
            if unknown is not None:
                return Unknown(at, unknown.reason, unknown.hint)
        function = FUNCTIONS.get(name)
        found = function(arguments, at, self._folder.source.folder) if function is not None else None
        if isinstance(found, Scalar) and not self._effort.spend(at, found.text):
            return Unknown(at, "")
        return found or Unknown(at, f"what the function '{name}' gives is worked out by Terraform")
