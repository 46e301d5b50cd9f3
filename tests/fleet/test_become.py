"""`toe run --hosts --become` by a user who is not root: the real sudo of Debian, with a password and without."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fleet_fixtures import toe_program
from ssh_hosts import SshHost, make_hosts, stop_hosts, why_not

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("sudo") is None, reason="needs sudo (apt-get install sudo)"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl (apt-get install openssl)"),
]
USER, USER_ID, PASSWORD = "maker", 4711, "the pass 'word'"
DOCUMENT = """
name: Who
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Who
        action: ExecuteBash
        inputs: {commands: ['test "$(id -u)" = 0 && echo by $SUDO_USER >> /root/who']}
"""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[SshHost]:
    """A host with a user who may become root by sudo, without a password at first."""
    if why_not():
        pytest.skip(why_not())
    hosts: list[SshHost] = []
    try:
        make_hosts(tmp_path / "hosts", 1, into=hosts)
        hosts[0].stop()
        _add_user(hosts[0])
        hosts[0].start()
        yield hosts[0]
    finally:
        stop_hosts(hosts)


def _add_user(host: SshHost) -> None:
    etc, keys = host.home / "etc", host.home / "home" / USER / ".ssh"
    (etc / "sudoers.d").mkdir(parents=True)
    keys.mkdir(parents=True)
    (host.home / "home").chmod(0o755)
    shutil.copy(host.home / "root/.ssh/authorized_keys", keys)
    for path in (keys.parent, keys, keys / "authorized_keys"):
        os.chown(path, USER_ID, USER_ID)
    asked = ["openssl", "passwd", "-6", "-stdin"]
    digest = subprocess.run(asked, input=PASSWORD, capture_output=True, text=True, check=True).stdout.strip()
    passwd, shadow = Path("/etc/passwd").read_text(), Path("/etc/shadow").read_text()
    (etc / "passwd").write_text(f"{passwd}{USER}:x:{USER_ID}:{USER_ID}::/home/{USER}:/bin/sh\n")
    (etc / "shadow").write_text(f"{shadow}{USER}:{digest}:19000:0:99999:7:::\n")
    (etc / "shadow").chmod(0o600)
    _allow(host, f"{USER} ALL=(ALL) NOPASSWD: ALL")


def _allow(host: SshHost, line: str) -> None:
    path = host.home / "etc/sudoers.d/users"
    path.write_text(f"{line}\n")
    path.chmod(0o440)


def test_a_user_becomes_root_by_sudo(host: SshHost, one_file: Path, tmp_path: Path) -> None:
    (tmp_path / "who.yml").write_text(DOCUMENT)
    (tmp_path / "hosts.ini").write_text(f"{host.in_inventory(ansible_user=USER, toe_executable=one_file)}\n")
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        argv = [toe_program(), "run", "--hosts", "hosts.ini", "-l", "logs", "who.yml", "--become", *words]
        return subprocess.run(argv, capture_output=True, text=True, cwd=tmp_path)

    done = run()
    assert json.loads(done.stdout)["status"] == "success", done.stderr
    assert (host.home / "root/who").read_text() == f"by {USER}\n"
    assert not (host.home / "home" / USER / ".toe").exists()

    _allow(host, f"{USER} ALL=(ALL) ALL")
    refused = run()
    assert (refused.returncode, json.loads(refused.stdout)["hosts"]["h1"]["status"]) == (2, "failed"), refused.stderr
    password.chmod(0o644)
    assert "others can read" in run("--become-password-file", "password").stderr
    password.chmod(0o600)
    done = run("--become-password-file", "password")
    assert json.loads(done.stdout)["status"] == "success", done.stderr
    assert PASSWORD not in done.stderr + done.stdout
    assert (host.home / "root/who").read_text() == f"by {USER}\n" * 2
