"""The pages of commands, problem codes and events in `schemas/`: Markdown, from what the program itself works with.

`python -m toe.cli.pages schemas` writes them anew; a test says when one of them is stale.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from toe.check.explanations import explanation_text
from toe.cli.command import Command, Option
from toe.cli.options import COMMANDS
from toe.codes import CODES
from toe.errors import (
    EXIT_FAILED,
    EXIT_NOTHING_RUN,
    EXIT_NOTHING_TO_TEST,
    EXIT_REBOOT_POSIX,
    EXIT_REBOOT_WINDOWS,
    EXIT_SIGNAL_BASE,
    EXIT_SUCCESS,
    Severity,
)

_COMMANDS = f"""\
# Commands and options

What `toe COMMAND --help` says, in one page. Every command also takes `--help` (`-h`) and `--version` (`-v`).

## Exit codes

| code | what it says |
|---|---|
| {EXIT_SUCCESS} | success; of a run also when all that failed was to be ignored |
| {EXIT_FAILED} | failed or timed out; a report or file that was asked for is missing; documents are invalid |
| {EXIT_NOTHING_RUN} | nothing was run: wrong usage, unreadable or invalid documents |
| {EXIT_NOTHING_TO_TEST} | `toe test` found nothing to test |
| {EXIT_REBOOT_POSIX} | the machine must reboot, and somebody else does it ({EXIT_REBOOT_WINDOWS} on Windows) |
| {EXIT_SIGNAL_BASE}+n | stopped by signal n |

"""
_CODES = """\
# Problem codes

Every problem that `toe validate` and `toe run` can find. `toe explain CODE` prints the same. Errors of TOE1xx to TOE4xx
stop a document from running; lint (TOE5xx) and the rules of Image Builder (TOE6xx) stop no run. Codes are stable:
one that is no longer used is not given out again.

"""
_EVENTS = """\
# Events

The lines of `events.jsonl`, of `--events` and of `on_event`: one JSON object a line, with the time (`at`), the name
(`event`) and, within a document, the place (`where`). The JSON Schema is [event.schema.json](event.schema.json).

"""


def commands_page() -> str:
    """A section a command: usage, what it does, its exit codes, its options."""
    return _COMMANDS + "\n".join("\n".join(_command_lines(command)) for _, command in sorted(COMMANDS.items()))


def _command_lines(command: Command) -> Iterator[str]:
    yield f"## toe {command.name}"
    yield ""
    yield f"`toe {command.name}{' [OPTIONS]' if command.options else ''} {command.arguments}`".replace(" `", "`")
    yield ""
    for paragraph in command.help.split("\n\n"):
        yield " ".join(paragraph.split())
        yield ""
    if command.options:
        yield "| option | what it is |"
        yield "|---|---|"
        for option in command.options:
            yield f"| {_spelled(option)} | {_cell(option.help)} |"
        yield ""


def _spelled(option: Option) -> str:
    value = f" {option.metavar}" if option.metavar else ""
    alias = f", `--{option.alias}`" if option.alias else ""
    short = f", `-{option.short}`" if option.short else ""
    return f"`--{option.name}{value}`{alias}{short}"


def codes_page() -> str:
    """A line a code, then a section a code: why it is a problem, with a wrong and a right example."""
    rows = [
        f"| [{code}](#{code.lower()}) | {known.severity.value} | {_cell(known.title)} |" for code, known in _known()
    ]
    sections = [f"## {code}\n\n{_explained(code)}" for code, _ in _known()]
    return _CODES + "\n".join(["| code | | what it is |", "|---|---|---|", *rows, "", *sections])


def _known() -> list[tuple[str, Any]]:
    return sorted(CODES.items())


def _explained(code: str) -> str:
    """What `toe explain` prints, its examples as blocks of code: they are indented there."""
    text = explanation_text(code) or ""
    head, _, rest = text.partition("\n\n")
    title = head.split(": ", 1)[1]
    severity = {Severity.ERROR: "An error", Severity.WARNING: "A warning", Severity.INFO: "A hint"}[
        CODES[code].severity
    ]
    return f"{severity}: {title}.\n\n{rest}"


def events_page(schema: Mapping[str, Any]) -> str:
    """A section an event, of the JSON Schema of events."""
    return _EVENTS + "\n".join("\n".join(_definition_lines(name, rule)) for name, rule in schema["$defs"].items())


def _definition_lines(name: str, rule: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    if said := rule.get("description"):
        yield said
        yield ""
    if "properties" not in rule:
        yield f"Form: {_form(rule)}."
        yield ""
        return
    yield "| key | form | what it is |"
    yield "|---|---|---|"
    for key, value in rule["properties"].items():
        if key != "event":
            yield f"| `{key}` | {_cell(_form(value))} | {_cell(value.get('description', ''))} |"
    yield ""


def _form(rule: Mapping[str, Any]) -> str:
    """The form of a value in words; `$ref` becomes a link to its section."""
    if "$ref" in rule:
        name = rule["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "enum" in rule:
        return ", ".join(f"`{json.dumps(value)}`" for value in rule["enum"])
    if "const" in rule:
        return f"`{json.dumps(rule['const'])}`"
    if choices := rule.get("anyOf") or rule.get("oneOf"):
        return " or ".join(_form(choice) for choice in choices)
    if rule.get("type") == "array" and "items" in rule:
        return f"list of {_form(rule['items'])}"
    if isinstance(rule.get("additionalProperties"), Mapping):
        return f"map of {_form(rule['additionalProperties'])}"
    if rule.get("type") == "object" and "properties" in rule:
        return "map with " + ", ".join(f"`{key}`: {_form(value)}" for key, value in rule["properties"].items())
    kinds = rule.get("type", "any value")
    return " or ".join(kinds) if isinstance(kinds, list) else kinds


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def pages(folder: Path) -> dict[str, str]:
    """The pages of this module by their file names. `folder` holds the JSON Schema of events."""
    schema = json.loads((folder / "event.schema.json").read_text())
    return {"commands.md": commands_page(), "codes.md": codes_page(), "events.md": events_page(schema)}


if __name__ == "__main__":
    import sys

    target = Path(sys.argv[1])
    for name, text in pages(target).items():
        (target / name).write_text(text)
