"""The reference page of the action modules, `schemas/actions.md`: Markdown, from the definitions. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from toe.actions.base import EVERYWHERE, Definition
from toe.actions.fields import Field, Shape
from toe.actions.inputs import static_faults

#: How the form of an input is called, here and by `toe actions`.
FORMS = {
    Shape.TEXT: "text",
    Shape.BOOLEAN: "true or false",
    Shape.INTEGER: "integer",
    Shape.TEXTS: "list of texts",
    Shape.TEXT_MAP: "map of texts",
    Shape.RECORDS: "list of maps",
    Shape.ANY: "text, number or list",
}
_HEAD = """\
# Action modules

Every action module that `toe` knows: its platforms, its inputs, what later steps can chain, and a step to start from.
Any text may hold expressions such as `{{ Name }}` or `{{ build.Step.outputs.stdout }}`. This page is made from the
definitions in `toe/actions/`, as the JSON Schema beside it is; `toe actions NAME` prints the same on a terminal.

"""


def reference_page(definitions: Sequence[Definition]) -> str:
    """The page: a line of links, then a section an action, in the order given."""
    links = ", ".join(f"[{definition.name}](#{definition.name.lower()})" for definition in definitions)
    return _HEAD + links + "\n" + "".join(f"\n{section(definition)}" for definition in definitions)


def section(definition: Definition) -> str:
    """What is to be known of one action."""
    where = f"On {', '.join(definition.platforms)}"
    if definition.elsewhere_by:
        where += f"; a run has it elsewhere too, where `{definition.elsewhere_by}` is installed"
    lines = [f"## {definition.name}", "", f"{definition.summary} {where}.", ""]
    lines += [_inputs_said(definition), ""]
    if definition.fields:
        lines += [*_inputs_table(definition), ""]
    if definition.output_fields:
        lines += [*_outputs_table(definition), ""]
    return "\n".join([*lines, "```yaml", *_step_lines(example_step(definition)), "```"]) + "\n"


def _inputs_said(definition: Definition) -> str:
    if definition.condition:
        said = "`inputs` is one condition, as under `if`."
    elif not definition.fields:
        said = "It takes no `inputs`."
    else:
        said = "`inputs` is a list of maps, processed in order." if definition.each else "`inputs` is a map."
        said += " It may be left out." if _may_be_left_out(definition) else ""
    fixed = (("timeoutSeconds", definition.fixed_timeout), ("maxAttempts", definition.fixed_attempts))
    return said + "".join(f" `{key}` may only be {value}." for key, value in fixed if value is not None)


def _may_be_left_out(definition: Definition) -> bool:
    return not definition.needs_inputs and not any(static_faults(definition, {}))


def _inputs_table(definition: Definition) -> Iterator[str]:
    yield "| input | form | | what it is |"
    yield "|---|---|---|---|"
    for key, field in _rows("", definition.fields):
        said = _cell(_described(field, definition.platforms))
        yield f"| `{key}` | {FORMS[field.shape]} | {need_of(field)} | {said} |"


def _outputs_table(definition: Definition) -> Iterator[str]:
    yield "| output | form | what it is |"
    yield "|---|---|---|"
    for key, field in _rows("", definition.output_fields):
        yield f"| `{key}` | {FORMS[field.shape]} | {_cell(field.doc.described)} |"


def _rows(prefix: str, fields: Iterable[Field]) -> Iterator[tuple[str, Field]]:
    """The fields, each followed by those of its records, whose keys are `list[].key`."""
    for field in fields:
        yield prefix + field.key, field
        yield from _rows(f"{prefix}{field.key}[].", field.record)


def need_of(field: Field) -> str:
    """Whether an input must be given: "required", "optional", or its default as a document would write it."""
    if field.required:
        return "required"
    if field.default in (None, "", ()):
        return "optional"
    return f"default {str(field.default).lower() if isinstance(field.default, bool) else field.default}"


def _described(field: Field, platforms: tuple[str, ...]) -> str:
    doc, said = field.doc, field.doc.described
    if doc.choices:
        said += f" One of {', '.join(f'`{choice}`' for choice in doc.choices)}{' (any case)' if doc.any_case else ''}."
    if doc.platforms != EVERYWHERE and doc.platforms != platforms:
        said += f" Only on {', '.join(doc.platforms)}."
    return said


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def example_step(definition: Definition) -> dict[str, Any]:
    """A step that is valid: the required inputs, else the first that has an example, with their first examples."""
    step: dict[str, Any] = {"name": f"{definition.name}Step", "action": definition.name}
    if definition.condition:
        return {**step, "inputs": {"fileExists": "/etc/os-release"}}
    wanted = [field for field in definition.fields if field.required]
    if not wanted:
        wanted = [field for field in definition.fields if field.doc.examples][:1]
    entry = {field.key: _example(field) for field in wanted}
    if entry:
        step["inputs"] = [entry] if definition.each else entry
    return step


def _example(field: Field) -> Any:
    if field.record:
        return [{part.key: _example(part) for part in field.record if part.required}]
    examples = (*field.doc.examples, *field.doc.choices, field.key)
    return examples[0]


def _step_lines(step: dict[str, Any]) -> list[str]:
    import yaml

    text = yaml.safe_dump([step], sort_keys=False, allow_unicode=True, width=100)
    return text.rstrip("\n").split("\n")


if __name__ == "__main__":
    import sys

    from toe.actions import ActionTable
    from toe.check.schema import definitions_of

    sys.stdout.write(reference_page(definitions_of(ActionTable())))
