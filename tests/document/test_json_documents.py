"""JSON is read as what it says, also where YAML 1.1 reads it differently."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from toe.document.loader import PythonParser, parse_yaml
from toe.nodes import Mapping, Node, Scalar, Sequence

Parser = Callable[[str], Any]
PARSERS = [pytest.param(PythonParser, id="python")]
if yaml.__with_libyaml__:
    PARSERS.append(pytest.param(yaml.CSafeLoader, id="c"))

TEXT = "smile \U0001f600, a/b, C:\\ud83d, \x7f and \x85, \u2028"


def _data(node: Node) -> Any:
    if isinstance(node, Mapping):
        return {key.text: _data(value) for key, value in node}
    if isinstance(node, Sequence):
        return [_data(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.text


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    "options",
    [{}, {"indent": "\t"}, {"ensure_ascii": False}, {"separators": (",\t", ":\t")}, {"separators": (",", ":")}],
    ids=str,
)
def test_json_is_read_as_json(parser: Parser, options: dict[str, Any]) -> None:
    data = {"name": TEXT, "phases": [{"name": "build", "steps": [TEXT]}]}
    root, problems = parse_yaml(json.dumps(data, **options).encode(), "doc.json", parser=parser)
    assert problems == []
    assert root is not None
    assert _data(root) == data


@pytest.mark.parametrize("parser", PARSERS)
def test_slash_may_be_escaped(parser: Parser) -> None:
    root, problems = parse_yaml(b'\n\t{"path":\t"\\/etc\\/motd \\ud83d\\ude00"}', "doc.json", parser=parser)
    assert problems == []
    assert root is not None
    assert _data(root) == {"path": "/etc/motd \U0001f600"}


@pytest.mark.parametrize("parser", PARSERS)
def test_positions_stay_what_they_are(parser: Parser) -> None:
    text = '{"a": "\\ud83d\\ude00",\t"b": 1,\n\t"c": {"a": 1,\t"a": 2}}'
    root, problems = parse_yaml(text.encode(), "doc.json", parser=parser)
    assert isinstance(root, Mapping)
    places = [(key.line, key.column) for key, _ in root]
    assert places == [(1, 2), (1, 23), (2, 2)]
    assert [(problem.code, problem.line, problem.column) for problem in problems] == [("TOE102", 2, 16)]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("text", ['{"a": "\\ud83d"}', '{"a":\t"\\ud83d\\ude00",}x', "{a:\n\tb: c}\tx: y"])
def test_what_is_no_json_is_left_to_yaml(parser: Parser, text: str) -> None:
    assert parse_yaml(text.encode(), "doc.json", parser=parser)[1] != []


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n\\\"'/:#{}\x7f\x85"), max_size=40))
def test_any_text_in_json_is_itself(text: str) -> None:
    for ascii_only in (True, False):
        source = json.dumps({"a": text, "b": [text]}, ensure_ascii=ascii_only, indent="\t")
        root, problems = parse_yaml(source.encode(), "doc.json")
        if not problems:
            assert root is not None
            assert _data(root) == {"a": text, "b": [text]}
        else:
            assert not ascii_only
