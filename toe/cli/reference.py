"""`toe explain`, `toe actions` and `toe schema`: what toe tells of problem codes, action modules and documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.actions import TABLE, ActionTable
from toe.actions.base import EVERYWHERE, Definition
from toe.actions.fields import Field
from toe.check.explanations import explanation_text
from toe.check.reference import FORMS, need_of
from toe.check.schema import component_schema, definitions_of, schema_text
from toe.cli.terminal import printed
from toe.codes import CODES
from toe.document.suggest import did_you_mean
from toe.errors import ToeError


def actions(options: Mapping[str, Any]) -> int:
    """Print the list, or all that is known of the actions named. Raises ToeError for an unknown one."""
    table = ActionTable()
    names = options["paths"]
    if names:
        text = "\n".join(described(_find(table, name)) for name in names)
    else:
        text = "".join(f"{name:<22}{_find(table, name).summary}\n" for name in TABLE)
    return printed(text)


def schema(options: Mapping[str, Any]) -> int:
    """Print the JSON Schema of documents. Raises ToeError when arguments are given."""
    if options["paths"]:
        raise ToeError("'toe schema' takes no arguments")
    return printed(schema_text(component_schema(definitions_of(ActionTable()))))


def _find(table: ActionTable, name: str) -> Definition:
    definition = table.find(name)
    if definition is None:
        raise ToeError(f"unknown action '{name}'{did_you_mean(name, TABLE)}", hint="'toe actions' lists them")
    return definition


def described(definition: Definition) -> str:
    """What an action does, its platforms, inputs and outputs, as text for people."""
    lines = [f"{definition.name}: {definition.summary}", f"platforms: {', '.join(definition.platforms)}"]
    if definition.condition:
        lines.append("inputs: one condition, as under 'if'")
    elif definition.fields:
        lines.append("inputs (a list of maps):" if definition.each else "inputs (a map):")
        lines += [line for field in definition.fields for line in _field_lines(field)]
    if definition.output_fields:
        lines.append("outputs:")
        lines += [line for field in definition.output_fields for line in _field_lines(field, is_input=False)]
    return "\n".join(lines) + "\n"


def _field_lines(field: Field, *, is_input: bool = True) -> list[str]:
    notes = [FORMS[field.shape]]
    if is_input:
        notes.append(need_of(field))
    if field.doc.platforms != EVERYWHERE:
        notes.append(f"only {', '.join(field.doc.platforms)}")
    lines = [f"  {field.key} ({', '.join(notes)})", f"      {field.doc.described}"]
    if field.doc.choices:
        lines.append(f"      one of {', '.join(field.doc.choices)}")
    return [*lines, *(f"    {line}" for part in field.record for line in _field_lines(part, is_input=is_input))]


def explain(options: Mapping[str, Any]) -> int:
    """Print what is known of each code; the list of all codes when none is named, of some for a beginning (`TOE4`).

    Raises ToeError for an unknown one.
    """
    texts = [_explained(word) for word in options["paths"] or ("TOE",)]
    return printed("\n".join(texts))


def _explained(word: str) -> str:
    text = explanation_text(word)
    if text is not None:
        return text.rstrip("\n") + "\n"
    listed = [code for code in sorted(CODES) if word and code.startswith(word.upper())]
    if not listed:
        hint = "'toe explain' lists them; shellcheck's are of the form SC2086"
        raise ToeError(f"unknown problem code '{word}'", hint=hint)
    return "".join(f"{code}  {CODES[code].severity.value:<7}  {CODES[code].title}\n" for code in listed)
