"""Findings of the real shellcheck, at their places in the YAML."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from toe import codes
from toe.errors import Problem, Severity

Check = Callable[..., list[Problem]]
pytestmark = pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")

HEAD = "- name: One\n  action: ExecuteBash\n  inputs:\n    commands:\n"


def found(check: Check, text: str) -> list[tuple[str, str]]:
    """`SC2086` and the part of the source that it is about."""
    problems = [problem for problem in check(text, lint=True) if problem.code == codes.SHELLCHECK]
    return [
        (problem.message.partition(":")[0], problem.source_line[problem.column - 1 : problem.end_column - 1])
        for problem in problems
    ]


@pytest.mark.parametrize(
    "item",
    [
        "- echo $x",
        "- 'echo $x'",
        "- 'echo \"it''s\" $x'",
        '- "echo \\"a\\" $x"',
        "- |\n        true\n        echo $x\n",
        "- |-\n        echo one\n\n          echo $x\n",
    ],
)
def test_a_finding_stands_at_its_place_in_every_style(check: Check, item: str) -> None:
    assert ("SC2086", "$x") in found(check, f"{HEAD}      {item}\n")


def test_a_folded_script_is_pointed_at_as_a_whole(check: Check) -> None:
    problems = check(f"{HEAD}      - >\n        echo\n        $x\n", lint=True)
    assert [problem.line for problem in problems if "SC2086" in problem.message] == [9]


def test_items_are_one_script(check: Check) -> None:
    assert found(check, f'{HEAD}      - x=1\n      - echo "$x"\n') == []


def test_an_expression_is_no_fault_of_the_script(check: Check) -> None:
    assert found(check, f"{HEAD}      - '[ \"{{{{ context:osPlatform }}}}\" = linux ] && echo yes'\n") == []


PARSED_BADLY = {
    "SC1046": "if true; then\n  echo a\necho b",
    "SC1061": "for i in a; do\n  echo a\necho b",
    "SC1057": "while true\n  echo a\ndone",
    "SC1056": "f() {\n  echo a",
    "SC1044": "cat <<EOF\nabc",
    "SC1073": 'echo "abc\necho b',
}


@pytest.mark.parametrize("code", sorted(PARSED_BADLY))
def test_a_script_that_cannot_be_parsed_has_one_finding(check: Check, code: str) -> None:
    assert [number for number, _ in found(check, f"{HEAD}{block(PARSED_BADLY[code])}")] == [code]


def block(script: str) -> str:
    """A script as the item of a step's commands."""
    return "      - |\n" + "".join(f"        {line}\n" for line in script.split("\n"))


@pytest.mark.parametrize(
    ("script", "same_without_template"),
    [
        ('[ -n "{{ context:osPlatform }}" ] && echo yes', '[ -n "linux" ] && echo yes'),
        ('[ "{{ context:osPlatform }}" = "$HOME-b" ] && echo yes', '[ "linux" = "$HOME-b" ] && echo yes'),
        ('[ -n "{{ .Name }}" ] && echo yes', '[ -n "{ .Name }" ] && echo yes'),
        ("echo a-{{ .Name }}-b", "echo a-{ .Name }-b"),
    ],
)
def test_what_is_said_of_a_stand_in_is_left_out(check: Check, script: str, same_without_template: str) -> None:
    assert found(check, f"{HEAD}{block(script)}") == []
    assert found(check, f"{HEAD}{block(same_without_template)}") != []


@pytest.mark.parametrize(
    ("script", "codes"),
    [
        ("echo all done\nmake done", []),
        ('for i in a b; do echo "$i" done', ["SC1010", "SC1061"]),
        ("sudo echo a > /etc/b", []),
        ("sudo cat a b | grep $x", ["SC2086"]),
    ],
)
def test_findings_that_say_nothing_are_left_out(check: Check, script: str, codes: list[str]) -> None:
    assert sorted(number for number, _ in found(check, f"{HEAD}{block(script)}")) == codes


def test_a_finding_is_silenced_by_its_own_code(check: Check) -> None:
    assert found(check, f"{HEAD}      - |\n        echo $x # toe: ignore[SC2086]\n") == []
    assert found(check, f"{HEAD}      - |\n        # shellcheck disable=SC2086\n        echo $x\n") == []


def test_a_finding_names_its_page_and_is_no_error(check: Check) -> None:
    problem = next(p for p in check(f"{HEAD}      - echo $x\n", lint=True) if p.code == codes.SHELLCHECK)
    assert problem.hint == "https://www.shellcheck.net/wiki/SC2086"
    assert problem.severity is not Severity.ERROR


def test_a_shellcheck_that_fails_is_told_once(check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "shellcheck"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho broken >&2\nexit 4\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    problems = [problem for problem in check(f"{HEAD}      - echo $x\n", lint=True) if problem.code == codes.SHELLCHECK]
    assert [problem.severity for problem in problems] == [Severity.INFO]
    assert "it ended with 4: broken" in problems[0].message
