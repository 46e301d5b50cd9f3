"""Building documents from text, with two small actions of their own, so that these tests know none of the real ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from toe.document.build import Refusal, build_document
from toe.document.loader import parse_yaml
from toe.document.refusals import Refusals
from toe.model import Document, Entry
from toe.nodes import Mapping, Node, Scalar

Built = tuple[Document, list[Refusal]]
Build = Callable[[str], Built]

HEAD = "schemaVersion: 1.0\n"
STEP = "{name: One, action: Say}"


class Action(NamedTuple):
    """As much of an action's definition as the builder looks at."""

    name: str
    needs_inputs: bool = False
    condition: bool = False
    fixed_timeout: int | None = None
    fixed_attempts: int | None = None


class Actions:
    """A table of four actions."""

    def __init__(self) -> None:
        self._table = {
            "Say": Action("Say"),
            "Need": Action("Need", needs_inputs=True),
            "Claim": Action("Claim", needs_inputs=True, condition=True),
            "Fixed": Action("Fixed", fixed_timeout=-1, fixed_attempts=1),
        }

    def find(self, name: str) -> Action | None:
        return self._table.get(name)

    def names(self) -> tuple[str, ...]:
        return tuple(self._table)


def read_inputs(definition: Action, node: Node | None, refuse: Refusals) -> tuple[Entry, ...]:
    if node is None:
        return ()
    if not isinstance(node, Mapping):
        refuse.wrong_kind(node, "'inputs'", "a mapping")
        return ()
    return ({key.text: value.text if isinstance(value, Scalar) else "" for key, value in node},)


@pytest.fixture
def build() -> Build:
    """`build(text)`: the document in a text that is good YAML, and the builder's refusals."""

    def run(text: str) -> Built:
        root, problems = parse_yaml(text.encode(), "doc.yml")
        assert problems == []
        assert root is not None
        return build_document(root, "doc.yml", text.encode(), Actions(), read_inputs)

    return run


@pytest.fixture
def build_step(build: Build) -> Callable[[str], Any]:
    """`build_step("loop: ...")`: a step with these keys, and the refusals as (line, column, message)."""

    def run(keys: str) -> Any:
        lines = "".join(f"        {line}\n" for line in keys.splitlines())
        text = f"{HEAD}phases:\n  - name: build\n    steps:\n      - name: One\n        action: Say\n{lines}"
        document, refusals = build(text)
        return document.phases[0].steps[0], [
            (refusal.node.line - 6, refusal.node.column - 8, refusal.message) for refusal in refusals
        ]

    return run
