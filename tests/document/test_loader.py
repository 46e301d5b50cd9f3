from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from toe import codes
from toe.document.loader import PythonParser, parse_yaml
from toe.errors import Problem, Severity
from toe.nodes import Kind, Mapping, Node, Scalar, Sequence

Parser = Callable[[str], Any]
PARSERS = [pytest.param(PythonParser, id="python")]
if yaml.__with_libyaml__:
    PARSERS.append(pytest.param(yaml.CSafeLoader, id="c"))


@pytest.fixture(params=PARSERS)
def parser(request: pytest.FixtureRequest) -> Parser:
    made: Parser = request.param
    return made


def _good(text: str | bytes, parser: Parser | None = None) -> Node:
    data = text if isinstance(text, bytes) else text.encode()
    root, problems = parse_yaml(data, "doc.yml", parser=parser)
    assert problems == []
    assert root is not None
    return root


def _bad(text: str | bytes, parser: Parser | None = None) -> Problem:
    data = text if isinstance(text, bytes) else text.encode()
    _, problems = parse_yaml(data, "doc.yml", parser=parser)
    assert len(problems) == 1, problems
    assert problems[0].severity is Severity.ERROR
    assert problems[0].file == "doc.yml"
    return problems[0]


def _plain(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {key.text: _plain(value) for key, value in node}


def _value(node: Node, key: str) -> Scalar:
    assert isinstance(node, Mapping)
    value = node.get(key)
    assert isinstance(value, Scalar)
    return value


def _span(node: Node) -> tuple[int, int, int, int]:
    return node.line, node.column, node.end_line, node.end_column


def test_nodes_know_their_place(parser: Parser) -> None:
    root = _good("a: b\nlist:\n  - one\n  - {x: 1}\n", parser)
    assert isinstance(root, Mapping)
    assert _span(root) == (1, 1, 4, 11)
    assert _span(root.pairs[0][1]) == (1, 4, 1, 5)
    items = root.get("list")
    assert isinstance(items, Sequence)
    assert _span(items) == (3, 3, 4, 11)
    assert _span(items.items[1]) == (4, 5, 4, 11)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-bom"])
def test_columns_count_characters_in_every_encoding(parser: Parser, encoding: str) -> None:
    text = "ключ: {ä: 'x 😀 y', b: c}\n"
    data = b"\xfe\xff" + text.encode("utf-16-be") if encoding == "utf-16-be-bom" else text.encode(encoding)
    root = _good(data, parser)
    assert isinstance(root, Mapping)
    assert _span(root.pairs[0][0]) == (1, 1, 1, 5)
    inner = root.pairs[0][1]
    assert _value(inner, "ä").text == "x 😀 y"
    assert _span(_value(inner, "b")) == (1, 23, 1, 24)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_with_every_line_end(parser: Parser, line_end: str) -> None:
    root = _good(line_end.join(["---", "# comment", "a: 1", "b: |", "  x", "  y", "c: 2", ""]), parser)
    assert _value(root, "b").text == "x\ny\n"
    assert _value(root, "c").line == 7


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("0777", Kind.INTEGER),
        ("1.10", Kind.FLOAT),
        ("yes", Kind.BOOLEAN),
        ("2026-01-01", Kind.TIMESTAMP),
        ("12:30:45", Kind.INTEGER),
        ("0x1F", Kind.INTEGER),
        ("1e3", Kind.STRING),
        ("-.inf", Kind.FLOAT),
        ("build", Kind.STRING),
        ("1.2.3", Kind.STRING),
        ("-", Kind.STRING),
    ],
)
def test_plain_scalars_keep_their_text_and_have_the_kind_of_yaml_1_1(parser: Parser, text: str, kind: Kind) -> None:
    root = _good(f"a: {text}\n", parser) if text != "-" else _good("a: '-'\n", parser)
    assert (_value(root, "a").text, _value(root, "a").kind) == (text, kind)


def test_quoted_and_block_scalars_are_strings(parser: Parser) -> None:
    root = _good("a: 'yes'\nb: \"1\"\nc: |\n  1\nd: >-\n  1\n", parser)
    assert [(_value(root, key).kind, _value(root, key).style) for key in "abcd"] == [
        (Kind.STRING, style) for style in ("'", '"', "|", ">")
    ]


@pytest.mark.parametrize("written", ["", "~", "null", "NULL", "!!null ''"])
def test_nothing_is_a_null_of_no_text(parser: Parser, written: str) -> None:
    root = _good(f"a: {written}\nb: [{written or '~'}]\n", parser)
    assert isinstance(root, Mapping)
    in_list = root.get("b")
    assert isinstance(in_list, Sequence)
    for value in (_value(root, "a"), in_list.items[0]):
        assert isinstance(value, Scalar)
        assert (value.text, value.kind) == ("", Kind.NULL)


def test_key_that_looks_like_nothing_keeps_its_text(parser: Parser) -> None:
    root = _good("null: 1\n~: 2\n", parser)
    assert isinstance(root, Mapping)
    assert [key.text for key, _ in root] == ["null", "~"]


def test_standard_tags_are_accepted(parser: Parser) -> None:
    root = _good("a: !!str 5\nb: !!int '5'\nc: !!map {x: 1}\nd: !!seq [1]\ne: ! yes\nf: !!int x\n", parser)
    kinds = [_value(root, key).kind for key in "abef"]
    assert kinds == [Kind.STRING, Kind.INTEGER, Kind.STRING, Kind.STRING]


def test_aliases_stand_for_their_anchors(parser: Parser) -> None:
    root = _good("a: &x [1, 2]\nb: *x\nc: &x 3\nd: *x\n", parser)
    assert _plain(root) == {"a": ["1", "2"], "b": ["1", "2"], "c": "3", "d": "3"}


def test_merge_keys_bring_in_what_is_not_there(parser: Parser) -> None:
    text = "base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: 4}\none: {<<: *b, x: 9}\ntwo: {<<: [*m, *b]}\nthree: {'<<': q}\n"
    plain = _plain(_good(text, parser))
    assert plain["one"] == {"x": "9", "y": "2"}
    assert plain["two"] == {"y": "3", "z": "4", "x": "1"}
    assert plain["three"] == {"<<": "q"}


REFUSED = [
    pytest.param("a: 1\nb: 2\na: 3\n", codes.DUPLICATE_KEY, 3, 1, "duplicate key 'a'", id="duplicate key"),
    pytest.param("a: 1\n---\nb: 2\n", codes.SECOND_DOCUMENT, 2, 1, "second document", id="second document"),
    pytest.param("a: &x [*x]\n", codes.CYCLIC_ALIAS, 1, 8, "'*x'", id="cycle"),
    pytest.param("a: *x\n", codes.UNKNOWN_ALIAS, 1, 4, "'&x'", id="alias without anchor"),
    pytest.param("a: *.txt\n", codes.UNKNOWN_ALIAS, 1, 4, "quote it", id="text that begins with a star"),
    pytest.param("a: !!python/object/apply:os.system [x]\n", codes.TAG, 1, 4, "!!python/object", id="python tag"),
    pytest.param("a: !Ref x\n", codes.TAG, 1, 4, "'!Ref'", id="own tag"),
    pytest.param("a: !x!y b\n", codes.TAG, 1, 4, "'!x!y'", id="undeclared tag handle"),
    pytest.param("a: !!binary aGk=\n", codes.TAG, 1, 4, "!!binary", id="binary tag"),
    pytest.param("? [a]\n: b\n", codes.KEY_NOT_TEXT, 1, 3, "not a list", id="list as a key"),
    pytest.param("? {a: b}\n: b\n", codes.KEY_NOT_TEXT, 1, 3, "not a mapping", id="mapping as a key"),
    pytest.param("a: {<<: b}\n", codes.MERGE, 1, 9, "'<<'", id="merge of a text"),
    pytest.param("a:\n\t- b\n", codes.TAB, 2, 1, "tab", id="tab before an item"),
    pytest.param("a:\n  b: 1\n\tc: 2\n", codes.TAB, 3, 1, "tab", id="tab before a key"),
    pytest.param("a: |\n\tfoo\n", codes.TAB, 2, 1, "tab", id="tab in a block"),
    pytest.param("", codes.EMPTY, 1, 1, "empty", id="no bytes"),
    pytest.param("# only\n", codes.EMPTY, 1, 1, "empty", id="a comment alone"),
    pytest.param("---\n", codes.EMPTY, 1, 1, "empty", id="a marker alone"),
    pytest.param("a: {{ Host }}\n", codes.UNQUOTED_EXPRESSION, 1, 4, "quote it", id="expression"),
    pytest.param("a:\n  - {{ Host }}\n", codes.UNQUOTED_EXPRESSION, 2, 5, "quote it", id="expression in a list"),
    pytest.param("a: {{ Dir }}/x\n", codes.UNQUOTED_EXPRESSION, 1, 4, "quote it", id="text after an expression"),
    pytest.param("a: {{ b.S.outputs[0].x }}\n", codes.UNQUOTED_EXPRESSION, 1, 4, "quote it", id="index"),
    pytest.param("a: [{{ Host }}, b]\n", codes.UNQUOTED_EXPRESSION, 1, 5, "quote it", id="expression in brackets"),
    pytest.param('a: "C:\\Temp"\n', codes.ESCAPE, 1, 7, "single quotes", id="windows path"),
    pytest.param('a: "C:\\Users"\n', codes.ESCAPE, 1, 7, "single quotes", id="hexadecimal escape"),
    pytest.param('- echo Done: "yes" more\n', codes.UNQUOTED_TEXT, 1, 20, "quote", id="text after quotes"),
    pytest.param('- "a" && b\n', codes.UNQUOTED_TEXT, 1, 8, "quote", id="ampersand after quotes"),
    pytest.param("- echo a: b: c\n", codes.UNQUOTED_TEXT, 1, 12, "quote", id="two colons"),
    pytest.param("a: @x\n", codes.UNQUOTED_TEXT, 1, 4, "'@'", id="at sign"),
    pytest.param("a: `x`\n", codes.UNQUOTED_TEXT, 1, 4, "'`'", id="backtick"),
    pytest.param("a: %x\n", codes.UNQUOTED_TEXT, 1, 4, "'%'", id="percent"),
    pytest.param('a: "x\n', codes.SYNTAX, 1, 4, "never closed", id="open quote"),
    pytest.param("a: [b\n", codes.SYNTAX, 1, 4, "never closed", id="open bracket"),
    pytest.param("a: {b: c\n", codes.SYNTAX, 1, 4, "never closed", id="open brace"),
    pytest.param("a: [b}\n", codes.SYNTAX, 1, 6, "']'", id="wrong bracket"),
    pytest.param("a: - b\n", codes.SYNTAX, 1, 4, "line of its own", id="list beside its key"),
    pytest.param("a: | x\n", codes.SYNTAX, 1, 6, "next line", id="text beside a bar"),
    pytest.param("a: 1\n b: 2\n", codes.SYNTAX, 2, 3, "does not fit", id="indented key"),
    pytest.param("- a\nb: c\n", codes.SYNTAX, 2, 1, "list that begins in line 1", id="key in a list"),
    pytest.param("a: b\n- c\n", codes.SYNTAX, 2, 1, "mapping that begins in line 1", id="item in a mapping"),
    pytest.param("[a]\nb\n", codes.SYNTAX, 2, 1, "does not belong", id="text after the root"),
    pytest.param("a: ]\n", codes.SYNTAX, 1, 4, "not ']'", id="stray bracket"),
    pytest.param("%YAML 2.0\n---\na: b\n", codes.SYNTAX, 1, 1, "directive", id="YAML 2"),
    pytest.param("a: " + "[" * 70, codes.TOO_DEEP, 1, 67, "64", id="deep"),
]


@pytest.mark.parametrize(("text", "code", "line", "column", "part"), REFUSED)
def test_fault_is_one_problem_at_its_place(
    parser: Parser, text: str, code: str, line: int, column: int, part: str
) -> None:
    problem = _bad(text, parser)
    assert (problem.code, problem.line, problem.column) == (code, line, column)
    assert part in problem.message + problem.hint
    assert problem.source_line == (text.split("\n")[line - 1] if text else "")


@pytest.mark.parametrize(
    ("data", "code", "line", "column"),
    [
        (b"a: 1\nb: \xff\n", codes.ENCODING, 2, 4),
        (b"\xff\xfe\x00bad\xd8", codes.ENCODING, 1, 3),
        (b"\xff\xfea", codes.ENCODING, 1, 1),
        (b"\xc3\xa4: \xc3", codes.ENCODING, 1, 4),
        (b"a: \x00\n", codes.CONTROL_CHARACTER, 1, 4),
        (b"a: 1\nb: \x1b[0m\n", codes.CONTROL_CHARACTER, 2, 4),
        ("ä: \x7f\n".encode(), codes.CONTROL_CHARACTER, 1, 4),
        (b"\xff\xfe\x00\x00a\x00\x00\x00", codes.CONTROL_CHARACTER, 1, 1),
    ],
)
def test_bytes_that_are_no_text_are_refused(data: bytes, code: str, line: int, column: int) -> None:
    problem = _bad(data)
    assert (problem.code, problem.line, problem.column) == (code, line, column)


def test_half_a_surrogate_pair_is_refused_by_both_parsers(parser: Parser) -> None:
    assert _bad('a: "\\ud800"\n', parser).line == 1


def test_escape_of_no_character_is_a_problem(parser: Parser) -> None:
    assert _bad('a: "\\UFFFFFFFF"\n', parser).code in (codes.ESCAPE, codes.SYNTAX)


def test_duplicate_keys_are_all_reported_and_the_first_counts() -> None:
    root, problems = parse_yaml(b"a: 1\na: 2\nb: {c: 1, c: 2}\na: 3\n", "doc.yml")
    assert [(problem.line, problem.column) for problem in problems] == [(2, 1), (3, 11), (4, 1)]
    assert root is not None
    assert _plain(root) == {"a": "1", "b": {"c": "1"}}
    assert "line 1" in problems[0].hint


def test_unquoted_expression_is_taken_as_text() -> None:
    root, problems = parse_yaml(b"a: {{ Host }}\nb: [1]\na: 2\n", "doc.yml")
    assert [problem.code for problem in problems] == [codes.UNQUOTED_EXPRESSION, codes.DUPLICATE_KEY]
    assert root is not None
    assert _plain(root) == {"a": "{{ Host }}", "b": ["1"]}


def test_problems_before_a_fault_of_syntax_are_kept() -> None:
    root, problems = parse_yaml(b"a: {b: 1, b: 2}\nc: [\n", "doc.yml")
    assert root is None
    assert [problem.code for problem in problems] == [codes.DUPLICATE_KEY, codes.SYNTAX]


def test_braces_inside_quotes_are_not_taken_for_an_unquoted_expression() -> None:
    assert _bad('a: "b: {{ c }}" d\n').code == codes.UNQUOTED_TEXT


def test_source_line_of_a_long_line_holds_the_fault() -> None:
    problem = _bad("a: '" + "x" * 5000 + "' y" + "z" * 5000 + "\n")
    assert len(problem.source_line) == 200
    assert "x' yz" in problem.source_line


def test_file_of_more_than_16_mib_is_refused() -> None:
    assert _bad(b"#" * (16 * 2**20 + 1)).code == codes.TOO_LARGE
    assert _bad(b"#" * 16 * 2**20).code == codes.EMPTY


def test_depth_counts_what_aliases_stand_for(parser: Parser) -> None:
    text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 80))
    problem = _bad(text, parser)
    assert (problem.code, problem.line) == (codes.TOO_DEEP, 64)


def test_aliases_are_bounded_by_what_they_stand_for(parser: Parser) -> None:
    text = "a: &a [" + "x, " * 999 + "x]\n" + "".join(f"b{n}: *a\n" for n in range(200))
    problem = _bad(text, parser)
    assert (problem.code, problem.line) == (codes.EXPLODING_ALIAS, 101)


def test_many_small_aliases_are_fine() -> None:
    text = "a: &a {x: 1}\nb:\n" + "  - *a\n" * 20_000
    assert len(_plain(_good(text))["b"]) == 20_000
