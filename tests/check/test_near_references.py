from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import toe
from toe.check.explanations import explanation_text
from toe.errors import Problem, Severity

Check = Callable[..., list[Problem]]

DOCUMENT = """\
schemaVersion: 1.0
parameters: [{{Name: {{type: string, default: x}}}}]
phases:
  - name: build
    steps:
      - {{name: Get, action: ExecuteBash, inputs: {{commands: ['echo "{{{{ Name }}}}"']}}}}
      - name: Each
        action: ExecuteBash
        loop: {{name: Hosts, forEach: [a]}}
        inputs: {{commands: ['{}']}}
      - {{name: Plain, action: ExecuteBash, inputs: {{commands: ['{}']}}}}
"""


def _found(check: Check, *, looped: str = "true", plain: str = "true") -> list[tuple[str, str]]:
    return [(problem.code, problem.message) for problem in check(DOCUMENT.format(looped, plain))]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("build.Get.output.stdout", "build.Get.outputs.stdout"),
        ("build.Get.Outputs.stdout", "build.Get.outputs.stdout"),
        ("build.Get.stdout", "build.Get.outputs.stdout"),
        ("build.Get.outputs", "build.Get.outputs.stdout"),
        ("build.Get", "build.Get.outputs.stdout"),
        ("build.Gett.output[0].stdout", "build.Get.outputs[0].stdout"),
        ("build.Get.outputs.stdout | trim", "build.Get.outputs.stdout"),
        ("build.Get.input[0].commands[0]", "build.Get.inputs[0].commands[0]"),
        ("Get.outputs.stdout", "build.Get.outputs.stdout"),
        ("Get.value", "build.Get.outputs.value"),
    ],
)
def test_text_that_begins_with_a_phase_or_a_step_is_an_error(check: Check, written: str, meant: str) -> None:
    ((code, message),) = _found(check, plain=f"echo {{{{ {written} }}}}")
    assert code == "TOE312"
    assert message.endswith(f"(did you mean '{{{{ {meant} }}}}'?)")


def test_phase_with_an_unknown_step_is_an_error_without_a_suggestion(check: Check) -> None:
    found = _found(check, plain="echo {{ build.number }}")
    assert found == [("TOE312", "'{{ build.number }}' is no expression, and begins with the phase 'build'")]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("loop.valu", "loop.value"),
        ("loop.idx", "loop.index"),
        ("Hosts.Value", "Hosts.value"),
        ("Loop.index", "loop.index"),
    ],
)
def test_misspelt_loop_reference_is_an_error(check: Check, written: str, meant: str) -> None:
    ((code, message),) = _found(check, looped=f"echo {{{{ {written} }}}}")
    assert code == "TOE312"
    assert message.endswith(f"(did you mean '{{{{ {meant} }}}}'?)")


def test_misspelt_loop_reference_is_an_error_without_a_loop_too(check: Check) -> None:
    found = _found(check, plain="echo {{ loop.valu }}")
    assert found == [("TOE312", "'{{ loop.valu }}' is no expression, and this step has no loop")]


@pytest.mark.parametrize(
    "written",
    ["{{ loop.first }}", "{{ item.name }}", "{{ .Names }}", "{{ a | b }}", "{{ builder.x.y }}", "{{ .name }}"],
)
def test_text_of_other_templates_stays_information(check: Check, written: str) -> None:
    ((code, _),) = _found(check, plain=f"echo {written}")
    assert code == "TOE307"


@pytest.mark.parametrize(
    "written", ["{{ .Name }}", "{{.Name}}", "{{- .Name -}}", "{{ $Name }}", "{{ parameters.Name }}", "{{ var.Name }}"]
)
def test_declared_name_in_the_form_of_another_tool_is_a_warning(check: Check, written: str) -> None:
    (problem,) = check(DOCUMENT.format("true", f"echo {written}"))
    assert (problem.code, problem.severity) == ("TOE311", Severity.WARNING)
    assert problem.message == f"'{written}' stays as it is: the value of 'Name' is written '{{{{ Name }}}}'"


def test_hint_for_a_literal_text_works(check: Check, run_document: Any) -> None:
    (problem,) = check(DOCUMENT.format("true", "echo {{ item }}"))
    assert problem.code == "TOE301"
    text = "{{ Open }} item }}"
    assert f"declare a constant 'Open' that holds '{{{{', and write '{text}'" in problem.hint
    assert text in (explanation_text("TOE301") or "").replace("name", "item")
    document = DOCUMENT.format("true", f'echo "{text}"') + "constants: [{Open: {type: string, value: '{{'}}]\n"
    assert check(document) == []
    result = run_document(document)
    assert result.documents[0].phases[0].steps[2].outputs[0]["stdout"] == "{{ item }}"


@pytest.mark.parametrize("given", ["host", "Hots", "Hos"])
def test_missing_parameter_is_told_with_the_name_that_was_given(run_document: Any, given: str) -> None:
    text = DOCUMENT.format("true", "true").replace("string, default: x", "string").replace("Name", "Host")
    with pytest.raises(toe.ToeError) as caught:
        run_document(text, parameters={given: "x"})
    said = f"no value was given; '{given}' was given, which the document does not declare"
    assert said in caught.value.problems[0].message


def test_name_that_became_a_part_of_a_value_is_told_with_the_missing_parameter(tmp_path: Path) -> None:
    text = DOCUMENT.format("true", "true").replace("string, default: x", "string")
    (tmp_path / "doc.yml").write_text(text + "constants: {Unused: {type: string, value: x}}\n")
    command = [sys.executable, "-m", "toe", "run", "doc.yml", "--parameters", "Other=x,nane=y"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "'nane' was given, which the document does not declare" in done.stderr


def test_nested_document_without_its_parameter_is_told_with_the_name_that_was_given(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("inner.yml").write_text(DOCUMENT.format("true", "true").replace("string, default: x", "string"))
    inputs = "{document: inner.yml, parameters: [{name: name, value: x}]}"
    messages = [problem.message for problem in check(f"- {{name: A, action: ExecuteDocument, inputs: {inputs}}}\n")]
    said = "'inner.yml' requires the parameter 'Name'; 'name' was given, which the document does not declare"
    assert said in messages


def test_missing_parameter_is_told_alone_when_no_name_is_near(run_document: Any) -> None:
    text = DOCUMENT.format("true", "true").replace("string, default: x", "string")
    with pytest.raises(toe.ToeError) as caught:
        run_document(text, parameters={"Other": "x"})
    assert caught.value.problems[0].message.endswith("no value was given")
