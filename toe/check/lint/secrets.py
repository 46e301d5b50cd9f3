"""Secrets that stand in the document in clear: everybody who can read the component or its logs has them.

The findings show nothing of a secret, and the source lines of all findings have asterisks in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toe import codes
from toe.check.findings import Findings
from toe.check.lint.places import place_in
from toe.model import Document
from toe.nodes import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from toe.check.lint.secret_patterns import FoundSecret

#: A document that holds none of these (in lower case) holds no secret that is recognised; the patterns stay unread.
_HINT_WORDS = (
    b"private key",
    *b"passw passphrase pwd secret token api_key api-key apikey access_key access-key accesskey private_key".split(),
    *b"private-key privatekey securestring akia asia ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- xox aiza".split(),
    *b"sk_live_ @".split(),
)

#: Texts are searched up to these lengths: for a script or a file written by hand there is no end to them.
LONGEST_TEXT = 200_000
MOST_TEXT = 500_000
MOST_SECRETS = 50
_HINT = "keep it in Parameter Store or Secrets Manager, and refer to it: '{{ aws:ssm:/path }}'"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def check_secrets(document: Document, findings: Findings) -> None:
    """Report the literal secrets of declarations and steps, and hide them in the source lines of all findings."""
    lowered = document.source.lower()
    if not any(word in lowered for word in _HINT_WORDS) and not lowered.startswith(_UTF16_MARKS):
        return
    hidden: list[tuple[int, int, int]] = []
    for scalar, secret in _found(document):
        message = f"{secret.label} stands in the document: all who can read it have it"
        if not findings.full:
            findings.at(place_in(scalar, secret.start, secret.end, findings.lines), codes.SECRET, message, _HINT)
        hidden += _places(scalar, secret, findings.lines)
    if hidden:
        findings.hide(hidden)


def _found(document: Document) -> Iterator[tuple[Scalar, FoundSecret]]:
    from toe.check.lint.secret_patterns import secrets_in

    left, count = MOST_TEXT, 0
    for name, scalar in _texts(document):
        if len(scalar.text) > min(left, LONGEST_TEXT) or count >= MOST_SECRETS:
            continue
        left -= len(scalar.text)
        taken = bytearray(len(scalar.text))
        for secret in (*_whole(name, scalar), *secrets_in(scalar.text)):
            if taken.find(1, secret.start, secret.end) < 0:
                taken[secret.start : secret.end] = b"\1" * (secret.end - secret.start)
                count += 1
                yield scalar, secret


def _whole(name: str, scalar: Scalar) -> Iterator[FoundSecret]:
    from toe.check.lint.secret_patterns import FoundSecret, is_literal_secret, is_secret_name

    if name and is_secret_name(name) and is_literal_secret(name, scalar.text):
        yield FoundSecret(0, len(scalar.text), f"the value of '{name[:60]}'")


def _texts(document: Document) -> Iterator[tuple[str, Scalar]]:
    """The texts that may hold a secret, each with the name that it is the value of."""
    root = document.node
    if root is None:
        return
    for section, key in (("parameters", "default"), ("constants", "value")):
        for name, declaration in _declarations(root.get(section)):
            for scalar in _values_of(declaration.get(key)):
                yield name, scalar
    for phase in document.phases:
        for step in phase.steps:
            if step.inputs_node is not None:
                yield from _named_texts(step.inputs_node)


def _declarations(section: Node | None) -> Iterator[tuple[str, Mapping]]:
    for item in section.items if isinstance(section, Sequence) else (section,):
        for name, declaration in item if isinstance(item, Mapping) else ():
            if isinstance(declaration, Mapping):
                yield name.text, declaration


def _values_of(node: Node | None) -> Iterator[Scalar]:
    for value in node.items if isinstance(node, Sequence) else (node,):
        if isinstance(value, Scalar):
            yield value


def _named_texts(node: Node) -> Iterator[tuple[str, Scalar]]:
    """The scalars below `node` with their key; under `- {name: X, value: ...}` the name is X."""
    pending: list[tuple[str, Node]] = [("", node)]
    while pending:
        name, current = pending.pop()
        if isinstance(current, Scalar):
            yield name, current
        elif isinstance(current, Sequence):
            pending.extend((name, item) for item in reversed(current.items))
        elif isinstance(current, Mapping):
            given = current.get("name")
            for key, value in reversed(current.pairs):
                is_named = key.text == "value" and isinstance(given, Scalar)
                pending.append((given.text if is_named and isinstance(given, Scalar) else key.text, value))


def _places(scalar: Scalar, secret: FoundSecret, lines: list[str]) -> Iterator[tuple[int, int, int]]:
    """Line, first and last column of each line of a secret; whole lines where its place is unclear."""
    start = secret.start
    while start < secret.end:
        end = scalar.text.find("\n", start, secret.end)
        end = secret.end if end < 0 else end
        place = place_in(scalar, start, end, lines)
        if place is scalar:
            for number in range(scalar.line, min(scalar.end_line, len(lines)) + 1):
                yield number, scalar.column if number == scalar.line else 1, len(lines[number - 1]) + 1
            return
        if end > start:
            yield place.line, place.column, place.end_column
        start = end + 1
