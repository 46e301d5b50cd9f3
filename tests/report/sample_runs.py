"""Real runs whose log folders the reports are made of."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import toe

TOE = [sys.executable, "-m", "toe"]

INNER = """\
name: Inner
description: the inner one
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - {name: Red, action: ExecuteBash, inputs: {commands: ['printf "\\033[1;31mred\\033[0m plain\\n"']}}
      - {name: Mute, action: ExecuteBash, onFailure: Continue, inputs: {commands: [exit 5]}}
"""
#: Every kind of step: retried, looped, skipped, hidden, ignored, nested, timed out.
OUTER = """\
name: Outer
description: the outer one
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Retried
        action: ExecuteBash
        maxAttempts: 3
        inputs: {commands: ['echo out; echo err >&2; [ -e flag ] && exit 0; touch flag; exit 3']}
      - name: Looped
        action: ExecuteBash
        loop: {name: it, forEach: [one, two]}
        inputs: {commands: ['echo number {{ it.value }}']}
      - name: Left
        action: ExecuteBash
        if: {stringEquals: x, value: y}
        inputs: {commands: [echo no]}
      - {name: Hidden, action: ExecuteBash, disableLogging: true, inputs: {commands: [echo nobody-sees-this]}}
      - {name: Ignored, action: ExecuteBash, onFailure: Ignore, inputs: {commands: ['echo sorry >&2; exit 4']}}
      - name: Nested
        action: ExecuteDocument
        onFailure: Ignore
        loop: {name: lap, for: {start: 1, end: 2, updateBy: 1}}
        inputs: {document: inner.yml}
      - {name: File, action: CreateFile, inputs: [{path: made, content: x}]}
  - name: test
    steps:
      - name: Late
        action: ExecuteBinary
        timeoutSeconds: 1
        inputs: {path: sleep, arguments: ['30']}
"""
#: Says that it runs, and waits for its end until `go` is there.
WAITING_INNER = """\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - {name: First, action: ExecuteBash, inputs: {commands: [echo first]}}
      - {name: Waits, action: ExecuteBash, inputs: {commands: ['echo waiting; [ -e go ] || sleep 60']}}
"""
WAITING = """\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - {name: One, action: ExecuteBash, inputs: {commands: [echo one]}}
      - {name: Calls, action: ExecuteDocument, inputs: {document: inner.yml}}
      - {name: Three, action: ExecuteBash, inputs: {commands: [echo three]}}
"""


def folder_of(result: toe.RunResult) -> str:
    return result.log_url


def rich_run(run_document: Callable[..., toe.RunResult]) -> str:
    """The log folder of a run with every kind of step."""
    Path("inner.yml").write_text(INNER)
    return folder_of(run_document(OUTER, name="outer.yml"))


def one_step(script: str) -> str:
    """A document whose only step, Only, runs a script."""
    return json.dumps(
        {
            "schemaVersion": "1.0",
            "name": "Doc",
            "phases": [
                {
                    "name": "build",
                    "steps": [{"name": "Only", "action": "ExecuteBash", "inputs": {"commands": [script]}}],
                }
            ],
        }
    )


def stopped_run(number: int, *options: str) -> str:
    """The log folder of a run that a signal has ended while a step of its nested document ran."""
    Path("doc.yml").write_text(WAITING)
    Path("inner.yml").write_text(WAITING_INNER)
    process = subprocess.Popen(
        [*TOE, "run", "doc.yml", "--trace", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.rstrip().endswith("Stdout: waiting"):
            break
    process.send_signal(number)
    process.communicate(timeout=60)
    (folder,) = Path().glob("TOE_*")
    return str(folder)


def killed_run() -> str:
    """The same of one that was killed."""
    return stopped_run(signal.SIGKILL)


def resumed(*arguments: str) -> subprocess.CompletedProcess[str]:
    Path("go").touch()
    return subprocess.run([*TOE, "resume", *arguments], capture_output=True, text=True, check=True, timeout=60)


def detailed_output(folder: Path | str) -> Any:
    return json.loads((Path(folder) / "detailedoutput.json").read_text())
