"""`--parameters`: where a value ends, JSON, and what is said of slips."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from forked_toe import toe_says
from hypothesis import given
from hypothesis import strategies as st

from toe.cli.order import split_parameters
from toe.document.declarations import list_of
from toe.errors import ToeError
from toe.session.given import bound

DOCUMENT = """schemaVersion: 1.0
parameters: [{A: {type: string}}, {B: {type: string, default: none}}, {Ls: {type: stringList, default: [x]}}]
phases:
  - name: build
    steps:
      - {name: Texts, action: CreateFile, inputs: {path: out, content: "{{ A }}|{{ B }}"}}
      - name: Items
        action: ExecuteBash
        loop: {forEach: ["{{ Ls }}"]}
        inputs: {commands: ['echo "{{ loop.value }}" >> items']}
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    Path("a.yml").write_text(DOCUMENT)
    return toe_says("run", "a.yml", *arguments)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A=dc=example,dc=com,B=2", "dc=example,dc=com|2"),
        ("A=x, y = z,B=2", "x, y = z|2"),
        ("A=1, B=2", "1|2"),
        ("A=a=b,c,,d=", "a=b,c,,d=|none"),
        ("B=,A=", "|"),
        ('[{"name": "A", "value": "x,B=y"}, {"name": "B", "value": 1.10}]', "x,B=y|1.10"),
        ('{"A": true, "B": 1e3}', "true|1e3"),
        (' {"A": "ä\\n"}', "ä\n|none"),
    ],
)
def test_a_comma_belongs_to_the_value_unless_a_declared_name_follows(text: str, values: str) -> None:
    done = run("--parameters", text)
    assert done.returncode == 0, done.stderr
    assert Path("out").read_text() == values
    assert "warning" not in done.stderr


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Ls=", []),
        ("Ls=a,b", ["a", "b"]),
        ("Ls=a,b=c", ["a", "b=c"]),
        ('Ls=["a,b", "c"],B=2', ["a,b", "c"]),
        ("Ls=[1, 1.50, true]", ["1", "1.50", "true"]),
        ("Ls=[]", []),
        ("Ls=[a]", ["[a]"]),
        ('{"Ls": ["a,b", 2]}', ["a,b", "2"]),
        ('[{"name": "Ls", "value": []}]', []),
    ],
)
def test_a_string_list_is_given_by_commas_or_by_json(text: str, items: list[str]) -> None:
    done = run("--parameters", text, "--parameters", "A=x")
    assert done.returncode == 0, done.stderr
    assert (Path("items").read_text().splitlines() if Path("items").exists() else []) == items


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--parameters", "A = x"], "write it as A=value"),
        (["--parameters", "A=1,B = 2"], "write it as B=value"),
        (["--parameters", "A", "=", "x"], "A=value (blanks around '=' split it)"),
        (["--parameters", "A", "=x"], "A=value (blanks around '=' split it)"),
        (["--parameters", "A=", "x"], "a blank behind '=' splits it: A=x"),
        (["--parameters", "A=1", "--parameters", '{"A": "2"}'], "the parameter 'A' is given twice"),
        (["--parameters", '{"A": "1", "A": "2"}'], "'A' is given twice"),
        (["--parameters", '[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]'], "'A' is given twice"),
        (["--parameters", '{"A": null}'], "the value of 'A' is null"),
        (["--parameters", '{"A": {"b": 1}}'], "a text or a list of texts"),
        (["--parameters", '{"Ls": ["a", null]}'], "the value of 'Ls' is null"),
        (["--parameters", '{"A": NaN}'], "NaN is no number"),
        (["--parameters", "{A:b}"], "a shell takes quotes away"),
        (["--parameters", '[{"name": "A"}]'], "a parameter has 'name' and 'value'"),
    ],
)
def test_slips_are_explained_and_nothing_runs(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not Path("out").exists()


def test_a_name_that_begins_the_text_and_nobody_declares_is_a_warning() -> None:
    done = run("--parameters", "Typo=1", "--parameters", "A=1,Bs=2")
    assert done.returncode == 0
    assert "no document declares the parameter 'Typo'" in done.stderr
    assert "',Bs=' is taken as a part of the value of 'A': no document declares 'Bs' (did you mean 'B'?)" in done.stderr
    assert Path("out").read_text() == "1,Bs=2|none"


def test_a_warning_tells_nothing_of_a_masked_value() -> None:
    done = run("--parameters", "A=s3cret,Bs=x", "--mask", "A")
    assert done.returncode == 0
    assert "Bs" not in done.stderr


@pytest.mark.parametrize("text", ["\\ud800", "a\\u0000b"])
@pytest.mark.parametrize("key", ["logDirectory", "stateDirectory", "executionId", "phases", "documents"])
def test_what_is_no_text_is_refused_in_json(key: str, text: str) -> None:
    value = f'[{{"path": "{text}"}}]' if key == "documents" else f'"{text}"'
    rest = "" if key == "documents" else ', "documents": [{"path": "a.yml"}]'
    Path("c.json").write_text(f'{{"{key}": {value}{rest}}}')
    Path("a.yml").write_text(DOCUMENT)
    for arguments in (["-c", "c.json"], ["a.yml", "--parameters", f'{{"A": "{text}"}}']):
        command = [sys.executable, "-m", "toe", "run", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 2
        assert "holds what is no character of a text" in done.stderr
    assert not Path("out").exists()


def test_numbers_of_a_config_file_keep_their_text() -> None:
    Path("c.json").write_text('{"documents": [{"path": "a.yml", "parameters": [{"name": "A", "value": 1.10}]}]}')
    Path("a.yml").write_text(DOCUMENT)
    command = [sys.executable, "-m", "toe", "run", "-c", "c.json"]
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0
    assert Path("out").read_text() == "1.10|none"


NAMES = st.sampled_from(["A", "B", "Ls"])
#: A command line can hold neither a U+0000 nor half a character.
VALUES = st.text(st.characters(exclude_characters=",\0", exclude_categories=["Cs"]), max_size=8)


@given(values=st.dictionaries(NAMES, VALUES))
def test_json_and_commas_give_the_same_values(values: dict[str, str]) -> None:
    written = ",".join(f"{name}={value}" for name, value in values.items())
    assert bound(split_parameters([written] if values else []), {"A", "B", "Ls"}).values == values
    assert bound(split_parameters([json.dumps(values)]), {"A", "B", "Ls"}).values == values


@given(text=st.text(max_size=30))
def test_any_text_is_split_or_refused(text: str) -> None:
    with contextlib.suppress(ToeError):
        bound(split_parameters([text]), {"A", "B"})


@given(items=st.lists(st.text(max_size=5)))
def test_a_json_list_is_the_list(items: list[str]) -> None:
    assert list_of(json.dumps(items)) == tuple(items)
