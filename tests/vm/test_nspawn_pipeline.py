"""The timer of a pipeline on a machine that boots: real systemd starts the run whose time has passed meanwhile."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from nspawn_machine import NspawnMachine
from pipeline_files import REQUESTS

pytestmark = [pytest.mark.nspawn, pytest.mark.slow]

PAYLOAD = Path(__file__).with_name("pipeline_payload")
RECIPE = {
    "name": "web",
    "semanticVersion": "1.0.0",
    "containerType": "DOCKER",
    "parentImage": "localhost/static",
    "components": [{"componentArn": "one/1.0.0"}],
    "targetRepository": {"service": "ECR", "repositoryName": "web"},
    "dockerfileTemplateData": (
        "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n"
    ),
}


def test_a_timer_makes_up_for_what_was_missed(machine: NspawnMachine, one_file: Path) -> None:
    """The machine has no engine of containers: that is what the run says, and what is kept of it."""
    shutil.copytree(PAYLOAD, machine.payload, dirs_exist_ok=True)
    (machine.payload / "bin").mkdir()
    shutil.copy(one_file, machine.payload / "bin/toe")
    requests = machine.payload / "requests"
    (requests / "components/one/1.0.0").mkdir(parents=True)
    step = {"name": "Make", "action": "ExecuteBash", "inputs": {"commands": ["true"]}}
    document = {"schemaVersion": "1.0", "phases": [{"name": "build", "steps": [step]}]}
    (requests / "components/one/1.0.0/component.yml").write_text(json.dumps(document))
    for name, request in {**REQUESTS, "recipe": RECIPE}.items():
        (requests / f"{name}.json").write_text(json.dumps(request))
    # it unpacks toe, and starts it four times
    assert machine.boot(at_most=2, seconds=120) == 0, machine.printed()
    out = machine.out
    journal = (out / "journal").read_text()
    assert (out / "install").read_text().endswith("installed toe-pipeline-nightly-web.timer in /etc/systemd/system\n")
    assert "none of buildah, podman, docker is installed" in journal
    state = json.loads((out / "pipelines/nightly-web.json").read_text())
    assert (state["name"], state["last_status"], state["failures"]) == ("Nightly web", "nothingRun", 1)
    head, row = (out / "list").read_text().splitlines()
    assert head.split() == ["NAME", "SCHEDULE", "NEXT", "LAST", "STATUS"]
    assert row.startswith("nightly-web  cron(0 4 ? * SUN *) Europe/Berlin  2")
    assert row.endswith("  nothingRun")
    assert (out / "uninstall").read_text() == "removed toe-pipeline-nightly-web.timer\n"
    assert ((out / "units.after").read_text(), (out / "timers.after").read_text()) == ("", "")
