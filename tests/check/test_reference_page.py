"""The reference page: committed as generated, and its steps are valid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import toe
from toe.actions import TABLE, ActionTable
from toe.actions.base import Definition
from toe.check.reference import example_step, reference_page, section
from toe.check.schema import definitions_of

COMMITTED = Path(__file__).parents[2] / "schemas" / "actions.md"
DEFINITIONS = definitions_of(ActionTable())


def test_reference_page_is_committed_as_generated() -> None:
    assert COMMITTED.read_text() == reference_page(DEFINITIONS), (
        "run: python -m toe.check.reference > schemas/actions.md"
    )


def test_reference_page_has_a_section_an_action() -> None:
    headings = [line[3:] for line in COMMITTED.read_text().splitlines() if line.startswith("## ")]
    assert headings == list(TABLE)


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
def test_a_section_names_every_input_and_output(definition: Definition) -> None:
    text = section(definition)
    for field in (*definition.fields, *definition.output_fields):
        assert f"| `{field.key}` |" in text


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)
def test_the_step_of_a_section_is_valid(definition: Definition, tmp_path: Path) -> None:
    step: dict[str, Any] = example_step(definition)
    Path("common").mkdir()
    nested = {"schemaVersion": 1.0, "phases": [{"name": "build", "steps": [{"name": "One", "action": "UpdateOS"}]}]}
    Path("common/harden.yml").write_text(yaml.safe_dump(nested))
    document = {"schemaVersion": 1.0, "phases": [{"name": "build", "steps": [step]}]}
    Path("doc.yml").write_text(yaml.safe_dump(document))
    problems = toe.validate("doc.yml", platforms=definition.platforms[:1], lint=False)
    assert [problem.message for problem in problems] == []
