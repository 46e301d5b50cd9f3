from __future__ import annotations

import pytest

from toe.actions import ActionTable
from toe.check.check import load_document
from toe.check.explanations import EXPLANATIONS, whole_document
from toe.check.findings import Findings
from toe.check.image_builder import MOST_BYTES, MOST_INLINE_CHARACTERS, check_image_builder
from toe.codes import CODES
from toe.errors import Problem, Severity

STEP = "{{name: {}, action: ExecuteBash, inputs: {{commands: [{}]}}}}"


def judged(text: str | bytes) -> list[Problem]:
    """What the pass says about a document."""
    data = text if isinstance(text, bytes) else whole_document(text).encode()
    document, _ = load_document(data, "doc.yml", ActionTable())
    assert document is not None
    findings = Findings("doc.yml", data)
    check_image_builder(document, findings)
    return findings.problems


def phases(*named: tuple[str, str]) -> str:
    """Phases of one step each, `S`, with the command given."""
    return "phases:\n" + "".join(
        f"  - name: {name}\n    steps: [{STEP.format('S', command)}]\n" for name, command in named
    )


def places(problems: list[Problem]) -> list[tuple[str, int, int]]:
    return [(problem.code, problem.line, problem.column) for problem in problems]


@pytest.mark.parametrize("name", ["build", "validate", "test"])
def test_document_with_one_needed_phase_is_right(name: str) -> None:
    assert judged(phases((name, "a"))) == []


@pytest.mark.parametrize("name", ["container-host-test", "install"])
def test_document_without_a_needed_phase_is_an_error_at_phases(name: str) -> None:
    problem = judged(phases((name, "a")))[0]
    assert (problem.code, problem.severity) == ("TOE601", Severity.ERROR)
    assert (problem.line, problem.column, problem.source_line) == (2, 1, "phases:")


@pytest.mark.parametrize("document", ["phases: []\n", "phases:\n  - {steps: []}\n  - {name: other, steps: []}\n"])
def test_phases_that_are_not_there_or_have_no_readable_name_are_left_to_their_own_check(document: str) -> None:
    assert "TOE601" not in [problem.code for problem in judged(document)]


def test_phase_that_is_never_run_is_a_warning_at_its_name() -> None:
    (problem,) = judged(phases(("build", "a"), ("tests", "a")))
    assert (problem.code, problem.severity, problem.line, problem.column) == ("TOE603", Severity.WARNING, 5, 11)
    assert "'tests' (did you mean 'test'?)" in problem.message


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("build", "validate", None),
        ("test", "container-host-test", "TOE606"),
        ("build", "test", "TOE602"),
        ("validate", "test", "TOE602"),
        ("build", "container-host-test", "TOE602"),
        ("test", "build", "TOE602"),
    ],
)
def test_reference_is_right_within_a_stage_only(first: str, second: str, code: str | None) -> None:
    problems = judged(phases((first, "a"), (second, f"'echo {{{{ {first}.S.outputs.stdout }}}}'")))
    assert [problem.code for problem in problems] == ([code] if code else [])


def test_reference_to_another_stage_is_reported_where_it_stands_in_inputs_condition_and_loop() -> None:
    reference = "{{ build.S.inputs.commands[0] }}"
    document = phases(("build", "a")) + (
        "  - name: test\n"
        "    steps:\n"
        "      - name: Use\n"
        "        action: ExecuteBash\n"
        f"        if: {{stringEquals: a, value: '{reference}'}}\n"
        f"        loop: {{forEach: ['{reference}']}}\n"
        "        inputs:\n"
        "          commands:\n"
        f"            - 'echo one; echo {reference}'\n"
    )
    problems = judged(document)
    assert places(problems) == [("TOE602", 13, 31), ("TOE602", 9, 39), ("TOE602", 10, 27)]
    assert {problem.end_column - problem.column for problem in problems} == {len(reference)}
    said = "'build.S' runs in the build stage of Image Builder, and phase 'test' in the test stage"
    assert {problem.message for problem in problems} == {said}


def test_reference_to_a_phase_that_is_never_run_is_an_error() -> None:
    problems = judged(phases(("setup", "a"), ("build", "'{{ setup.S.outputs.stdout }}'")))
    assert [problem.code for problem in problems] == ["TOE603", "TOE602"]
    assert "never runs phase 'setup'" in problems[1].message


@pytest.mark.parametrize(
    "reference", ["{{ test.S.outputs.stdout }}", "{{ build.Nobody.outputs.stdout }}", "{{ nowhere.S.outputs.stdout }}"]
)
def test_reference_that_is_wrong_anywhere_is_left_to_its_own_check(reference: str) -> None:
    """The first is to its own phase; the others name nothing."""
    assert judged(phases(("build", "a"), ("test", f"'{reference}'"))) == []


def test_reference_from_a_phase_that_is_never_run_is_not_judged() -> None:
    problems = judged(phases(("build", "a"), ("later", "'{{ build.S.outputs.stdout }}'")))
    assert [problem.code for problem in problems] == ["TOE603"]


def test_build_component_with_nothing_to_build_is_information() -> None:
    (problem,) = judged(phases(("test", "a"), ("container-host-test", "a")))
    assert (problem.code, problem.severity) == ("TOE606", Severity.INFO)


def sized(characters: int, letter: str = "x") -> str:
    """A document of so many characters."""
    text = whole_document(phases(("build", "a"))) + "# "
    return text + letter * (characters - len(text))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (sized(MOST_INLINE_CHARACTERS).encode(), None),
        (sized(MOST_INLINE_CHARACTERS + 1).encode(), "TOE604"),
        (sized(MOST_INLINE_CHARACTERS, "ü").encode(), None),
        (sized(MOST_INLINE_CHARACTERS).encode("utf-16"), None),
        (sized(MOST_INLINE_CHARACTERS + 1, "ü").encode(), "TOE604"),
        (sized(MOST_BYTES).encode(), "TOE604"),
        (sized(MOST_BYTES + 1).encode(), "TOE605"),
        (sized(MOST_BYTES // 2 + 200, "ü").encode(), "TOE605"),
    ],
    ids=["16000", "16001", "16000 of two bytes", "UTF-16", "16001 of two bytes", "64 KB", "more", "more bytes"],
)
def test_size_is_counted_in_characters_inline_and_in_bytes_else(data: bytes, code: str | None) -> None:
    problems = judged(data)
    assert [problem.code for problem in problems] == ([code] if code else [])
    assert all(problem.severity is CODES[problem.code].severity for problem in problems)
    assert {(problem.line, problem.column) for problem in problems} <= {(1, 1)}


@pytest.mark.parametrize("code", ["TOE601", "TOE602", "TOE603", "TOE606"])
def test_examples_of_a_code_are_wrong_and_right(code: str) -> None:
    explanation = EXPLANATIONS[code]
    assert explanation.options.profile == "imagebuilder"
    assert code in [problem.code for problem in judged(explanation.wrong)]
    assert judged(explanation.right) == []
