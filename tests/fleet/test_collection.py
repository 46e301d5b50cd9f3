"""The collection toe.toe, by ansible-playbook on three hosts with sshd."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from fleet_fixtures import Play
from ssh_hosts import SshHost

EXECUTABLE = "{{ toe_executable }}"
TOKEN = "a-token-that-nobody-sees"

MAIN = """
name: Main
schemaVersion: 1.0
parameters:
  - Token: {type: string}
phases:
  - name: build
    steps:
      - name: Nested
        action: ExecuteDocument
        inputs:
          document: parts/nested.yml
      - name: Look
        action: ExecuteBash
        inputs:
          commands:
            - test '{{ Token }}' = a-token-that-nobody-sees
            - ps axww > /root/processes
            - echo left > left.txt
      - name: Restart
        action: ExecuteBash
        inputs:
          commands:
            - test -e /root/restarted || { cat /proc/sys/kernel/random/boot_id > /root/restarted; exit 194; }
      - name: After
        action: ExecuteBash
        inputs:
          commands:
            - if grep -qxF "$(cat /proc/sys/kernel/random/boot_id)" /root/restarted; then exit 1; fi
            - echo after
"""
NESTED = """
name: Nested
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Say
        action: ExecuteBash
        inputs: {commands: [echo nested]}
"""


def test_documents_run_through_a_reboot_and_their_logs_are_fetched(
    hosts: list[SshHost], play: Play, tmp_path: Path
) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "main.yml").write_text(MAIN)
    (tmp_path / "parts/nested.yml").write_text(NESTED)
    arguments = {
        "documents": ["main.yml"],
        "parameters": {"Token": TOKEN},
        "mask": ["Token"],
        "executable": EXECUTABLE,
        "fetch_to": str(tmp_path / "logs"),
        "reboot_command": "{{ toe_reboot_command }}",
    }
    before = {host.name: (host.home / "boot_id").read_text() for host in hosts}
    ran = play({"toe.toe.run": arguments}, "-vvv")
    for host in hosts:
        result = ran[host.name]
        assert (result["summary"]["status"], result["reboots"], result["changed"]) == ("success", 1, True), result
        assert before[host.name] != (host.home / "boot_id").read_text()
        folder = Path(result["log_folder"])
        assert folder.parent == tmp_path / "logs" / host.name
        assert json.loads((folder / "detailedoutput.json").read_text())["executionId"] == result["execution_id"]
        assert "nested" in (folder / "console.log").read_text()
        assert (host.home / "root" / Path(result["kept_on_host"]).relative_to("/root")).is_dir()
        assert TOKEN not in (host.home / "root/processes").read_text()
        assert list((host.home / "root/.toe/runs").iterdir()) == []
    assert TOKEN not in ran["_output"]


@pytest.mark.slow
def test_a_failing_step_is_told_and_check_mode_only_validates(hosts: list[SshHost], play: Play, tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text(NESTED.replace("echo nested", "echo it broke >&2; exit 7"))
    task = {"toe.toe.run": {"documents": "bad.yml", "executable": EXECUTABLE, "fetch_to": str(tmp_path / "logs")}}
    checked = play(task, "--check")
    assert [checked[host.name]["changed"] for host in hosts] == [False] * 3
    assert not (tmp_path / "logs").exists()
    ran = play(task)
    for host in hosts:
        result = ran[host.name]
        assert (result["failed"], result["changed"], result["exit_code"]) == (True, True, 1)
        step = result["failed_step"]
        assert (step["phase"], step["step"], step["exit_code"], step["said"].strip()) == ("build", "Say", 7, "it broke")


def test_mistakes_are_told_before_a_host_is_asked(play: Play, tmp_path: Path) -> None:
    (tmp_path / "typo.yml").write_text(NESTED.replace("ExecuteBash", "ExecuteBsh"))
    ran = play({"toe.toe.validate": {"documents": ["typo.yml"]}}, "--limit", "h1")
    (problem,) = ran["h1"]["problems"]
    assert ran["h1"]["failed"]
    assert (problem["code"], problem["line"]) == ("TOE204", 8)


@pytest.mark.slow
def test_the_role_puts_toe_on_hosts(hosts: list[SshHost], inventory: Path, ansible_home: Path, tmp_path: Path) -> None:
    playbook = tmp_path / "install.yml"
    variables = {"toe_install_path": "/root/installed-toe"}
    playbook.write_text(json.dumps([{"hosts": "h1", "vars": variables, "roles": ["toe.toe.install"]}]))
    program = Path(sys.executable).with_name("ansible-playbook")
    done = subprocess.run([program, "-i", str(inventory), str(playbook)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert hosts[0].ssh("/root/installed-toe", "--version").stdout.startswith("toe ")
