from __future__ import annotations

from collections.abc import Callable

import pytest

from toe.errors import Problem

Check = Callable[..., list[Problem]]

EVERY_FAULT = """\
name: Bad
schemaVersion: 2.0
phases:
  - name: build
    steps:
      - name: Has a space
        action: ExecuteBash
        inputs:
          command: [echo]
      - name: Unknown
        action: InvokeBash
        inputs: {}
      - name: Late
        action: ExecuteBash
        timeoutSeconds: 0
        onFailure: Retry
        maxAttempts: 0
        inputs: {commands: ["echo {{ test.Later.outputs.stdout }} {{ Nope }}"]}
      - name: Late
        action: S3Download
  - name: test
    steps:
      - {name: Later, action: ExecuteBash, loop: {for: {start: 1, end: 5, updateBy: -1}}, inputs: {commands: [echo]}}
"""


def _lines(problems: list[Problem]) -> list[tuple[int, int, str, str]]:
    return [(problem.line, problem.column, problem.code, problem.message) for problem in problems]


def test_check_reports_every_fault_at_once_with_its_place(check: Check) -> None:
    found = _lines(check(EVERY_FAULT))
    places = [(line, column, code) for line, column, code, _ in found]
    assert places == [
        (2, 16, "TOE214"),
        (6, 15, "TOE206"),
        (9, 11, "TOE201"),
        (9, 11, "TOE202"),
        (11, 17, "TOE204"),
        (15, 25, "TOE207"),
        (16, 20, "TOE205"),
        (17, 22, "TOE207"),
        (18, 35, "TOE303"),
        (18, 67, "TOE301"),
        (19, 9, "TOE210"),
        (19, 15, "TOE213"),
        (23, 85, "TOE209"),
    ]
    messages = "\n".join(message for *_, message in found)
    assert "did you mean 'commands'" in messages
    assert "unknown action 'InvokeBash'" in messages
    assert "updateBy" in messages
    assert (
        "Invalid step name 'Has a space' in phase 'build'. Allowed characters are combinations of numbers [0-9], "
        "english letters [a-z,A-Z] and special characters [-_]." in messages
    )
    assert "Action S3Download has no inputs; it requires an 'inputs'" in messages


def _one(check: Check, text: str) -> Problem:
    problems = check(text)
    assert len(problems) == 1, _lines(problems)
    return problems[0]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("schemaVersion: 1.0\nphases: []\n", "TOE211", "Document has 0 phases. Phases list must not be empty."),
        ("schemaVersion: 1.0\nphases:\n", "TOE211", "Document has 0 phases. Phases list must not be empty."),
        ("schemaVersion: 1.0\n", "TOE202", "'phases' is missing"),
        ("just text\n", "TOE203", "the document must be a mapping, not a string"),
        (
            "- {name: One, action: ExecuteBash, inputs: {commands: echo hi}}\n",
            "TOE203",
            "'commands' must be a list, not a string",
        ),
        (
            '- name: One\n  action: ExecuteBash\n  inputs:\n    commands:\n      - echo "Done: yes"\n',
            "TOE203",
            "an item of 'commands' must be a text, not a mapping: quote it",
        ),
        (
            "parameters:\n  - name: Host\n    type: string\n",
            "TOE212",
            "'Host' is declared as '- name: Host'; its name must be the key: '- Host: {type: string}'",
        ),
        ("- {name: One, action: UpdateOS, onFailur: Abort}\n", "TOE201", "(did you mean 'onFailure'?)"),
        ("- {name: One, action: S3Download, inputs: []}\n", "TOE210", "Action S3Download has no inputs; it requires"),
        ("- {name: One, action: S3Download, inputs: }\n", "TOE210", "Action S3Download has no inputs; it requires"),
        (
            "- {name: One, action: ExecuteBash, inputs: [{commands: [a]}]}\n",
            "TOE203",
            "'inputs' must be a mapping, not a list",
        ),
        (
            "- {name: One, action: UpdateOS, timeoutSeconds: '{{ T }}'}\n",
            "TOE310",
            "expressions are not allowed in 'timeoutSeconds'",
        ),
        (
            "- {name: One, action: UpdateOS, disableLogging: maybe}\n",
            "TOE203",
            "'disableLogging' must be true or false",
        ),
        ("- {name: One, action: UpdateOS, if: {fileExist: a}}\n", "TOE208", "did you mean 'fileExists'"),
        ("- {name: One, action: UpdateOS, if: {stringEquals: a}}\n", "TOE208", "'value' is missing"),
        (
            "- {name: One, action: UpdateOS, if: {fileExists: a, folderExists: b}}\n",
            "TOE208",
            "a condition has exactly one operator, not 'fileExists', 'folderExists'",
        ),
        ("- {name: One, action: UpdateOS, loop: {name: L}}\n", "TOE209", "exactly one of 'for' and 'forEach'"),
        ("- {name: One, action: UpdateOS, loop: {name: a b, forEach: [a]}}\n", "TOE206", "Invalid loop name 'a b'"),
        ("parameters:\n  - Host: {type: text}\n", "TOE205", "'type' must be one of string, stringList, not 'text'"),
        ("parameters:\n  - Ho st: {type: string, default: a}\n", "TOE206", "Invalid parameter name 'Ho st'"),
    ],
)
def test_check_explains(check: Check, text: str, code: str, message: str) -> None:
    problem = _one(check, text)
    assert problem.code == code
    assert message in problem.message


def test_check_suggests_the_right_spelling_of_schema_version(check: Check) -> None:
    problems = check("SchemaVersion: 1.0\nphases: [{name: build, steps: [{name: One, action: UpdateOS}]}]\n")
    assert any("did you mean 'schemaVersion'" in problem.message for problem in problems)


def test_check_points_at_the_key_of_an_unknown_key_and_at_the_value_of_a_wrong_value(check: Check) -> None:
    steps = "- name: One\n  action: UpdateOS\n  onFailur: Abort\n  maxAttempts: 0\n"
    assert [(problem.line, problem.column) for problem in check(steps)] == [(7, 9), (8, 22)]


def test_check_reports_no_follow_up_of_a_broken_step(check: Check) -> None:
    steps = (
        "- {name: Bad name, action: ExecuteBash, inputs: {commands: [a]}}\n"
        "- {name: Wrong, action: NoSuchThing}\n"
        "- {name: Use, action: ExecuteBash, inputs: {commands: ['{{ build.Wrong.outputs.stdout }}']}}\n"
    )
    assert [problem.code for problem in check(steps)] == ["TOE206", "TOE204"]


def test_check_explains_thousands_of_broken_steps_at_bounded_cost(check: Check) -> None:
    import time

    steps = "".join(f"- {{name: S{number}, action: UpdateOS, onFailur: Abort}}\n" for number in range(3000))
    before = time.process_time()
    problems = check(steps)
    assert time.process_time() - before < 5
    assert 1000 <= len(problems) <= 3000


def test_check_explains_thousands_of_unknown_keys_of_one_mapping_at_bounded_cost(check: Check) -> None:
    import time

    keys = "".join(f"  k{number}: 1\n" for number in range(9000))
    before = time.process_time()
    problems = check(f"- name: One\n  action: UpdateOS\n{keys}")
    assert time.process_time() - before < 5
    assert {problem.code for problem in problems} == {"TOE201"}


def test_loop_that_is_a_list_is_one_problem(check: Check) -> None:
    (problem,) = check("- {name: One, action: ExecuteBash, loop: [a], inputs: {commands: [echo]}}\n")
    assert problem.message == "'loop' must be a mapping, not a list"


def test_escape_outside_of_double_quotes_is_no_delimiter(check: Check) -> None:
    loop = "{forEach: {list: a, delimiter: '\\n'}}"
    (problem,) = check(f"- {{name: One, action: ExecuteBash, loop: {loop}, inputs: {{commands: [echo]}}}}\n")
    assert problem.hint == 'only in double quotes is it one character: "\\n"'


def test_code_of_a_fault_does_not_hang_on_the_names_in_its_message(check: Check) -> None:
    step = "{name: One, action: UpdateOS}"
    for name in ("nested-app", "updateBy", "then", "default-schema"):
        phase = f"  - {{name: {name}, steps: [{step}]}}\n"
        assert _one(check, f"phases:\n{phase}{phase}").code == "TOE213"


def test_second_fault_of_a_step_is_told_where_the_first_one_is_one_of_form_too(check: Check) -> None:
    steps = "- {name: a b, action: UpdateOS}\n- {name: a b, action: UpdateOS}\n"
    assert [problem.code for problem in check(steps)] == ["TOE206", "TOE206", "TOE213"]
