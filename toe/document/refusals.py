"""What the builder could not take, said where it is found: the node, the code of the problem, the message and the hint.

The wording that several places share stands here. The checks make a problem of each, with its place in the file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from toe import codes
from toe.nodes import Kind, Mapping, Node, Scalar
from toe.records import NamedTuple

#: A document of nothing but slips must not take minutes: each suggestion compares a word with every candidate.
MOST_SUGGESTIONS = 100
LONGEST_SHOWN = 80


class Refusal(NamedTuple):
    """A node that has not the right form, and what is wrong with it; `fix` as in Problem."""

    node: Node
    code: str
    message: str
    hint: str = ""
    fix: str = ""


class Refusals:
    """The refusals of one document, in the order in which they were found. Calling it adds one.

    A `label` is what a message calls a value: "'inputs'", "an item of 'commands'". `wanted` follows "must be".
    """

    def __init__(self) -> None:
        self.found: list[Refusal] = []
        self._suggestions_left = MOST_SUGGESTIONS

    def __call__(self, node: Node, code: str, message: str, hint: str = "", fix: str = "") -> None:
        self.found.append(Refusal(node, code, message, hint, fix))

    def missing(self, mapping: Mapping, key: str, code: str = codes.MISSING_KEY) -> None:
        """A key that must be there: refused at what stands behind it, which is nothing, else at the mapping."""
        self(mapping.get(key) or mapping, code, f"'{key}' is missing")

    def unknown_key(self, key: Scalar, mapping: Mapping, known: Collection[str], where: str = "") -> None:
        """A key that a mapping may not have. It may be a slip for one that the mapping lacks."""
        near = self.did_you_mean(key.text, absent_keys(mapping, known))
        hint = "" if near else f"known keys: {', '.join(known)}"
        lowered = key.text.lower()
        alike = [name for name in absent_keys(mapping, known) if name.lower() == lowered] if near else []
        fix = alike[0] if len(alike) == 1 else ""
        self(key, codes.UNKNOWN_KEY, f"unknown key {shown(key.text)}{where}{near}", hint, fix)

    def unknown_word(self, node: Node, label: str, words: Collection[str], *, listed: str = "", hint: str = "") -> None:
        """A value that is none of some words. `listed` shows the words where they are not to be read as they are."""
        wanted = f"one of {listed or ', '.join(words)}"
        if not self._expression(node, label, wanted):
            near = self.did_you_mean(node.text, words) if isinstance(node, Scalar) else ""
            self(node, codes.UNKNOWN_WORD, f"{label} must be {wanted}, not {described(node)}{near}", hint)

    def wrong_kind(self, node: Node, label: str, wanted: str) -> None:
        """A text, a list or a mapping where another of them must stand."""
        hint = ""
        found = node.described
        if wanted == "a text" and isinstance(node, Mapping) and _looks_like_text(node):
            found += ": quote it"
            hint = "YAML reads 'key: value' as a mapping; put the whole text in single quotes"
        elif wanted == "a list" and isinstance(node, Scalar) and node.kind is not Kind.NULL:
            key = label.strip("'")
            hint = f"write '{key}: [...]', or one '- ' line for each item"
        if not self._expression(node, label, wanted):
            self(node, codes.WRONG_KIND, f"{label} must be {wanted}, not {found}", hint)

    def wrong_value(self, node: Node, label: str, wanted: str, code: str = codes.WRONG_KIND) -> None:
        """A value that is not what it must be: a number, true or false. `code` is for a scalar."""
        if not self._expression(node, label, wanted):
            kind = code if isinstance(node, Scalar) else codes.WRONG_KIND
            self(node, kind, f"{label} must be {wanted}, not {described(node)}")

    def _expression(self, node: Node, label: str, wanted: str) -> bool:
        """Refuse an expression, where one stands and the value must be known before the run."""
        if not isinstance(node, Scalar) or "{{" not in node.text:
            return False
        self(node, codes.EXPRESSION_REFUSED, f"expressions are not allowed in {label}, which must be {wanted}")
        return True

    def did_you_mean(self, word: str, candidates: Iterable[str]) -> str:
        """` (did you mean 'x'?)`, or nothing."""
        if not self._suggestions_left:
            return ""
        from toe.document.suggest import did_you_mean

        self._suggestions_left -= 1
        return did_you_mean(word, candidates)


def absent_keys(mapping: Mapping, known: Iterable[str]) -> Iterator[str]:
    """The known keys that a mapping lacks: what a misspelt key can have been meant for.

    Looked for when they are read, which `did_you_mean` does a limited number of times.
    """
    present = {key.text for key, _ in mapping}
    yield from (key for key in known if key not in present)


def _looks_like_text(node: Mapping) -> bool:
    return len(node.pairs) == 1 and isinstance(node.pairs[0][1], Scalar)


def shown(text: str) -> str:
    """A text as messages quote it, cut when it is long."""
    return f"'{text}'" if len(text) <= LONGEST_SHOWN else f"'{text[:LONGEST_SHOWN]}…'"


def described(node: Node) -> str:
    """A node in a message: the text of a scalar, the kind of anything else."""
    if isinstance(node, Scalar) and node.kind is not Kind.NULL:
        return shown(node.text)
    return node.described
