"""What the explanations are made of: a pair of examples, and short ways to write documents."""

from __future__ import annotations

from toe.check.options import CheckOptions
from toe.records import NamedTuple

_SCHEMA_VERSION = "schemaVersion: 1.0\n"
_STEP = "- name: One\n  action: ExecuteBash\n  inputs:\n    commands: [echo hi]\n"


class Explanation(NamedTuple):
    """Why a problem is one. The examples are documents, or lists of steps, or single sections of a document.

    `options` are those that a check needs to see the problem; `files` stand beside the example.
    """

    text: str
    wrong: str
    right: str
    options: CheckOptions = CheckOptions()
    files: tuple[tuple[str, str], ...] = ()


def whole_document(example: str) -> str:
    """An example as a document: steps are put into a phase `build`, and what is missing is added."""
    if example.startswith("- "):
        steps = "".join(f"      {line}" for line in example.splitlines(keepends=True))
        return f"{_SCHEMA_VERSION}phases:\n  - name: build\n    steps:\n{steps}"
    if example.startswith(("parameters:", "constants:")):
        return whole_document(_STEP) + example
    if example.startswith("phases:"):
        return _SCHEMA_VERSION + example
    return example


def step(body: str, name: str = "One") -> str:
    lines = body.strip("\n").splitlines()
    return f"- name: {name}\n" + "".join(f"  {line}\n" for line in lines)


def bash(command: str, name: str = "One") -> str:
    return f"- name: {name}\n  action: ExecuteBash\n  inputs:\n    commands:\n      - {command}\n"


def condition(text: str) -> str:
    return f"- name: One\n  action: ExecuteBash\n  if: {text}\n  inputs: {{commands: [echo hi]}}\n"


def loop(text: str) -> str:
    return f"- name: One\n  action: ExecuteBash\n  loop: {text}\n  inputs: {{commands: [echo hi]}}\n"


def one_phase(name: str) -> str:
    return "phases:\n" + phase_text(name, "Find", "hostname")


def two_phases(first: str, second: str) -> str:
    """The second refers to the first."""
    return one_phase(first) + phase_text(second, "Use", f"'echo {{{{ {first}.Find.outputs.stdout }}}}'")


def phase_text(name: str, step: str, command: str) -> str:
    flow = f"{{name: {step}, action: ExecuteBash, inputs: {{commands: [{command}]}}}}"
    return f"  - name: {name}\n    steps: [{flow}]\n"


def bombs(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for level in range(1, levels):
        aliases = ", ".join([f"*a{level - 1}"] * 9)
        lines.append(f"a{level}: &a{level} [{aliases}]")
    return "\n".join(lines) + "\n"


GOOD = whole_document(_STEP)
NESTED = "- name: One\n  action: ExecuteDocument\n  inputs:\n    document: {}\n"
NEEDY = GOOD + "parameters:\n  - Host: {type: string}\n"
