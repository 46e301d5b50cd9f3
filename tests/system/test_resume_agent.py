"""Whether the Systems Manager agent waits for us."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from resume_machine import Machine

import toe
from toe.system.resume.agent import is_under_agent


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def is_under(machine: Machine, *names: str) -> bool:
    """Whether the last of these processes, each the child of the one before it, is under the agent."""
    for pid, name in enumerate(["systemd", *names], start=1):
        machine.add_process(pid, name, parent=pid - 1)
    return is_under_agent({}, str(machine.root), len(names) + 1)


def test_agent_is_known_by_its_variable(machine: Machine) -> None:
    assert is_under_agent({"AWS_SSM_INSTANCE_ID": "i-0123"}, str(machine.root))
    assert not is_under_agent({"AWS_SSM_INSTANCE_ID": ""}, str(machine.root))
    assert not is_under_agent({"AWS_SSM_REGION_NAME": "eu-west-1"}, str(machine.root))


@pytest.mark.parametrize(
    "names",
    [
        ("amazon-ssm-agent", "ssm-agent-worker", "ssm-document-worker", "sh", "toe"),
        ("ssm-document-worker", "toe"),
        ("amazon-ssm-agent", "sudo", "bash", "(a) S 0 (", "toe"),
    ],
)
def test_agent_is_known_by_a_parent(machine: Machine, names: tuple[str, ...]) -> None:
    assert is_under(machine, *names)


@pytest.mark.parametrize(
    "names",
    [("sshd", "bash", "toe"), ("amazon-ssm-agent", "ssm-agent-worker", "ssm-session-worker", "sh", "bash", "toe")],
)
def test_agent_is_not_seen_where_a_person_works(machine: Machine, names: tuple[str, ...]) -> None:
    assert not is_under(machine, *names)


def test_agent_is_not_seen_when_processes_cannot_be_read(machine: Machine) -> None:
    assert not is_under_agent({}, str(machine.root), 5)
    machine.add_process(5, "toe", parent=5)
    assert not is_under_agent({}, str(machine.root), 5)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize(("name", "expected"), [("ssm-document-worker", "True"), ("ssm-session-worker", "False")])
def test_agent_is_known_among_real_processes(tmp_path: Path, name: str, expected: str) -> None:
    worker = tmp_path / name
    worker.write_text('#!/bin/sh\n"$@"\nexit $?\n')
    worker.chmod(0o755)
    code = "from toe.system.resume.agent import is_under_agent; print(is_under_agent({}))"
    done = subprocess.run(
        [worker, sys.executable, "-c", code],
        env={"PYTHONPATH": str(Path(toe.__file__).parent.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == expected
