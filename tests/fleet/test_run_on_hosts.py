"""`toe run --hosts` on three hosts with sshd: batches, hosts that are down, links that are cut."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fleet_fixtures import RunOnHosts, toe_program
from relay import Relay
from ssh_hosts import PATIENCE_SECONDS, SshHost, make_hosts, stop_hosts, wait_until, why_not

from toe.system.processes.linux import commanded_processes

DOCUMENT = """
name: Steps
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Begin
        action: ExecuteBash
        inputs: {commands: [echo begun >> /root/begun]}
      - name: Work
        action: ExecuteBash
        inputs: {commands: ['%s']}
"""
PARAMETER = """parameters:
  - Key: {type: string}
phases:"""
WAIT = "echo started >> /root/started; while [ ! -e /root/go ]; do sleep 0.1; done"
#: A lost link is noticed after three seconds, a host that is not there after two.
QUICK = "-o ServerAliveInterval=1 -o ServerAliveCountMax=2 -o ConnectTimeout=2"


@pytest.fixture(autouse=True)
def _clean(hosts: list[SshHost]) -> None:
    for host in hosts:
        for name in ("begun", "started", "go", "broken"):
            (host.home / "root" / name).unlink(missing_ok=True)


def write(path: Path, work: str) -> str:
    path.write_text(DOCUMENT % work)
    return str(path)


def test_a_batch_that_fails_ends_the_run_and_retry_takes_the_rest(
    hosts: list[SshHost], run_on_hosts: RunOnHosts, tmp_path: Path
) -> None:
    document = write(tmp_path / "doc.yml", "echo at work; test ! -e /root/broken || exit 5")
    (hosts[0].home / "root/broken").touch()
    reports = ("--html", str(tmp_path / "report.html"), "--junit-xml", str(tmp_path / "junit.xml"))
    first = run_on_hosts(document, "--serial", "1", *reports, "--events", str(tmp_path / "events"), "--show-output")
    assert (first.code, [first.hosts[name]["status"] for name in ("h1", "h2", "h3")]) == (
        1,
        ["failed", "notRun", "notRun"],
    )
    step = first.hosts["h1"]["failedStep"]
    assert (step["phase"], step["step"], step["exitCode"]) == ("build", "Work", 5)
    assert "h1: build ok  Begin (ExecuteBash)" in first.err
    assert "h1: | at work" in first.err
    told = [json.loads(line) for line in (tmp_path / "events").read_text().splitlines()]
    assert {line["host"] for line in told} == {"h1"}
    assert (told[0]["event"], told[-1]["event"]) == ("RunStarted", "RunFinished")
    suites = {suite.get("name"): suite for suite in ElementTree.parse(tmp_path / "junit.xml").iter("testsuite")}
    assert list(suites) == ["h1: Steps: build", "h2: toe run", "h3: toe run"]
    assert [(suite.get("failures"), suite.get("errors")) for suite in suites.values()] == [("1", "0")] + [
        ("0", "1")
    ] * 2
    page = (tmp_path / "report.html").read_text()
    assert "h1: Steps" in page
    assert "its turn did not come" in page

    (hosts[0].home / "root/broken").unlink()
    again = run_on_hosts(document, "--retry", "--summary", str(tmp_path / "summary.json"))
    assert (again.code, {summary["status"] for summary in again.hosts.values()}) == (0, {"success"})
    assert json.loads((tmp_path / "summary.json").read_text())["status"] == "success"
    assert [(host.home / "root/begun").read_text().count("begun") for host in hosts] == [2, 1, 1]
    nothing = run_on_hosts(document, "--retry")
    assert (nothing.code, nothing.hosts) == (2, {})


@pytest.mark.slow
def test_a_host_that_is_down_is_unreachable_and_the_others_finish(
    hosts: list[SshHost], run_on_hosts: RunOnHosts, tmp_path: Path
) -> None:
    document = write(tmp_path / "doc.yml", "true")
    hosts[1].stop()
    try:
        done = run_on_hosts(document)
    finally:
        hosts[1].start()
    statuses = {name: summary["status"] for name, summary in done.hosts.items()}
    assert (done.code, statuses) == (1, {"h1": "success", "h2": "unreachable", "h3": "success"})
    again = run_on_hosts(document, "--retry")
    assert (again.code, {name: summary["status"] for name, summary in again.hosts.items()}) == (0, {"h2": "success"})


def test_a_run_whose_link_is_cut_goes_on_and_is_found_again(
    hosts: list[SshHost], run_on_hosts: RunOnHosts, one_file: Path, tmp_path: Path
) -> None:
    document = write(tmp_path / "doc.yml", WAIT)
    host, link = hosts[0], Relay(hosts[0].local_port)
    inventory = tmp_path / "cut.ini"
    variables = {"ansible_host": "127.0.0.1", "ansible_port": link.port, "ansible_ssh_extra_args": f"'{QUICK}'"}
    line = host.in_inventory(toe_executable=one_file, toe_reconnect_timeout=1, **variables)
    inventory.write_text(f"{line}\n")
    argv = [toe_program(), "run", "--hosts", str(inventory), "--log-directory", str(tmp_path / "logs"), document]
    try:
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            wait_until((host.home / "root/started").exists)
            link.cut()
            out, err = running.communicate(timeout=PATIENCE_SECONDS)
        assert json.loads(out)["hosts"]["h1"]["status"] == "unreachable", err
        link.mend()
        (host.home / "root/go").touch()
        again = run_on_hosts(document, "--retry", hosts=inventory)
    finally:
        link.close()
    assert (again.code, again.hosts["h1"]["status"]) == (0, "success"), again.err
    assert "success (a run that was begun before)" in again.err
    assert again.hosts["h1"]["executionId"] == json.loads(out)["hosts"]["h1"]["executionId"]
    assert (host.home / "root/started").read_text() == "started\n"


@pytest.mark.slow
def test_an_execution_that_runs_is_watched_and_not_started_by_a_second_order(
    hosts: list[SshHost], run_on_hosts: RunOnHosts, inventory: Path, tmp_path: Path
) -> None:
    document, other = write(tmp_path / "doc.yml", WAIT), write(tmp_path / "other.yml", "echo other > /root/started")
    argv = [
        toe_program(),
        "run",
        "--hosts",
        str(inventory),
        "--limit",
        "h1",
        "-i",
        "one",
        "-l",
        str(tmp_path / "first"),
    ]
    with subprocess.Popen([*argv, document], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        wait_until((hosts[0].home / "root/started").exists)
        refused = run_on_hosts(other, "--limit", "h1", "-i", "one")
        assert refused.code == 2
        assert "is one of other documents" in refused.hosts["h1"]["failureMessage"]
        (hosts[0].home / "root/go").touch()
        out, err = running.communicate(timeout=PATIENCE_SECONDS)
    assert json.loads(out)["status"] == "success", err
    assert (hosts[0].home / "root/started").read_text() == "started\n"


@pytest.mark.slow
def test_a_controller_that_is_stopped_leaves_nothing_and_the_run_goes_on(
    hosts: list[SshHost], inventory: Path, run_on_hosts: RunOnHosts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = write(tmp_path / "doc.yml", WAIT)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    argv = [toe_program(), "run", "--hosts", str(inventory), "--limit", "h1", "-l", str(tmp_path / "logs"), document]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        wait_until((hosts[0].home / "root/started").exists)
        running.send_signal(signal.SIGTERM)
        out, err = running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == 128 + signal.SIGTERM, err
    assert json.loads(out)["hosts"]["h1"]["status"] == "notRun"
    assert b"goes on there" in err
    assert commanded_processes(str(inventory)) == set()
    assert list((tmp_path / "temporary").iterdir()) == []
    (hosts[0].home / "root/go").touch()
    again = run_on_hosts(document, "--retry")
    assert (again.code, again.hosts["h1"]["status"]) == (0, "success"), again.err
    assert (hosts[0].home / "root/started").read_text() == "started\n"


def test_a_secret_is_in_no_list_of_processes_and_in_no_file(
    hosts: list[SshHost], inventory: Path, tmp_path: Path
) -> None:
    secret = "a-secret-{{ that }} nobody sees"
    text = (DOCUMENT % f'test "{{{{ Key }}}}" = "$(cat /root/key)"; {WAIT}').replace("phases:", PARAMETER)
    (tmp_path / "doc.yml").write_text(text)
    (hosts[0].home / "root/key").write_text(secret)
    named = [{"name": "Key", "value": secret}]
    (tmp_path / "config.json").write_text(json.dumps({"documents": [{"path": "doc.yml"}], "parameters": named}))
    logs = tmp_path / "logs"
    argv = [toe_program(), "run", "--hosts", str(inventory), "--limit", "h1", "-l", str(logs), "--mask", "Key"]
    with subprocess.Popen([*argv, "-c", "config.json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        wait_until((hosts[0].home / "root/started").exists)
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                assert secret.encode() not in (process / "cmdline").read_bytes()
                assert secret.encode() not in (process / "environ").read_bytes()
        (hosts[0].home / "root/go").touch()
        out, err = running.communicate(timeout=PATIENCE_SECONDS)
    (hosts[0].home / "root/key").unlink()
    assert json.loads(out)["status"] == "success", err
    kept = [path for path in (*logs.rglob("*"), *(hosts[0].home / "root").rglob("*")) if path.is_file()]
    assert [path for path in kept if secret.encode() in path.read_bytes()] == []


def test_mistakes_are_told_before_any_host_is_asked(run_on_hosts: RunOnHosts, tmp_path: Path) -> None:
    document = write(tmp_path / "doc.yml", "true")
    assert "there is no inventory" in run_on_hosts(document, hosts=tmp_path / "none.ini").err
    assert "does not go with --hosts" in run_on_hosts(document, "--trace").err
    assert "a number" in run_on_hosts(document, "--forks", "0").err
    assert "no document has a phase 'nope'" in run_on_hosts(document, "--phases", "nope").err
    assert "has no step 'build.Nope'" in run_on_hosts(document, "--only", "build.Nope").err
    assert "unknown way to reboot 'often'" in run_on_hosts(document, "--reboot", "often").err
    assert "cannot make the log directory" in run_on_hosts(document, "-l", str(tmp_path / "doc.yml/logs")).err
    assert "asked no host" in run_on_hosts(document, "--limit", "nobody").err
    (tmp_path / "bad.yml").write_text((DOCUMENT % "true").replace("ExecuteBash", "ExecuteBsh"))
    assert "bad.yml:8:17: error[TOE204]" in run_on_hosts(str(tmp_path / "bad.yml")).err


@pytest.mark.slow
def test_a_host_that_loses_its_power_goes_on_when_it_is_back(
    hosts: list[SshHost], one_file: Path, tmp_path: Path
) -> None:
    document = write(tmp_path / "doc.yml", WAIT)
    host = hosts[2]
    inventory = tmp_path / "power.ini"
    inventory.write_text(f"{host.in_inventory(toe_executable=one_file, ansible_ssh_extra_args=repr(QUICK))}\n")
    argv = [toe_program(), "run", "--hosts", str(inventory), "--log-directory", str(tmp_path / "logs"), document]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        wait_until((host.home / "root/started").exists)
        host.stop()
        (host.home / "root/go").touch()
        host.start()
        out, err = running.communicate(timeout=2 * PATIENCE_SECONDS)
    assert json.loads(out)["status"] == "success", err
    assert (host.home / "root/begun").read_text() == "begun\n"
    assert (host.home / "root/started").read_text() == "started\nstarted\n"


@pytest.mark.slow
def test_a_shell_that_hangs_on_a_host_is_given_up_and_asked_again(
    hosts: list[SshHost], inventory: Path, tmp_path: Path
) -> None:
    document = write(tmp_path / "doc.yml", WAIT)
    host = hosts[0]
    argv = [toe_program(), "run", "--hosts", str(inventory), "--limit", "h1", "-l", str(tmp_path / "logs"), document]

    def watching() -> set[int]:
        return host.processes() & commanded_processes("do=watch")

    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        wait_until(lambda: (host.home / "root/started").exists() and watching())
        stopped = watching()
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        (host.home / "root/go").touch()
        out, err = running.communicate(timeout=4 * PATIENCE_SECONDS)
        for pid in stopped:  # the terminal's end may have been theirs
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    assert json.loads(out)["status"] == "success", err
    assert (host.home / "root/started").read_text() == "started\n"


@pytest.mark.slow
def test_25_hosts_with_10_at_once(one_file: Path, unpacked: Path, tmp_path: Path) -> None:
    if why_not():
        pytest.skip(why_not())
    document = write(tmp_path / "doc.yml", "echo $SSH_CONNECTION")
    hosts: list[SshHost] = []
    try:
        make_hosts(tmp_path / "hosts", 25, str(unpacked.parent), into=hosts)
        inventory = tmp_path / "hosts.ini"
        inventory.write_text("".join(f"{host.in_inventory(toe_executable=one_file)}\n" for host in hosts))
        words = ["--forks", "10", "--html", str(tmp_path / "report.html"), "-l", str(tmp_path / "logs"), document]
        done = subprocess.run([toe_program(), "run", "--hosts", str(inventory), *words], capture_output=True, text=True)
    finally:
        stop_hosts(hosts)
    summaries = json.loads(done.stdout)["hosts"]
    assert [summary["status"] for summary in summaries.values()] == ["success"] * 25, done.stderr
    assert len({summary["logUrl"] for summary in summaries.values()}) == 25
    assert "h25: Steps" in (tmp_path / "report.html").read_text()
