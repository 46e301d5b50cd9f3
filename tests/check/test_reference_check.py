from __future__ import annotations

from collections.abc import Callable

import pytest

from toe.aws.imds import holds_credentials
from toe.errors import Problem, Severity

Check = Callable[..., list[Problem]]

CHAIN = """\
- name: First
  action: ExecuteBash
  inputs:
    commands:
      - echo one
- name: Second
  action: ExecuteBash
  inputs:
    commands:
      - {}
"""


def _codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("{{ build.First.outputs.stdout }}", None),
        ("{{ build.First.inputs[0].commands[0] }}", None),
        ("{{build.Frist.outputs.stdout}}", "TOE302"),
        ("{{ biuld.First.outputs.stdout }}", "TOE302"),
        ("{{ build.Second.outputs.stdout }}", "TOE303"),
        ("{{ Host }}", "TOE301"),
        ("{{ aws:ssm:resolve(Host) }}", "TOE301"),
        ("{{ aws:ssm:/path/x }}", None),
        ("{{ aws:ssm:Host }}", None),
        ("{{ aws:ssm:resolve(aws:ssm:Host) }}", None),
        ("{{ env:HOME }}", None),
        ("{{ context:osPlatform }}", None),
        ("{{ context:osplatform }}", "TOE305"),
        ("{{ aws:imds:instance-id }}", None),
        ("{{ aws:imds:iam/info }}", "TOE306"),
        ("{{ loop.value }}", "TOE308"),
        ("{{ .Names }}", "TOE307"),
        ("{{ build.First.outputs.stdout' ]; then", None),
    ],
)
def test_reference_is_judged(check: Check, expression: str, code: str | None) -> None:
    quoted = "'" + expression.replace("'", "''") + "'"
    assert _codes(check(CHAIN.format(quoted))) == ([code] if code else [])


def test_reference_suggests_the_nearest_step(check: Check) -> None:
    (problem,) = check(CHAIN.format("'{{ build.Frist.outputs.stdout }}'"))
    assert problem.message == "unknown step 'Frist' in phase 'build' (did you mean 'First'?)"


def test_reference_to_a_parameter_or_constant_is_right(check: Check) -> None:
    document = (
        "schemaVersion: 1.0\n"
        "parameters: {Host: {type: string, default: a}}\n"
        "constants: [{Port: {type: string, value: 1}}]\n"
        "phases: [{name: build, steps: [{name: A, action: ExecuteBash, inputs: {commands: ['{{Host}}:{{Port }}']}}]}]\n"
    )
    assert check(document) == []


@pytest.mark.parametrize(
    ("command", "line", "column"),
    [
        ("echo {{ Nope }}", 14, 20),
        ("'echo {{ Nope }}'", 14, 21),
        ("'it''s {{ Nope }}'", 14, 22),
        ('"a\\tb {{ Nope }}"', 14, 21),
        ("|\n                first\n                second {{ Nope }}\n                {{ Nope }}", 16, 24),
        (">\n                first\n                second {{ Nope }}", 16, 24),
        ("first\n                second {{ Nope }}", 15, 24),
    ],
)
def test_reference_is_reported_where_it_stands(check: Check, command: str, line: int, column: int) -> None:
    document = (
        "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n"
        "      - name: First\n        action: ExecuteBash\n        inputs:\n          commands:\n            - a\n"
        f"      - name: Second\n        action: ExecuteBash\n        inputs:\n          commands:\n"
        f"            - {command}\n"
    )
    problem = check(document)[0]
    assert (problem.code, problem.line, problem.column) == ("TOE301", line, column)
    assert problem.end_column == column + len("{{ Nope }}")
    assert problem.source_line[column - 1 :].startswith("{{ Nope }}")


def test_reference_to_a_phase_that_is_not_selected_is_an_error(check: Check) -> None:
    document = (
        "phases:\n"
        "  - {name: build, steps: [{name: A, action: ExecuteBash, inputs: {commands: [a]}}]}\n"
        "  - {name: test, steps: [{name: B, action: ExecuteBash, inputs: {commands: ['{{build.A.outputs.x}}']}}]}\n"
    )
    assert check(document) == []
    assert _codes(check(document, phases=("test",))) == ["TOE304"]
    assert check(document, phases=("build",)) == []
    assert check(document, phases=("build", "test")) == []


def test_reference_in_a_condition_and_in_for_each_is_checked(check: Check) -> None:
    condition = "- {name: A, action: UpdateOS, if: {stringEquals: '{{ X }}', value: '{{ Y }}'}}\n"
    assert _codes(check(condition)) == ["TOE301", "TOE301"]
    for_each = "- {name: A, action: UpdateOS, loop: {forEach: ['{{ X }}']}}\n"
    assert _codes(check(for_each)) == ["TOE301"]
    split = "- {name: A, action: UpdateOS, loop: {forEach: {list: '{{ X }}'}}}\n"
    assert _codes(check(split)) == ["TOE301"]


def test_reference_to_the_own_loop_by_name_is_right(check: Check) -> None:
    step = (
        "- name: A\n  action: ExecuteBash\n  loop: {name: Hosts, forEach: [a]}\n"
        "  inputs: {commands: ['{{ Hosts.value }} {{ loop.index }}', '{{ Host.value }}']}\n"
    )
    (problem,) = check(step)
    assert (problem.code, problem.severity) == ("TOE308", Severity.INFO)
    assert "did you mean 'Hosts'" in problem.message


def test_expression_in_a_default_is_a_warning(check: Check) -> None:
    (problem,) = check("parameters:\n  - Abc: {type: string, default: '{{ B }}', description: 'as {{ B }}'}\n")
    assert (problem.code, problem.severity) == ("TOE309", Severity.WARNING)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("iam/info", True),
        ("iam", True),
        ("/iam/", True),
        ("%69am/info", True),
        ("placement/../iam/info", True),
        ("identity-credentials/ec2", True),
        ("instance-id", False),
        ("iamx/info", False),
    ],
)
def test_holds_credentials(path: str, answer: bool) -> None:
    assert holds_credentials(path) is answer


@pytest.mark.parametrize(
    ("name", "severities"),
    [("A", ["warning"]), ("ab", ["warning"]), ("abc", []), ("a" * 128, []), ("a" * 129, ["error"])],
)
@pytest.mark.parametrize(
    "section",
    ["parameters: [{{{}: {{type: string, default: x}}}}]\n", "constants: [{{{}: {{type: string, value: x}}}}]\n"],
)
def test_length_of_a_declared_name_is_judged(check: Check, section: str, name: str, severities: list[str]) -> None:
    text = section.format(name)
    problems = check(text)
    assert [problem.severity.value for problem in problems] == severities
    assert [problem.severity for problem in check(text, profile="imagebuilder")] == [Severity.ERROR] * len(severities)
    if len(name) == 129:
        assert problems[0].message.endswith("it must have 1 to 128 characters, not 129")
