"""What a document's author most likely did: messages that name the cause and not where YAML or the schema stumbles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from toe.errors import Problem, Severity
from toe.secrets.masker import Secrets
from toe.session.order import Order, Request
from toe.session.prepare import prepare

Check = Callable[..., list[Problem]]

HEAD = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n"
SCRIPT = (
    HEAD + "      - name: One\n        action: ExecuteBash\n        inputs:\n          commands:\n            - |\n"
)


def _only(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("              cat > /etc/a <<EOF\n[main]\nkey=value\nEOF\n              echo done\n", 11),
        ("              cat > /etc/a <<'EOF'\n              key: value\nEOF\n              echo done\n", 12),
        ('              cat <<-"END" > a\n              one\n\n  two\n  END\n              echo\n', 13),
        ("              set -e\n              cat <<EOF >a\n#!/bin/sh\necho $1\nEOF\n", 12),
    ],
)
def test_here_document_that_leaves_its_block_is_named(check: Check, body: str, line: int) -> None:
    problem = _only(check(SCRIPT + body))
    opened = 10 + next(number for number, text in enumerate(body.splitlines()) if "<<" in text)
    assert problem.message == (
        f"the here-document of line {opened} leaves its text block here: it is indented less than the block"
    )
    assert (problem.code, problem.line) == ("TOE101", line)


def test_fault_behind_a_good_here_document_keeps_its_own_message(check: Check) -> None:
    body = "              cat > /etc/a <<EOF\n              x\n              EOF\n"
    assert "here-document" not in check(SCRIPT + body + "      - name: Two\n        action ExecuteBash\n")[0].message


@pytest.mark.parametrize(
    ("text", "directive", "tool"),
    [
        (HEAD + "%{ if install }\n      - {name: One, action: UpdateOS}\n%{ endif }\n", "%{ if install }", "Terraform"),
        (HEAD + "      %{~ for a in b ~}\n      - {name: One, action: UpdateOS}\n", "%{~ for a in b ~}", "Terraform"),
        (HEAD + "      {% if a %}\n      - {name: One, action: UpdateOS}\n", "{% if a %}", "Jinja"),
    ],
)
def test_directive_of_a_template_is_named(check: Check, text: str, directive: str, tool: str) -> None:
    problem = _only(check(text))
    assert problem.message.startswith(f"'{directive}' is a directive of a template for {tool}")
    assert problem.line == 5


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("Name: a\nVersion: 1.0.0\nPlatform: Linux\nData: |\n  schemaVersion: 1.0\n", "the text under 'Data'", 4),
        (
            '{"name": "a", "semanticVersion": "1.0.0", "platform": "Linux", "uri": "s3://b/k"}\n',
            "the address under 'uri'",
            1,
        ),
        ('{"component": {"name": "a", "data": "phases: []"}}\n', "the text under 'data'", 1),
        (
            "Resources:\n  C:\n    Type: AWS::ImageBuilder::Component\n    Properties:\n      Name: a\n"
            "      Version: !Ref V\n      Data: !Sub |\n        phases: []\n",
            "the text under 'Data'",
            7,
        ),
        ("AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n", "a component document has 'phases'", 2),
        ("schemaVersion: '2.2'\nmainSteps: []\n", "a component document has 'phases'", 2),
        ("name: a\nschemaVersion: 1.0\nsteps: []\n", "a component document has 'phases'", 3),
        ("version: 0.2\nphases: {build: {commands: [make]}}\n", "'phases' is a list", 1),
    ],
)
def test_other_file_is_called_what_it_is(check: Check, text: str, said: str, line: int) -> None:
    problem = _only([problem for problem in check(text) if problem.code != "TOE111"])
    assert (problem.code, problem.line) == ("TOE218", line)
    assert said in problem.hint


SWALLOWED = SCRIPT + "              echo one\n"


@pytest.mark.parametrize(
    "lines",
    [
        "              - name: Two\n                action: UpdateOS\n",
        "              - name: 'Two'\n                onFailure: Abort\n                action: \"UpdateOS\" # b\n",
        "              - action: UpdateOS\n                name: Two\n",
    ],
)
def test_step_inside_of_a_text_is_a_warning(check: Check, lines: str) -> None:
    problem = _only(check(SWALLOWED + lines))
    assert (problem.code, problem.severity, problem.line, problem.column) == ("TOE219", Severity.WARNING, 11, 15)
    assert problem.message == "step 'Two' stands inside of the text that begins in line 9, and never runs"


@pytest.mark.parametrize(
    "lines",
    [
        "              - name: install\n                action: apt name=curl\n",
        "              - name: install\n              - other: x\n                activity: UpdateOS\n",
        "              phases:\n              - name: Two\n                action: UpdateOS\n",
        "              # action: UpdateOS\n",
    ],
)
def test_text_that_is_meant_as_one_is_no_swallowed_step(check: Check, lines: str) -> None:
    assert check(SWALLOWED + lines) == []


def test_swallowed_step_is_a_warning_of_a_run_too(run_document: Any) -> None:
    text = SWALLOWED.replace("echo one", "exit 0") + "              - name: Two\n                action: UpdateOS\n"
    run_document(text)
    prepared = prepare(Order((Request("doc.yml"),)), Secrets())
    assert any("step 'Two' stands inside of the text" in warning for warning in prepared.warnings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- {name: One, action: UpdateOS, nam: x}\n", "unknown key 'nam'"),
        ("- {name: One, action: UpdateOS, input: {}}\n", "unknown key 'input' (did you mean 'inputs'?)"),
        ("- {name: One, action: UpdateOS, inputs: {}, input: {}}\n", "unknown key 'input'"),
    ],
)
def test_only_an_absent_key_is_suggested(check: Check, text: str, message: str) -> None:
    assert _only(check(text)).message == message


@pytest.mark.parametrize(
    "text",
    [
        '- {name: "a\\x1b[2Jb", action: UpdateOS}\n',
        '- {name: One, action: "Upd\\x9bateOS"}\n',
        '- {name: One, action: UpdateOS, "on\\nFailure": x}\n',
        '- {name: One, action: ExecuteBash, inputs: {commands: ["echo {{ build.a\\u202eb }}"]}}\n',
        '- {name: One, action: UpdateOS, "\\x1bx": 1, "\\x1bx": 2}\n',
        '- {name: One, action: DeleteFile, inputs: {path: /a, "\\u2028": 1}}\n',
    ],
)
def test_messages_show_control_characters_as_escapes(check: Check, text: str) -> None:
    problems = check(text)
    assert all(problem.message.isprintable() and problem.hint.isprintable() for problem in problems)
    assert any("\\" in problem.message for problem in problems)
