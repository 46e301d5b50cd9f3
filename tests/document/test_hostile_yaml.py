"""Whatever the bytes, reading ends soon, in little memory, with an answer and not an exception."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toe import codes
from toe.document.loader import PythonParser, parse_yaml
from toe.nodes import Kind, Mapping, Node, Scalar, Sequence

SIZE = 5_000_000
SECONDS = 30
MIBIBYTES = 1500

HOSTILE = {
    "brackets": "b'[' * SIZE",
    "brackets on lines": "b'[\\n' * (SIZE // 2)",
    "braces": "b'{' * SIZE",
    "nested flow mappings": "b'{a: ' * (SIZE // 4)",
    "question marks in flow": "b'[? ' * (SIZE // 3)",
    "nested dashes": "b'- ' * (SIZE // 2)",
    "nested question marks": "b'? ' * (SIZE // 2)",
    "nested blocks": "b''.join(b' ' * i + b'a:\\n' for i in range(3000))",
    "flat list": "b'[' + b'a,' * (SIZE // 2) + b']'",
    "flat list of keys": "b'{' + b'a: b,' * (SIZE // 5) + b'}'",
    "empty lists": "b'[' + b'[],' * (SIZE // 3) + b']'",
    "duplicate keys": "b'a: b\\n' * (SIZE // 5)",
    "open quote": "b'\"' + b'a\\n' * (SIZE // 2)",
    "unknown escapes": "b'\"' + b'\\\\q' * (SIZE // 2)",
    "anchors": "b''.join(b'- &a%d x\\n' % i for i in range(300_000))",
    "tag directives": "b''.join(b'%%TAG !a%d! tag:x\\n' % i for i in range(200_000)) + b'--- x\\n'",
    "tag directives after a comment": "b'#\\n' + b''.join(b'%%TAG !a%d! tag:x\\n' % i for i in range(200_000))",
    "directives of a second document": "b'a: b\\n...\\r' + b''.join(b'%%TAG !a%d! x\\r' % i for i in range(200_000))",
    "long plain text": "b'a' * SIZE",
    "long anchor": "b'&' + b'a' * SIZE + b' x'",
    "line ends": "b'\\n' * SIZE",
    "other line ends": "b'a:\\n' + b'\\r' * SIZE + b' ]'",
    "control character at the end": "b'\\n' * SIZE + b'\\x00'",
    "broken text at the end": "b'\\n' * SIZE + b'\\xff'",
    "documents": "b'---\\n' * (SIZE // 4)",
    "unquoted expressions": "b'- {{ a }}\\n' * (SIZE // 10)",
    "one long line of expressions": "b'[' + b'{{a}}, ' * (SIZE // 7) + b'}'",
    "unknown tags": "b'- !x y\\n' * (SIZE // 7)",
    "nulls": "b'\\x00' * SIZE",
    "aliases of a list": "b'a: &a [' + b'x,' * 90_000 + b']\\nb: [' + b'*a,' * 1_000_000 + b']'",
    "aliases of aliases": "b'a0: &a0 [x]\\n' + b''.join(b'a%d: &a%d [*a%d,*a%d]\\n' % (i, i, i - 1, i - 1) "
    "for i in range(1, 5000))",
    "merges": "b'a: &a {' + b','.join(b'k%d: v' % i for i in range(9_000)) + b'}\\nb:\\n' + b'- {<<: *a}\\n' * 100_000",
}
#: They take most of the time, and others are like them.
LONGEST = {"unknown tags", "unquoted expressions", "flat list of keys", "empty lists", "anchors"}
LONGEST |= {"one long line of expressions"}

CHILD = """
import sys
from toe.document.loader import parse_yaml
SIZE = {size}
data = {data}
root, problems = parse_yaml(data, "doc.yml")
with open("/proc/self/status") as status:
    peak = next(line for line in status if line.startswith("VmHWM")).split()[1]
print(root is not None, len(problems), peak)
"""


@pytest.mark.parametrize(
    "data",
    [pytest.param(data, id=name, marks=pytest.mark.slow if name in LONGEST else ()) for name, data in HOSTILE.items()],
)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.skipif(not yaml.__with_libyaml__, reason="the parser in Python takes its time")
def test_hostile_yaml_ends_in_bounded_time_and_memory(data: str) -> None:
    code = CHILD.format(size=SIZE, data=data)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    found, problems, peak = ended.stdout.split()
    assert found == "True" or int(problems) >= 1
    assert int(problems) <= 101
    assert int(peak) < MIBIBYTES * 1024


PIECES = (
    "a: b\n", "- ", "- x\n", "  ", "\t", "\n", "{{ x }}", "{", "}", "[", "]", ",", ": ", "'", '"', "&a ", "*a", "<<: ",
    "!!str ", "!x ", "---\n", "...\n", "|\n", ">-\n", "# c\n", "%TAG ! x\n", "? ", "\\U", "\\x", "key", "0777", "ä",
    "\ufeff", "\u2028", "\x85", "\r", "@", "`", "%", "\x00",
)  # fmt: skip

texts = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
quick = settings(max_examples=400, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _check_answer(data: bytes) -> None:
    for parser in (None, PythonParser):
        root, problems = parse_yaml(data, "doc.yml", parser=parser)
        assert root is not None or problems
        for problem in problems:
            assert problem.message
            assert problem.code.startswith("TOE1")
            assert problem.code in codes.CODES
            assert problem.file == "doc.yml"
            assert problem.line >= 1
            assert problem.column >= 1
            assert str(problem).encode()


@quick
@given(st.binary(max_size=200))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    _check_answer(data)


@quick
@given(texts, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_any_text_gets_an_answer(text: str, encoding: str) -> None:
    _check_answer(text.encode(encoding))


VALID = """\
name: Doc
schemaVersion: 1.0
parameters:
  - Host: {type: string, default: "h"}
phases:
  - name: build
    steps:
      - name: One
        action: ExecuteBash
        if: {not: {fileExists: /x}}
        loop: {name: L, for: {start: 1, end: 3, updateBy: 1}}
        inputs:
          commands:
            - |
              echo a
            - 'echo {{ L.value }}'
"""


@quick
@given(st.integers(), st.integers(1, 6))
def test_any_mutation_of_a_document_gets_an_answer(seed: int, changes: int) -> None:
    chosen = random.Random(seed)
    text = VALID
    for _ in range(changes):
        start = chosen.randrange(len(text))
        end = start + chosen.randrange(3)
        text = text[:start] + chosen.choice(PIECES) + text[end:]
    _check_answer(text.encode())


def _dump(node: Node) -> object:
    place = (node.line, node.column, node.end_line, node.end_column)
    if isinstance(node, Scalar):
        return place, node.text, node.kind, node.style
    if isinstance(node, Sequence):
        return place, [_dump(item) for item in node.items]
    assert isinstance(node, Mapping)
    return place, [(_dump(key), _dump(value)) for key, value in node]


scalars = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8) | st.sampled_from(PIECES)
trees = st.recursive(
    scalars | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(scalars, inner, max_size=3),
    max_leaves=12,
)


@quick
@given(trees, st.sampled_from([True, False, None]), st.booleans())
@pytest.mark.skipif(not yaml.__with_libyaml__, reason="compares the two parsers")
def test_both_parsers_give_the_same_tree(tree: object, flow: bool | None, unicode: bool) -> None:
    data = yaml.safe_dump({"root": tree}, default_flow_style=flow, allow_unicode=unicode).encode()
    root, problems = parse_yaml(data, "doc.yml")
    other, other_problems = parse_yaml(data, "doc.yml", parser=PythonParser)
    assert [problem.code for problem in problems] == [problem.code for problem in other_problems]
    if root is not None and other is not None:
        assert _dump(root) == _dump(other)


_resolved: Callable[..., str] = yaml.SafeLoader("").resolve
_KINDS = {
    "int": Kind.INTEGER, "float": Kind.FLOAT, "bool": Kind.BOOLEAN, "null": Kind.NULL, "timestamp": Kind.TIMESTAMP,
}  # fmt: skip


plain_texts = st.from_regex(re.compile(r"[-+.0-9a-z~=<][-+.:_0-9eExXbTZ]{0,12}"), fullmatch=True)


@settings(max_examples=500, deadline=None)
@given(plain_texts)
def test_kinds_are_those_of_pyyaml(text: str) -> None:
    _check_kind(text)


@pytest.mark.slow
@settings(max_examples=3000, deadline=None)
@given(plain_texts)
def test_kinds_of_many_texts_are_those_of_pyyaml(text: str) -> None:
    _check_kind(text)


def _check_kind(text: str) -> None:
    from toe.document.scalars import kind_of_plain

    tag = _resolved(yaml.ScalarNode, text, (True, False)).rpartition(":")[2]
    assert kind_of_plain(text) is _KINDS.get(tag, Kind.STRING)
