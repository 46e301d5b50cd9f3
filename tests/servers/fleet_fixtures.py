"""Three hosts for the tests of a file, and Ansible on them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import ssh_hosts
import yaml

import toe.fleet

COLLECTIONS = Path(toe.fleet.__file__).parent
Play = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def hosts(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[ssh_hosts.SshHost]]:
    """h1, h2 and h3; each has a home and a boot id of its own, and all have the one file unpacked."""
    reason = ssh_hosts.why_not()
    if reason:
        pytest.skip(reason)
    made: list[ssh_hosts.SshHost] = []
    try:
        ssh_hosts.make_hosts(tmp_path_factory.mktemp("hosts"), 3, str(unpacked.parent), into=made)
        yield made
    finally:
        ssh_hosts.stop_hosts(made)


@pytest.fixture
def inventory(hosts: list[ssh_hosts.SshHost], one_file: Path, tmp_path: Path) -> Path:
    path = tmp_path / "hosts.ini"
    path.write_text("".join(f"{host.in_inventory(toe_executable=one_file)}\n" for host in hosts))
    return path


class Done(NamedTuple):
    """`code` and `err` of a `toe run --hosts`, and its summaries by host."""

    code: int
    hosts: dict[str, dict[str, Any]]
    err: str


RunOnHosts = Callable[..., Done]


@pytest.fixture
def run_on_hosts(inventory: Path, tmp_path: Path) -> RunOnHosts:
    """`toe run --hosts` with further words; the inventory and the log directory stay the same."""

    def run(*words: str, hosts: Path = inventory, **environment: str) -> Done:
        argv = [toe_program(), "run", "--hosts", str(hosts), "--log-directory", str(tmp_path / "logs"), *words]
        done = subprocess.run(argv, capture_output=True, text=True, env={**os.environ, **environment})
        return Done(done.returncode, json.loads(done.stdout).get("hosts", {}), done.stderr)

    return run


def toe_program() -> str:
    return str(Path(sys.executable).with_name("toe"))


@pytest.fixture
def ansible_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where Ansible keeps what it needs; sockets need short paths. Its connections are closed at the end."""
    with tempfile.TemporaryDirectory(prefix="ah-", dir="/tmp") as folder:
        home = Path(folder)
        monkeypatch.setenv("ANSIBLE_HOME", folder)
        monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", str(COLLECTIONS))
        monkeypatch.setenv("ANSIBLE_SSH_CONTROL_PATH_DIR", str(home / "cp"))
        monkeypatch.setenv("ANSIBLE_RETRY_FILES_ENABLED", "0")
        yield home
        for socket in (home / "cp").glob("*"):
            with suppress(OSError):
                subprocess.run(["ssh", "-O", "exit", "-o", f"ControlPath={socket}", "x"], capture_output=True)


@pytest.fixture
def play(inventory: Path, ansible_home: Path, tmp_path: Path) -> Play:
    """Run one task on the hosts by ansible-playbook and return its result by host; `_output` is what it printed."""

    def run(task: dict[str, Any], *options: str) -> dict[str, Any]:
        results = tmp_path / "results"
        results.mkdir(exist_ok=True)
        write = {"content": "{{ ran | to_json }}", "dest": f"{results}/{{{{ inventory_hostname }}}}.json"}
        local = {"delegate_to": "localhost", "connection": "local", "check_mode": False}
        local["vars"] = {"ansible_python_interpreter": sys.executable}
        tasks = [
            {**task, "register": "ran", "ignore_errors": True, "ignore_unreachable": True},
            {"ansible.builtin.copy": write, **local},
        ]
        playbook = tmp_path / "play.yml"
        playbook.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
        program = Path(sys.executable).with_name("ansible-playbook")
        argv = [str(program), "-i", str(inventory), str(playbook), *options]
        done = subprocess.run(argv, capture_output=True, text=True, env=dict(os.environ))
        found = {path.stem: json.loads(path.read_text()) for path in results.glob("*.json")}
        assert found, done.stdout + done.stderr
        return {**found, "_output": done.stdout + done.stderr}

    return run
