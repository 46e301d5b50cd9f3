"""Documents with `null` in them, as Terraform's `yamlencode` writes them, run as if the keys were left out."""

from __future__ import annotations

import json
from pathlib import Path

from toe.results import Status

DOCUMENT = """\
{"name": null, "description": null, "schemaVersion": 1.0, "constants": null, "disableLogging": null,
 "parameters": [{"Greeting": {"type": "string", "default": null, "description": null, "allowedValues": null}}],
 "phases": [{"name": "build", "disableLogging": null, "steps": [
  {"name": "Make", "action": "CreateFile", "if": null, "loop": null, "timeoutSeconds": null, "onFailure": null,
   "maxAttempts": null, "disableLogging": null, "inputs": [
    {"path": "made.txt", "content": null, "owner": null, "group": null, "permissions": null, "overwrite": null,
     "encoding": null}]},
  {"name": "Say", "action": "ExecuteBash", "inputs": {"commands": [
   "echo '[{{ build.Make.inputs.content }}][{{ Greeting }}]'", null, "echo done"]}},
  {"name": "Each", "action": "ExecuteBash", "if": {"stringIsEmpty": null, "then": null, "else": null},
   "loop": {"name": null, "for": null, "forEach": ["a", null]},
   "inputs": {"commands": ["echo '<{{ loop.value }}>'"]}}
 ]}]}
"""


def test_null_runs_as_the_key_left_out(run_document, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    result = run_document(DOCUMENT)
    assert result.status is Status.SUCCESS
    assert (tmp_path / "made.txt").read_bytes() == b""
    report = json.loads(next(tmp_path.glob("TOE_*/detailedoutput.json")).read_text())
    make, say, each = report["documents"][0]["phases"][0]["steps"]
    assert json.loads(make["inputs"]) == [{"path": "made.txt", "content": ""}]
    assert make["timeoutSeconds"] == 7200
    assert json.loads(say["outputs"]) == [{"stdout": "[][]\ndone"}]
    assert json.loads(each["outputs"]) == [{"stdout": "<a>\n<>"}]
