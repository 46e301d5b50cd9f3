"""What `toe run` does and warns about: it is seldom meant."""

from __future__ import annotations

import json
from pathlib import Path

from forked_toe import toe_says

DOCUMENT = """schemaVersion: 1.0
parameters: [{{Name: {{type: string, default: x}}}}]
phases: [{{name: build, steps: [{}]}}]
"""
STEP = "{name: One, action: ExecuteBash, inputs: {commands: ['echo {{ Name }} >> ran']}}"


def write(name: str, step: str = STEP) -> None:
    Path(name).write_text(DOCUMENT.format(step))


def warnings_of(*arguments: str) -> list[str]:
    done = toe_says("run", "--quiet", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


def test_a_document_that_is_named_twice_runs_twice_with_one_warning() -> None:
    write("a.yml")
    warning = "toe: warning: {} is named more than once, and runs each time"
    assert warnings_of("a.yml", "a.yml", "a.yml") == [warning.format("a.yml")]
    assert Path("ran").read_text() == "x\n" * 3
    assert warnings_of("a.yml", "./a.yml") == [warning.format("./a.yml")]


def test_a_document_with_other_parameters_is_other_work() -> None:
    write("a.yml")
    documents = [{"path": "a.yml", "parameters": [{"name": "Name", "value": value}]} for value in "ab"]
    Path("config.json").write_text(json.dumps({"documents": documents}))
    assert warnings_of("--config", "config.json") == []
    assert Path("ran").read_text() == "a\nb\n"


def test_a_parameter_that_a_nested_document_does_not_declare_is_a_warning() -> None:
    write("inner.yml")
    inputs = "{document: inner.yml, parameters: [{name: Nam, value: y}]}"
    write("outer.yml", f"{{name: Calls, action: ExecuteDocument, inputs: {inputs}}}")
    (warning,) = warnings_of("outer.yml")
    assert warning.startswith("toe: warning: outer.yml:3:")
    assert warning.endswith("'inner.yml' declares no parameter 'Nam' (did you mean 'Name'?)")
    assert Path("ran").read_text() == "x\n"
