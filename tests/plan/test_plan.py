"""What a plan knows of a run before it: values, conditions, loops and nested documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import toe
from toe.cli.main import command_line

HEAD = "name: Doc\nschemaVersion: 1.0\n"
Planned = Callable[..., list[dict[str, Any]]]


def bash(name: str, command: str, more: str = "") -> str:
    return f"- name: {name}\n  action: ExecuteBash\n{more}  inputs:\n    commands:\n      - |-\n        {command}\n"


def command_of(step: dict[str, Any]) -> str:
    return str(step["iterations"][0]["inputs"][0]["commands"][0])


PARAMETER = "parameters:\n  - Mode:\n      type: string\n      default: fast\n"


def test_what_is_known_now_is_put_in(plan: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACE", "here")
    head = f"{PARAMETER}constants:\n  - Sum:\n      type: string\n      value: '7'\n"
    text = "{{ Mode }} {{ Sum }} {{ env:PLACE }} {{ context:phase }}.{{ context:step }} {{ context:executionId }}"
    (step,) = plan(bash("One", text), "-i", "my-run", "--parameters", "Mode=slow", head=head)
    assert command_of(step) == "slow 7 here build.One my-run"
    assert step["knownAtRunTime"] == []


def test_what_only_a_run_knows_stays_and_is_named(plan: Planned) -> None:
    texts = (
        "{{ build.One.outputs.stdout }}",
        "{{ context:uuid }}",
        "{{ env:NOT_SET_ANYWHERE }}",
        "{{ aws:ssm:/a/b }}",
        "{{ aws:imds:instance-id }}",
        "{{ context:executionId }}",
    )
    _, step = plan(bash("One", "echo") + bash("Two", " ".join(texts)))
    assert command_of(step) == " ".join(texts)
    assert [one["expression"] for one in step["knownAtRunTime"]] == list(texts)
    assert step["knownAtRunTime"][0]["why"] == "step build.One gives it"
    assert step["needs"]["network"]["certain"]
    assert step["needs"]["secrets"] == ["aws:ssm:/a/b"]


def test_inputs_of_earlier_steps_are_known_where_these_are_certain_to_run(plan: Planned) -> None:
    source = "- name: File\n  action: CreateFile\n{}  inputs:\n    - path: /tmp/{{{{ Mode }}}}\n"
    wanted = bash("Use", "cat {{ build.File.inputs[0].path }}")
    assert command_of(plan(source.format("") + wanted, head=PARAMETER)[1]) == "cat /tmp/fast"
    looking = source.format("  if:\n    fileExists: doc.yml\n")
    assert command_of(plan(looking + wanted, head=PARAMETER)[1]) == "cat {{ build.File.inputs[0].path }}"
    skipped = source.format("  if:\n    stringEquals: a\n    value: b\n")
    assert command_of(plan(skipped + wanted, head=PARAMETER)[1]) == "cat "


def test_a_value_that_looks_like_an_expression_is_not_expanded_again(plan: Planned) -> None:
    (step,) = plan(bash("One", "{{ Mode }}"), "--parameters", "Mode={{ context:step }}", head=PARAMETER)
    assert command_of(step) == "{{ context:step }}"


@pytest.mark.parametrize(
    ("condition", "outlook", "holds", "now"),
    [
        ("stringEquals: fast\nvalue: '{{ Mode }}'", "runs", True, False),
        ("stringEquals: slow\nvalue: '{{ Mode }}'", "skipped", False, False),
        ("fileExists: doc.yml", "runs", True, True),
        ("fileExists: nothing.here", "skipped", False, True),
        ("binaryExists: sh", "runs", True, True),
        ("stringEquals: a\nvalue: '{{ aws:ssm:/a }}'", "unknown", None, False),
        ("not:\n  fileExists: doc.yml", "skipped", False, True),
        (
            "and:\n  - stringEquals: a\n    value: '{{ aws:ssm:/a }}'\n  - stringEquals: a\n    value: b",
            "skipped",
            False,
            False,
        ),
        ("or:\n  - stringEquals: a\n    value: '{{ aws:ssm:/a }}'\n  - fileExists: doc.yml", "runs", True, True),
        (
            "or:\n  - stringEquals: a\n    value: '{{ aws:ssm:/a }}'\n  - stringEquals: a\n    value: b",
            "unknown",
            None,
            False,
        ),
        ("stringEquals: fast\nvalue: '{{ Mode }}'\nthen: Abort", "aborts", True, False),
    ],
)
def test_conditions_are_true_or_false_or_unknown(
    plan: Planned, condition: str, outlook: str, holds: bool | None, now: bool
) -> None:
    lines = "".join(f"    {line}\n" for line in condition.splitlines())
    (step,) = plan(bash("One", "echo", f"  if:\n{lines}"), head=PARAMETER)
    assert (step["outlook"], step["if"]["holds"], step["if"]["now"]) == (outlook, holds, now)


def test_behind_a_step_that_is_certain_to_end_the_run_nothing_is_reached(plan: Planned) -> None:
    condition = "  if:\n    stringEquals: a\n    value: a\n    then: Abort\n"
    steps = plan(bash("Stop", "echo", condition) + bash("After", "echo"))
    assert [step["outlook"] for step in steps] == ["aborts", "not reached"]
    steps = plan(bash("Stop", "echo", f"  onFailure: Continue\n{condition}") + bash("After", "echo"))
    assert [step["outlook"] for step in steps] == ["aborts", "runs"]


def test_an_assert_is_judged(plan: Planned) -> None:
    (step,) = plan(
        "- name: A\n  action: Assert\n  inputs:\n    stringEquals: fast\n    value: '{{ Mode }}'", head=PARAMETER
    )
    assert step["assert"]["holds"] is True


def loop(name: str, over: str) -> str:
    return bash(name, "echo {{ loop.index }} {{ loop.value }}", f"  loop:\n{over}")


def test_loops_are_unrolled_when_their_values_are_known(plan: Planned) -> None:
    (step,) = plan(loop("L", "    forEach:\n      - a\n      - '{{ Mode }}'\n"), head=PARAMETER)
    assert step["loop"]["count"] == 2
    assert [turn["inputs"][0]["commands"] for turn in step["iterations"]] == [["echo 0 a"], ["echo 1 fast"]]
    (step,) = plan(
        loop("L", "    forEach:\n      list: '{{ Mode }}'\n      delimiter: ','\n"),
        "--parameters",
        '{"Mode": "x,y"}',
        head=PARAMETER,
    )
    assert [turn["value"] for turn in step["iterations"]] == ["x", "y"]


def test_of_a_long_loop_the_first_iterations_and_the_number_are_told(plan: Planned) -> None:
    (step,) = plan(loop("L", "    for:\n      start: 1\n      end: 1000000000\n      updateBy: 1\n"))
    assert step["loop"]["count"] == 1_000_000_000
    assert [turn["value"] for turn in step["iterations"]] == [str(number) for number in range(1, 21)]


def test_loops_are_counted_when_only_that_is_known(plan: Planned) -> None:
    (step,) = plan(loop("L", "    forEach:\n      - a\n      - '{{ aws:ssm:/x }}'\n"))
    assert (step["loop"]["count"], [turn["value"] for turn in step["iterations"]]) == (2, ["a", "{{ aws:ssm:/x }}"])
    assert step["iterations"][1]["inputs"][0]["commands"] == ["echo 1 {{ loop.value }}"]
    (step,) = plan(loop("L", "    forEach:\n      list: '{{ aws:ssm:/x }}'\n      delimiter: ','\n"))
    assert step["loop"]["count"] is None
    assert command_of(step) == "echo {{ loop.index }} {{ loop.value }}"


INNER = f"""\
{HEAD}{PARAMETER}phases:
  - name: build
    steps:
      - name: In
        action: CreateFolder
        inputs:
          - path: '/x/{{{{ Mode }}}}'
"""


def call(document: str, value: str) -> str:
    given = f"    parameters:\n      - name: Mode\n        value: '{value}'\n"
    return f"- name: Call\n  action: ExecuteDocument\n  inputs:\n    document: '{document}'\n{given}"


def test_nested_documents_are_planned_inside(plan: Planned) -> None:
    Path("inner.yml").write_text(INNER)
    (step,) = plan(call("inner.yml", "deep"))
    (inner,) = step["iterations"][0]["documents"]
    assert inner["document"]["values"] == {"Mode": "deep"}
    assert inner["document"]["phases"][0]["steps"][0]["iterations"][0]["inputs"] == [{"path": "/x/deep"}]


def test_a_nested_parameter_that_only_the_run_knows_stays_open(plan: Planned) -> None:
    Path("inner.yml").write_text(INNER.replace("default: fast", "allowedValues: [fast]"))
    _, step = plan(bash("One", "echo") + call("inner.yml", "{{ build.One.outputs.stdout }}"))
    (inner,) = step["iterations"][0]["documents"]
    assert inner["document"]["values"] == {"Mode": "{{ build.One.outputs.stdout }}"}
    assert inner["document"]["phases"][0]["steps"][0]["iterations"][0]["inputs"] == [{"path": "/x/{{ Mode }}"}]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("s3://bucket/doc.yml", "not fetched: a plan stays on this machine"),
        ("{{ aws:ssm:/doc }}", "its 'document' is known only at run time"),
        ("{{ Mode }}", "No such file"),
    ],
)
def test_a_nested_document_that_cannot_be_planned_says_why(plan: Planned, document: str, why: str) -> None:
    (step,) = plan(call(document, "x"), head=PARAMETER)
    (inner,) = step["iterations"][0]["documents"]
    assert inner["document"] is None
    assert why.lower() in inner["why"].lower()


def test_a_cycle_that_only_values_make_ends(plan: Planned) -> None:
    Path("inner.yml").write_text(
        INNER
        + "      - name: Again\n        action: ExecuteDocument\n        inputs:\n          document: '{{ Mode }}'\n"
    )
    (step,) = plan(call("inner.yml", "inner.yml"))
    again = step["iterations"][0]["documents"][0]["document"]["phases"][0]["steps"][1]
    assert again["iterations"][0]["documents"][0]["why"] == "a cycle of documents: doc.yml -> inner.yml -> inner.yml"


def test_steps_that_are_left_out_are_shown_with_where_their_values_come_from(plan: Planned, tmp_path: Path) -> None:
    steps = bash("Find", "echo nginx") + bash("Other", "echo x") + bash("Use", "echo {{ build.Find.outputs.stdout }}")
    plan(steps)
    former = toe.run("doc.yml", log_directory=tmp_path).log_url
    find, other, use = plan(steps, "--only", "build.Use", "--outputs-of", former)
    assert [step["outlook"] for step in (find, other, use)] == ["left out", "left out", "runs"]
    assert [step["takenFrom"] for step in (find, other, use)] == [former, None, None]
    assert command_of(use) == "echo nginx"
    assert command_line(["plan", "doc.yml", "--only", "build.Other"]) == 0
