"""Code actions mend what `toe validate --fix` mends."""

from __future__ import annotations

import pytest
from lsprotocol import types
from typed import typed

from toe.language_server.buffers import Buffers
from toe.language_server.fixes import fixes

DOCUMENT = """\
schemaVersion: 1.0
parameters: [{Name: {type: string, default: x}}]
phases:
  - name: build
    Steps:
      - name: "😀"
        action: ExecuteBsh
        inputs: {commands: [echo]}
      - name: B
        action: CreateFile
        inputs:
          - {path: /opt/a, content: b}
          - path: {{ Name }}
            content: c
"""
MENDED = DOCUMENT.replace("Steps", "steps").replace("ExecuteBsh", "ExecuteBash").replace("{{ Name }}", '"{{ Name }}"')


def actions(marked: str, only: list[types.CodeActionKind | str] | None = None) -> dict[str, str]:
    """The titles of what is offered at the mark, and the document afterwards."""
    buffer, position = typed(marked)
    context = types.CodeActionContext([], only=only)
    where = types.Range(position, position)
    params = types.CodeActionParams(types.TextDocumentIdentifier(buffer.uri), where, context)
    after: dict[str, str] = {}
    for action in fixes(buffer, params, Buffers().reader()):
        assert action.edit is not None
        assert action.edit.changes is not None
        text = buffer.text
        for edit in action.edit.changes[buffer.uri]:
            start, end = (buffer.positions.offset_of(one) for one in (edit.range.start, edit.range.end))
            text = text[:start] + edit.new_text + text[end:]
        after[action.title] = text
    return after


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_one_spot_and_all_of_them(end: str, mark: str) -> None:
    document, mended = (mark + text.replace("\n", end) for text in (DOCUMENT, MENDED))
    found = actions(document.replace("{{ Na", "{{ §Na"))
    assert found == {
        "Put the expression in quotes": document.replace("{{ Name }}", '"{{ Name }}"'),
        "toe: mend all that is mechanical": mended,
    }


def test_words_are_changed() -> None:
    text = DOCUMENT.replace("{{ Name }}", "/x")
    assert actions(text.replace("Steps", "Ste§ps"), ["quickfix"]) == {
        "Change to 'steps'": text.replace("Steps", "steps")
    }
    spelled = text.replace("Steps", "steps")
    found = actions(spelled.replace("ExecuteBsh", "§ExecuteBsh"), ["quickfix"])
    assert found == {"Change to 'ExecuteBash'": spelled.replace("ExecuteBsh", "ExecuteBash")}


def test_only_what_is_asked_for_and_what_there_is() -> None:
    assert set(actions(DOCUMENT + "§", ["source"])) == {"toe: mend all that is mechanical"}
    assert actions(DOCUMENT + "§", ["refactor"]) == {}
    assert actions(MENDED.replace('"😀"', "A") + "§") == {}


def test_a_key_that_is_there_already_is_not_made_twice() -> None:
    assert actions("§Phases: []\nphases: []\nschemaVersion: 1.0\n") == {}
