"""Hosts with Windows, by Ansible's own connections, to a program that takes what is sent and answers as its script.

What the script for PowerShell does is not shown here: no PowerShell is at hand. See windows_programs/PowerShell.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fleet_fixtures import Done, toe_program
from ssh_hosts import PATIENCE_SECONDS, SshHost, make_hosts, stop_hosts, wait_until, why_not
from winrm_server import LONGEST_LINE, WinRmServer

PROGRAMS = Path(__file__).resolve().parent.parent / "servers" / "windows_programs"
DOCUMENT = """
name: Steps
schemaVersion: 1.0
parameters:
  - Token: {type: string, default: none}
phases:
  - name: build
    steps:
      - name: Write
        action: CreateFile
        inputs:
          - {path: written.txt, content: "{{ Token }} 'quoted' %PATH% $env:X"}
      - name: Nested
        action: ExecuteDocument
        inputs: {document: parts/nested.yml}
"""
NESTED = """
name: Nested
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Folder
        action: CreateFolder
        inputs: [{path: made}]
"""
REBOOT = """
name: Reboot
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - {name: Restart, action: Reboot, inputs: {delaySeconds: 0}}
      - name: After
        action: CreateFile
        inputs: [{path: after.txt, content: after}]
"""
WAIT = """
name: Wait
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Wait
        action: ExecuteBinary
        inputs:
          path: /bin/sh
          arguments: [-c, 'echo started >> %s/started; until [ -e %s/go ]; do sleep 0.1; done']
"""
WIN_REBOOT = """
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        assert self._task.args == {"reboot_timeout": 77}, self._task.args
        return {"changed": True, "rebooted": True}
"""
RunOnWindows = Callable[..., Done]
#: The shells of a connection that needs no server.
SHELLS = ("powershell", "cmd")
LOCAL = "ansible_connection=local ansible_shell_type={shell}"


@pytest.fixture
def server() -> Iterator[WinRmServer]:
    server = WinRmServer(PROGRAMS)
    try:
        yield server
    finally:
        server.close()


def by_winrm(server: WinRmServer) -> str:
    login = "ansible_user=Administrator ansible_password=none"
    return (
        f"ansible_connection=winrm ansible_host=127.0.0.1 ansible_port={server.port} ansible_winrm_scheme=http {login}"
    )


@pytest.fixture
def run_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunOnWindows:
    """`toe run --hosts` on a host w1 with these variables, and with further words.

    `meanwhile` is called when its step that waits has started.
    """
    (tmp_path / "parts").mkdir()
    (tmp_path / "doc.yml").write_text(DOCUMENT)
    (tmp_path / "parts/nested.yml").write_text(NESTED)
    (tmp_path / "reboot.yml").write_text(REBOOT)
    (tmp_path / "wait.yml").write_text(WAIT % (tmp_path, tmp_path))
    monkeypatch.setenv("PATH", os.pathsep.join((str(PROGRAMS), os.environ["PATH"])))
    monkeypatch.setenv("TOE_STATE_DIRECTORY", str(tmp_path / "state"))

    def run(
        variables: str, *words: str, installed: str = toe_program(), meanwhile: Callable[[], object] | None = None
    ) -> Done:
        line = f"w1 {variables} toe_remote_directory={tmp_path}/base"
        (tmp_path / "hosts.ini").write_text(f"{line} toe_installed={installed}\n" if installed else f"{line}\n")
        argv = [toe_program(), "run", "--hosts", "hosts.ini", "--log-directory", "logs", *words]
        pipe = subprocess.PIPE
        with subprocess.Popen(argv, stdout=pipe, stderr=pipe, text=True, cwd=tmp_path) as running:
            if meanwhile:
                wait_until((tmp_path / "started").exists)
                meanwhile()
            out, err = running.communicate(timeout=PATIENCE_SECONDS)
        return Done(running.returncode, json.loads(out).get("hosts", {}), err)

    return run


def _go(folder: Path) -> None:
    (folder / "go").touch()


def message_of(done: Done) -> str:
    assert done.code in (1, 2), done.err
    return str(done.hosts["w1"]["failureMessage"])


@pytest.mark.parametrize("shell", ["winrm", *(pytest.param(shell, marks=pytest.mark.slow) for shell in SHELLS)])
def test_documents_run_and_their_logs_are_fetched(
    run_on_windows: RunOnWindows, server: WinRmServer, shell: str, tmp_path: Path
) -> None:
    variables = by_winrm(server) if shell == "winrm" else LOCAL.format(shell=shell)
    token = "to'k\"e‘n $(x) `n ü"
    named = [{"name": "Token", "value": token}]
    (tmp_path / "c.json").write_text(json.dumps({"documents": [{"path": "doc.yml"}], "parameters": named}))
    done = run_on_windows(variables, "--config", "c.json", "--mask", "Token")
    assert done.code == 0, done.err
    assert "w1: build ok  Write (CreateFile)" in done.err
    logs = Path(done.hosts["w1"]["logUrl"])
    assert logs.parent == tmp_path / "logs/w1"
    assert json.loads((logs / "detailedoutput.json").read_text())["status"] == "success"
    assert list((tmp_path / "base/runs").iterdir()) == []
    (written,) = (tmp_path / "base/kept").rglob("written.txt")
    assert written.read_text() == f"{token} 'quoted' %PATH% $env:X"
    for line in server.lines:
        assert len(line) <= LONGEST_LINE
        assert token not in line


@pytest.mark.slow
def test_documents_run_by_ssh_where_the_default_shell_is_cmd(
    run_on_windows: RunOnWindows, one_file: Path, tmp_path: Path
) -> None:
    if why_not():
        pytest.skip(why_not())
    hosts: list[SshHost] = []
    try:
        (host,) = make_hosts(tmp_path / "hosts", 1, into=hosts)
        host.stop()
        config = host.home / "sshd_config"
        path = f"PATH={PROGRAMS}:{os.defpath} PYTHONPATH={PROGRAMS.parent.parent.parent}"
        config.write_text(config.read_text().replace("SetEnv ", f"SetEnv {path} "))
        host.start()
        line = host.in_inventory(ansible_shell_type="cmd", toe_reboot_command="''").partition(" ")[2]
        done = run_on_windows(line, "doc.yml", installed=str(one_file))
        assert (done.code, done.hosts["w1"]["status"]) == (0, "success"), done.err
        assert list((tmp_path / "base/kept").rglob("written.txt"))
    finally:
        stop_hosts(hosts)


def test_a_run_outlives_the_shell_that_began_it_and_is_watched_by_another(
    run_on_windows: RunOnWindows, server: WinRmServer, tmp_path: Path
) -> None:
    def lose() -> None:
        wait_until(lambda: len(server.lines) > 1)  # the first has told that the run is there
        server.forget_shells()
        _go(tmp_path)

    done = run_on_windows(by_winrm(server), "wait.yml", meanwhile=lose)
    assert (done.code, done.hosts["w1"]["status"]) == (0, "success"), done.err
    assert (tmp_path / "started").read_text() == "started\n"
    assert len(server.opened) > 1


@pytest.mark.slow
def test_a_run_whose_controller_lost_it_is_found_again(
    run_on_windows: RunOnWindows, server: WinRmServer, tmp_path: Path
) -> None:
    variables = f"{by_winrm(server)} toe_reconnect_timeout=0"
    done = run_on_windows(variables, "wait.yml", meanwhile=server.forget_shells)
    assert (done.code, done.hosts["w1"]["status"]) == (2, "unreachable"), done.err
    assert "shell was not found" in done.err
    _go(tmp_path)
    again = run_on_windows(variables, "wait.yml")
    assert (again.code, again.hosts["w1"]["status"]) == (0, "success"), again.err
    assert "a run that was begun before" in again.err
    assert (tmp_path / "started").read_text() == "started\n"


def test_a_service_that_is_down_is_unreachable(run_on_windows: RunOnWindows, server: WinRmServer) -> None:
    server.close()
    done = run_on_windows(by_winrm(server), "doc.yml")
    assert (done.code, done.hosts["w1"]["status"]) == (2, "unreachable"), done.err


def test_a_reboot_is_left_to_win_reboot(
    run_on_windows: RunOnWindows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = LOCAL.format(shell="powershell") + " toe_reboot_timeout=77"
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", str(tmp_path / "collections"))
    done = run_on_windows(variables, "reboot.yml")
    assert "ansible-galaxy collection install ansible.windows" in message_of(done)
    plugins = tmp_path / "collections/ansible_collections/ansible/windows/plugins/action"
    plugins.mkdir(parents=True)
    (plugins / "win_reboot.py").write_text(WIN_REBOOT)
    done = run_on_windows(variables, "reboot.yml")
    assert (done.code, done.hosts["w1"]["status"], done.hosts["w1"]["reboots"]) == (0, "success", 1), done.err


@pytest.mark.parametrize(
    ("variables", "installed", "words", "message"),
    [
        ("", "", (), "the one file is for Linux, and the host has Windows"),
        ("", "no-such-toe", (), "'no-such-toe' is not installed on the host"),
        pytest.param(
            "ansible_become_method=runas ansible_become_user=System",
            toe_program(),
            ("--become",),
            "become does not go with toe.toe.run",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "toe_reboot_command=reboot",
            toe_program(),
            (),
            "'reboot_command' is not for hosts with Windows",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_what_cannot_be_is_refused(
    run_on_windows: RunOnWindows, variables: str, installed: str, words: tuple[str, ...], message: str
) -> None:
    done = run_on_windows(f"{LOCAL.format(shell='powershell')} {variables}", "doc.yml", *words, installed=installed)
    assert message in message_of(done)


def test_documents_are_judged_for_the_system_of_their_host(run_on_windows: RunOnWindows, tmp_path: Path) -> None:
    """One for Windows alone is not refused here, and is there, for it is a Linux in truth; and the other way round."""
    text = NESTED.replace("CreateFolder", "%s").replace("[{path: made}]", "%s")
    registry = r"[{path: 'HKLM:\SOFTWARE\X', name: a, value: b, type: SZ}]"
    (tmp_path / "registry.yml").write_text(text % ("SetRegistry", registry))
    (tmp_path / "bash.yml").write_text(text % ("ExecuteBash", "{commands: [true]}"))
    (tmp_path / "both.yml").write_text((text % ("SetRegistry", registry)).replace("type: SZ", "type: XZ"))
    variables = LOCAL.format(shell="powershell")
    assert "SetRegistry for os platform linux" in message_of(run_on_windows(variables, "registry.yml"))
    assert (tmp_path / "base/runs").exists()
    assert "ExecuteBash for os platform windows" in message_of(run_on_windows(variables, "bash.yml"))
    wrong = run_on_windows(variables, "both.yml")
    assert (wrong.code, wrong.hosts) == (2, {})
    assert "XZ" in wrong.err
