"""Documents that ask for reboots, and runs that go on after each of them. Nothing here reboots a machine."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import toe
from toe.actions.base import Context
from toe.model import INFINITE_TIMEOUT

ID = "run-1"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)|_ns=\d+")
#: The place of a loop in the YAML; steps that finished before a reboot have none.
_NODE = re.compile(r"node=(None|<.*?>)")


def with_reboots() -> dict[str, str]:
    """The environment of a run whose steps may ask for a reboot: in process the result says so, and that is all."""
    return {**os.environ, "TOE_NO_REBOOT": "0"}


def bash(name: str, *commands: str, **keys: Any) -> str:
    """A step in flow style; its commands hold no single quotes. `if_` stands for the key `if`."""
    extra = "".join(f", {key.rstrip('_')}: {value}" for key, value in keys.items())
    script = ", ".join(f"'{command}'" for command in commands)
    return f"{{name: {name}, action: ExecuteBash{extra}, inputs: {{commands: [{script}]}}}}"


def counted(name: str, *commands: str, **keys: Any) -> str:
    """A bash step that counts its runs."""
    return bash(name, f"echo x >> {name}.count", *commands, **keys)


def document(*steps: str, head: str = "") -> str:
    lines = "".join(f"      - {step}\n" for step in steps)
    return f"schemaVersion: 1.0\n{head}phases:\n  - name: build\n    steps:\n{lines}"


def count(name: str) -> int:
    """How often a counted step has run."""
    path = Path(f"{name}.count")
    return len(path.read_text().split()) if path.exists() else 0


def reset_counts() -> None:
    for path in Path().glob("*.count"):
        path.unlink()


def run_to_the_end(path: str | list[str] = "doc.yml", **options: Any) -> tuple[toe.RunResult, int]:
    """Run a document, go on after each reboot that it asks for, and say how many there were."""
    options = {"environment": with_reboots(), **options}
    result = toe.run(path, execution_id=ID, **options)
    options = {name: options[name] for name in ("environment", "actions", "on_event") if name in options}
    reboots = 0
    while result.reboot:
        reboots += 1
        result = toe.resume(ID, **options)
    return result, reboots


def steps_of(result: toe.RunResult) -> list[toe.StepResult]:
    return [step for document in result.documents for phase in document.phases for step in phase.steps]


def only_folder(base: str = "logs") -> Path:
    (folder,) = Path(base).glob("TOE_*")
    return folder


def timeless(text: str, folder: Path) -> str:
    """A text without its times and without the place of the logs."""
    return _NODE.sub("node", _TIME.sub("TIME", text.replace(str(folder.resolve()), "LOGS")))


def reports(folder: Path) -> list[Any]:
    """detailedoutput.json and chaining.json, times and folder aside."""
    names = ("detailedoutput.json", "chaining.json")
    return [json.loads(timeless((folder / name).read_text(), folder)) for name in names]


def said(folder: Path) -> list[str]:
    """The lines of console.log without their times."""
    return [line.partition(" ")[2] for line in (folder / "console.log").read_text().splitlines()]


def times_said(lines: Iterable[str], text: str) -> int:
    return sum(line == text for line in lines)


@toe.action("Pause", fixed_timeout=INFINITE_TIMEOUT)
def pause(inputs: object, ctx: Context) -> None:
    """Do what Reboot does on a machine that needs none: nothing."""
