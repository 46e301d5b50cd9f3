"""`toe ssm-document`: its form by the service, and what it does on a host that the agent would reboot."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from aws_server import AwsServer
from fleet_fixtures import toe_program
from ssh_hosts import REBOOT, SshHost, wait_until

DOCUMENT = """
name: Restart
schemaVersion: 1.0
parameters:
  - Greeting: {type: string}
phases:
  - name: build
    steps:
      - name: Restart
        action: Reboot
      - name: Greet
        action: ExecuteBash
        inputs: {commands: ['echo "{{ Greeting }}" >> /root/greeted']}
"""


@pytest.fixture
def written(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "restart.yml").write_text(DOCUMENT)
    words = ["restart.yml", "--parameters", "Greeting=it's me", "--installed", "/root/toe", "--output", "ssm.json"]
    subprocess.run([toe_program(), "ssm-document", *words], check=True, capture_output=True)
    return dict(json.loads((tmp_path / "ssm.json").read_text()))


def test_the_service_takes_it(aws: AwsServer, written: dict[str, Any]) -> None:
    import boto3

    client = boto3.client("ssm")
    made = client.create_document(Content=json.dumps(written), Name="Restart", DocumentType="Command")
    described = made["DocumentDescription"]
    assert described["SchemaVersion"] == "2.2"
    assert [parameter["Name"] for parameter in described["Parameters"]] == ["executionId", "phases", "timeoutSeconds"]


def test_the_agent_reboots_and_starts_it_again_and_the_run_goes_on(
    hosts: list[SshHost], one_file: Path, written: dict[str, Any]
) -> None:
    host = hosts[0]
    (host.home / "root/toe").write_text(f'#!/bin/sh\nexec {one_file} "$@"\n')
    (host.home / "root/toe").chmod(0o755)
    defaults = {name: parameter["default"] for name, parameter in written["parameters"].items()}
    (step,) = written["mainSteps"]
    script = "\n".join(step["inputs"]["runCommand"])
    for name, value in defaults.items():
        script = script.replace(f"{{{{ {name} }}}}", value)
    script = script.replace("/var/lib/toe/ssm", "/root/ssm")
    (host.home / "root/script").write_text(script)
    codes = []
    for _ in range(2):
        codes.append(host.ssh("sh", "/root/script").returncode)
        host.ssh(*REBOOT.split())
        wait_until(lambda: host.ssh("true").returncode == 0)
    assert codes == [194, 0]
    assert (host.home / "root/greeted").read_text() == "it's me\n"


def test_secrets_and_unclear_places_are_refused(tmp_path: Path) -> None:
    (tmp_path / "restart.yml").write_text(DOCUMENT)

    def said(*words: str, mask: str = "") -> str:
        environment = {**os.environ, "TOE_MASK": mask}
        done = subprocess.run([toe_program(), "ssm-document", *words], capture_output=True, text=True, env=environment)
        assert (done.returncode, done.stdout) == (2, "")
        return done.stderr

    assert "say where hosts get toe" in said("restart.yml")
    assert "no documents" in said("--installed", "toe")
    assert "no address" in said("restart.yml", "--executable", "restart.yml", "--executable-from", "ftp://x/y")
    assert "Greeting" in said("restart.yml", "--installed", "toe")
    given = ("restart.yml", "--installed", "toe", "--parameters", "Greeting=it's me")
    assert "no document has a phase 'nope'" in said(*given, "--phases", "nope")
    assert "for all to read" in said(*given, mask="Greeting")
    (tmp_path / "bad.yml").write_text(DOCUMENT.replace("action: Reboot", "action: Rebot"))
    assert "bad.yml:10:17: error[TOE204]" in said("bad.yml", "--installed", "toe")
