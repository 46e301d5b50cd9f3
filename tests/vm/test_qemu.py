"""A kernel that restarts, and a power cut: the whole machine under qemu. Slow: `pytest -m vm`."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from machine_runs import counts, last_summary, logs_of, nothing_is_left, step, write_runs
from nspawn_machine import install_toe
from qemu_machine import QemuMachine

pytestmark = [
    pytest.mark.vm,
    pytest.mark.skipif(shutil.which("qemu-system-x86_64") is None, reason="apt-get install qemu-system-x86 qemu-utils"),
]

RUNNING = b"THE-STEP-IS-RUNNING"


def test_a_run_goes_on_after_the_kernel_has_restarted(built: Path, tmp_path: Path) -> None:
    payload = tmp_path / "payload"
    write_runs(payload, "systemd", ["once"])
    machine = QemuMachine(built.parent, tmp_path, payload)
    machine.run_to_the_end(at_most=2)
    assert (machine.out / "rc").read_text() == "0\n", (machine.out / "run.log").read_text()
    folder = machine.out / "runs" / "once"
    assert counts(folder) == {"Before": 1, "Ask": 2, "After": 1}
    assert last_summary(folder / "last.out")["status"] == "success"
    assert "Executor: System has rebooted successfully" in (logs_of(folder) / "console.log").read_text()
    nothing_is_left(folder, crontab=False)


def test_a_run_goes_on_after_a_power_cut(built: Path, tmp_path: Path) -> None:
    payload = tmp_path / "payload"
    shutil.copytree(Path(__file__).with_name("power_payload"), payload)
    install_toe(payload / "site")
    said = f"[ -e go ] || {{ echo {RUNNING.decode()} > /dev/ttyS0; sleep 600; }}"
    steps = [
        step("Before", "echo from-before"),
        step("Cut", said),
        step("After", "echo {{ build.Before.outputs.stdout }}"),
    ]
    (payload / "doc.yml").write_text(
        json.dumps({"schemaVersion": "1.0", "phases": [{"name": "build", "steps": steps}]})
    )
    machine = QemuMachine(built.parent, tmp_path, payload)
    machine.cut_power_when(RUNNING)
    machine.run_to_the_end(at_most=1)
    folder = machine.out / "run"
    printed = (folder / "second.out").read_text()
    assert (machine.out / "rc").read_text() == "0\n", printed
    assert "cut: cut off: toe resume cut" in (folder / "status.before").read_text()
    assert "no run is under way" in (folder / "status.after").read_text()
    # What a step wrote without syncing it may be gone; that it has finished is not forgotten.
    assert counts(folder).get("Before", 0) <= 1
    assert counts(folder)["Cut"] in (1, 2)
    assert counts(folder)["After"] == 1
    report = json.loads((logs_of(folder) / "detailedoutput.json").read_text())
    found = report["documents"][0]["phases"][0]["steps"]
    assert [step["status"] for step in found] == ["success"] * 3
    assert json.loads(found[2]["outputs"])[0]["stdout"] == "from-before"
    assert os.listdir(folder / "logs") == [logs_of(folder).name]
