"""Nested documents belong to the state, and a step that finished is known by its name (reference, section 8)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from resumed_runs import ID, count, counted, document, with_reboots

import toe
from toe.system.files.journal import Journal
from toe.system.files.journal_lines import parse

JOURNAL = Path("state") / f"{ID}.journal"
ASK = "[ -e go ] || exit 194"
INNER = document(counted("One"), counted("Ask", ASK), counted("Two"))
OUTER = document(
    counted("First"),
    "{name: Nested, action: ExecuteDocument, inputs: {document: '{{ env:INNER }}', phases: '{{ env:PHASES }}'}}",
)


def environment(**variables: str) -> dict[str, str]:
    return {**with_reboots(), "INNER": "inner.yml", "PHASES": "", **variables}


def asked(outer: str = OUTER, inner: str = INNER) -> None:
    """A run that asked for a reboot within its nested document."""
    Path("doc.yml").write_text(outer)
    Path("inner.yml").write_text(inner)
    result = toe.run("doc.yml", execution_id=ID, log_directory=None, environment=environment())
    assert result.reboot, result.failure_message
    Path("go").touch()


def resume(**variables: str) -> toe.RunResult:
    return toe.resume(ID, environment=environment(**variables))


def refused(match: str) -> None:
    """The run does not go on, its state is as it was, and not a step more has run."""
    before = JOURNAL.read_bytes()
    with pytest.raises(toe.ToeError, match=match) as caught:
        resume()
    assert caught.value.exit_code == 2
    assert "toe abandon" in caught.value.hint
    assert JOURNAL.read_bytes() == before
    _nothing_more_has_run()


def halted(match: str, **variables: str) -> None:
    """What only the walk sees: the run fails there, its state stays, and not a step more has run."""
    before = JOURNAL.read_bytes()
    result = resume(**variables)
    assert (result.status, result.exit_code, result.cancelled) == (toe.Status.FAILED, 1, False)
    assert re.search(match, result.failure_message), result.failure_message
    assert "toe abandon" in result.failure_message
    assert JOURNAL.read_bytes().startswith(before)
    _nothing_more_has_run()


def _nothing_more_has_run() -> None:
    assert (count("One"), count("Ask"), count("Two"), count("New")) == (1, 1, 0, 0)


def test_a_nested_document_that_was_changed_is_refused_and_goes_on_when_it_is_as_it_was() -> None:
    asked()
    Path("inner.yml").write_text(document(counted("New"), counted("One"), counted("Ask", ASK), counted("Two")))
    refused(r"the document 'inner\.yml' was changed")
    Path("inner.yml").write_text(INNER)
    assert resume().status is toe.Status.SUCCESS
    assert (count("First"), count("One"), count("Ask"), count("Two")) == (1, 1, 2, 1)


def test_a_nested_document_that_is_gone_is_refused_before_anything_runs() -> None:
    asked()
    Path("inner.yml").unlink()
    refused(r"needs a document that was begun: inner\.yml: cannot read the document")


def test_a_nested_document_belongs_to_the_state_from_the_moment_it_is_read() -> None:
    asked(inner=document(counted("Ask", ASK), counted("Two")))
    Path("inner.yml").write_text(document(counted("New"), counted("Ask", ASK), counted("Two")))
    with pytest.raises(toe.ToeError, match=r"the document 'inner\.yml' was changed"):
        resume()
    assert count("New") == 0


def test_another_nested_document_or_other_phases_of_it_are_refused() -> None:
    test = "  - name: test\n    steps: [{name: Check, action: ExecuteBash, inputs: {commands: ['true']}}]\n"
    asked(inner=INNER + test)
    Path("other.yml").write_text(INNER + test)
    halted(r"a step runs the document 'other\.yml', and before it was 'inner\.yml'", INNER="other.yml")
    halted(r"the phases of 'inner\.yml' were 'build', 'test', and are 'build'", PHASES="build")
    assert resume().status is toe.Status.SUCCESS


def test_iterations_that_are_over_belong_to_the_state_too() -> None:
    nested = (
        "{name: Nested, action: ExecuteDocument, loop: {forEach: [a, b]}, inputs: {document: '{{ loop.value }}.yml'}}"
    )
    Path("a.yml").write_text(document(counted("One")))
    Path("b.yml").write_text(document(counted("Ask", ASK), counted("Two")))
    Path("doc.yml").write_text(document(nested))
    assert toe.run("doc.yml", execution_id=ID, log_directory=None, environment=environment()).reboot
    Path("a.yml").write_text(document(counted("New")))
    refused(r"the document 'a\.yml' was changed")


def test_a_nested_document_of_a_step_that_is_over_may_change() -> None:
    nested = "{{name: {}, action: ExecuteDocument, inputs: {{document: {}.yml}}}}"
    Path("inner.yml").write_text(document(counted("One")))
    Path("doc.yml").write_text(document(nested.format("Nested", "inner"), counted("Ask", ASK)))
    assert toe.run("doc.yml", execution_id=ID, log_directory=None, environment=environment()).reboot
    Path("inner.yml").write_text(document(counted("New")))
    Path("go").touch()
    assert resume().status is toe.Status.SUCCESS
    assert count("One") == 1


@pytest.mark.parametrize("kind", ["step", "reboot"])
def test_a_step_is_known_by_its_name_and_not_by_its_place_alone(kind: str) -> None:
    asked()
    records = parse(JOURNAL.read_bytes(), "").records
    (kept,) = [record for record in records if record["t"] == kind and len(record["k"]) > 3]
    (kept["r"] if kind == "step" else kept).update({"name": "Other", "n": "Other"})
    kept.get("r", {}).pop("n", None)
    JOURNAL.unlink()
    journal = Journal.create(str(JOURNAL))
    for record in records:
        journal.append(record)
    journal.close()
    where = "One" if kind == "step" else "Ask"
    halted(f"the state knows of a step 'Other' where the document has '{where}'")


def test_a_run_that_nobody_stopped_may_write_its_nested_documents_as_it_likes() -> None:
    write = "sed -i s/One/Two/g inner.yml"
    nested = "{{name: {}, action: ExecuteDocument, inputs: {{document: inner.yml}}}}"
    Path("inner.yml").write_text(document(counted("One")))
    steps = nested.format("Nested"), counted("Write", write), nested.format("Again")
    Path("doc.yml").write_text(document(*steps))
    assert toe.run("doc.yml", execution_id=ID, log_directory=None).status is toe.Status.SUCCESS
    assert (count("One"), count("Two")) == (1, 1)
