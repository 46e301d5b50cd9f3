"""Hover, definitions, uses, the outline, and positions."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from typed import VOCABULARY, typed

from toe.language_server.buffers import Buffers
from toe.language_server.hover import hover
from toe.language_server.navigation import definition, outline, uses
from toe.language_server.positions import Positions

DOCUMENT = """\
schemaVersion: 1.0
parameters:
  - Version: {type: string, default: '1', description: Which one, allowedValues: ['1', '2']}
constants:
  - Folder: {type: string, value: /opt}
phases:
  - name: build
    steps:
      - name: Fetch
        action: ExecuteBash
        onFailure: Continue
        inputs:
          commands:
            - echo '😀 {{ Version }} {{ Folder }}'
      - name: Copy
        action: CopyFile
        loop: {forEach: [a, b]}
        inputs:
          - source: "{{ build.Fetch.outputs.stdout }}"
            destination: "{{ Folder }}/{{ loop.value }}"
"""


def at(part: str, number: int = 0) -> str:
    """The document with the cursor within a part of it, in the place with this number."""
    index = -1
    for _ in range(number + 1):
        index = DOCUMENT.index(part, index + 1)
    index += len(part) // 2
    return DOCUMENT[:index] + "§" + DOCUMENT[index:]


def said(marked: str, *diagnostics: types.Diagnostic) -> str:
    buffer, position = typed(marked)
    found = hover(buffer, position, diagnostics, VOCABULARY)
    if found is None:
        return ""
    assert isinstance(found.contents, types.MarkupContent)
    return found.contents.value


@pytest.mark.parametrize(
    ("marked", "part"),
    [
        (at("ExecuteBash"), "## ExecuteBash"),
        (at("onFailure"), "What a failed step does"),
        (at("source"), "**source** (required)"),
        (at("commands"), "**commands** (required)"),
        (at("schemaVersion"), "default `1.0`"),
        (at("loop"), "Runs the step once for each item"),
        (at("{{ Version }}"), "parameter **Version** (string): default `1`\n\nWhich one\n\nOne of `1`, `2`."),
        (at("{{ Folder }}"), "constant **Folder**: `/opt`"),
        (at("build.Fetch.outputs.stdout"), "outputs of step **Fetch** (ExecuteBash) in phase **build**\n\n**stdout**"),
        (at("{{ loop.value }}"), "the value of the iteration"),
    ],
)
def test_hover(marked: str, part: str) -> None:
    assert part in said(marked)


def test_hover_explains_a_problem() -> None:
    where = types.Range(types.Position(9, 0), types.Position(9, 40))
    text = said(at("ExecuteBash"), types.Diagnostic(where, "x", code="TOE501"))
    assert "## ExecuteBash" in text
    assert "TOE501 (warning)" in text
    assert said(at("Which one"), types.Diagnostic(where, "x", code="TOE501")) == ""


@pytest.mark.parametrize(
    ("marked", "line", "character"),
    [
        (at("{{ Version }}"), 2, 4),
        (at("{{ Folder }}"), 4, 4),
        (at("build.Fetch.outputs"), 8, 14),
        (at("{{ loop.value }}"), 16, 14),
    ],
)
def test_definition(marked: str, line: int, character: int) -> None:
    buffer, position = typed(marked)
    found = definition(buffer, position)
    assert found is not None
    assert (found.uri, found.range.start) == (buffer.uri, types.Position(line, character))


def test_definition_of_what_is_nowhere() -> None:
    for marked in (at("onFailure"), at("{{ Version }}").replace("{{ Ver", "{{ Wer"), "§: ["):
        assert definition(*typed(marked)) is None


def test_a_nested_document_is_opened(tmp_path: Path) -> None:
    (tmp_path / "nested.yml").write_text("x")
    text = "phases: [{name: build, steps: [{name: A, action: ExecuteDocument, inputs: {document: nested.yml}}]}]\n"
    buffer = Buffers().put((tmp_path / "a.yml").as_uri(), str(tmp_path / "a.yml"), text, 1)
    found = definition(buffer, types.Position(0, text.index("nested") + 3))
    assert found is not None
    assert found.uri == (tmp_path / "nested.yml").as_uri()


@pytest.mark.parametrize("marked", [at("{{ Folder }}"), at("Folder"), at("{{ Folder }}", 1)])
def test_uses(marked: str) -> None:
    buffer, position = typed(marked)
    found = [(one.range.start.line, one.range.start.character) for one in uses(buffer, position, declaration=True)]
    assert found == [(4, 4), (13, 37), (19, 26)]
    assert len(uses(buffer, position, declaration=False)) == 2


def test_outline() -> None:
    symbols = outline(typed(DOCUMENT + "§")[0])
    assert [one.name for one in symbols] == ["Version", "Folder", "build"]
    assert [(one.name, one.detail) for one in symbols[2].children or ()] == [
        ("Fetch", "ExecuteBash"),
        ("Copy", "CopyFile"),
    ]
    for symbol in symbols:
        assert symbol.range.start <= symbol.selection_range.start
        assert symbol.selection_range.end <= symbol.range.end


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_positions_count_units(encoding: str, units: int) -> None:
    positions = Positions("a😀b\r\nc\u2028d", encoding)
    assert positions.position(2) == types.Position(0, 1 + units)
    assert positions.place(types.Position(0, 1 + units)) == (1, 3)
    # one line of the protocol, two of ours
    assert positions.place(types.Position(1, 2 if encoding != "utf-8" else 4)) == (3, 1)
    assert positions.position(positions.offset(3, 2)).line == 1


def test_positions_beyond_the_text_are_its_nearest() -> None:
    positions = Positions("\ufeffab\n")
    assert positions.place(types.Position(0, 1)) == (1, 1)
    assert positions.place(types.Position(0, 99)) == (1, 3)
    assert positions.place(types.Position(99, 0)) == (2, 1)
    assert positions.offset(99, 1) == 4
    assert positions.line(99) == ""
