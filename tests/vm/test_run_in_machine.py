"""`toe run --in DISK`: documents in a machine that boots, told as a run that is here. Slow: `pytest -m vm`."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from machine_steps import bash, digest, nothing_is_left

import toe
from toe.images.capsule import capsule
from toe.images.gather import gathered
from toe.images.guest import run_in
from toe.images.machines.disks import convert, disk_of
from toe.images.machines.in_machine import machine_guest
from toe.session.logs import LogPlace
from toe.session.order import Order, Request
from toe.system.cancellation import Cancellation

pytestmark = [
    pytest.mark.vm,
    pytest.mark.skipif(shutil.which("qemu-system-x86_64") is None, reason="apt-get install qemu-system-x86 qemu-utils"),
]

PANIC = "echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger"

#: What tells that the machine is alive is stopped.
STOP = "for one in /proc/[0-9]*; do grep -q machine_gues[t] $one/cmdline && kill -STOP ${one#/proc/}; done"


def write(*steps: Mapping[str, object]) -> str:
    """A document of these steps."""
    document = {"schemaVersion": "1.0", "phases": [{"name": "build", "steps": list(steps)}]}
    Path("component.yml").write_text(json.dumps(document))
    return "component.yml"


def command(disk: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "toe", "run", "--in", str(disk), *words]


def run(disk: Path, *words: str) -> tuple[dict[str, Any], str]:
    """The summary and what people read."""
    done = subprocess.run(command(disk, *words), capture_output=True, text=True, check=False)
    return json.loads(done.stdout), done.stderr


def test_a_run_goes_through_a_reboot_of_a_machine_that_leaves_its_disk_alone(disk: Path, tmp_path: Path) -> None:
    convert(disk_of(disk), tmp_path / "base.qcow2", "qcow2")
    shutil.copy(disk.with_suffix(".vmlinuz"), tmp_path / "base.vmlinuz")
    before = digest(tmp_path / "base.qcow2")
    boot_id = "cat /proc/sys/kernel/random/boot_id"
    document = write(
        bash("Before", boot_id, "touch /made-before"),
        {"name": "Again", "action": "Reboot"},
        bash("After", f"test -e /made-before; {boot_id}; echo first is $(cat /proc/1/comm)"),
    )
    told, people = run(tmp_path / "base.qcow2", document, "--show-output", "--junit-xml", "report.xml")
    assert (told["status"], told["executedStepCount"]) == ("success", 3), people
    assert "| first is systemd" in people
    assert "toe: the machine is started again" in people
    (folder,) = tmp_path.glob("TOE_*")
    boot_ids = re.findall(r"\| ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$", people, re.M)
    assert len(set(boot_ids)) == 2
    assert (folder / "machine-console.log").read_text(errors="replace").count("Linux version") == 2
    assert digest(tmp_path / "base.qcow2") == before


def test_a_panic_ends_with_its_words(disk: Path) -> None:
    told, people = run(disk, write(bash("Crash", "echo before; sleep 5", PANIC)))
    assert told["status"] == "failed"
    assert "its machine ended (it panicked: Kernel panic - not syncing: sysrq triggered crash" in told["failureMessage"]
    assert "machine-console.log" in people
    (folder,) = Path().glob("TOE_*")
    assert "Kernel panic" in (folder / "machine-console.log").read_text(errors="replace")
    assert '"Crash"' in (folder / "events.jsonl").read_text()


def test_a_machine_that_falls_silent_is_ended(disk: Path, tmp_path: Path) -> None:
    cancellation = Cancellation()
    (tmp_path / "logs").mkdir()
    document = write(bash("Silence", f"{STOP}; sleep 600"))
    order = Order(
        (Request(document),),
        phases=("build",),
        options={"reboot": None, "max_reboots": None, "log_directory": None},
        execution_id="silent",
        environment={},
        cancellation=cancellation,
        log_place=LogPlace(str(tmp_path / "logs")),
    )
    with machine_guest(disk_of(disk), capsule(cancellation), tmp_path / "logs", cancellation) as guest:
        guest.silence_seconds = 30.0
        result = run_in(guest, gathered(order, dict(os.environ)), "/tmp")
    assert result.status is toe.Status.FAILED
    assert "it has said nothing for 30 s" in result.failure_message
    assert nothing_is_left(os.getpid())


def test_a_full_disk_fails_the_step_and_the_logs_tell_of_it(disk: Path) -> None:
    told, people = run(disk, write(bash("Fill", "dd if=/dev/zero of=/full bs=1M")), "--show-output")
    assert told["status"] == "failed", people
    assert "No space left on device" in people
    (folder,) = Path().glob("TOE_*")
    assert "No space left on device" in (folder / "console.log").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_toe_that_is_stopped_leaves_no_machine(disk: Path, number: signal.Signals) -> None:
    document = write(bash("Sleep", "echo under way", "sleep 600"))
    with subprocess.Popen(command(disk, document, "--show-output"), stderr=subprocess.PIPE, text=True,
                          stdout=subprocess.DEVNULL, start_new_session=True) as process:  # fmt: skip
        assert process.stderr is not None
        for line in process.stderr:
            if "| under way" in line:
                process.send_signal(number)
        code = process.wait()
    assert code == (130 if number == signal.SIGINT else -signal.SIGKILL)
    if number == signal.SIGKILL:  # what it left is removed by the next command
        told, _ = run(disk, write(bash("Short", "true")))
        assert told["status"] == "success"
    assert nothing_is_left(process.pid)
