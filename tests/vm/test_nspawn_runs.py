"""`toe run` on a machine that boots: it reboots, is started again by systemd or by cron, and goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from machine_runs import (
    CRONTAB,
    MOST_REBOOTS,
    RUNS,
    SPOOL,
    counts,
    last_summary,
    logs_of,
    nothing_is_left,
    reboots_of,
    write_runs,
)
from nspawn_machine import NspawnMachine

pytestmark = pytest.mark.nspawn


def prepare(machine: NspawnMachine, trigger: str, names: list[str]) -> None:
    write_runs(machine.payload, trigger, names)
    (machine.root / SPOOL).write_bytes(CRONTAB)
    (machine.root / SPOOL).chmod(0o600)


@pytest.mark.parametrize(
    ("trigger", "names"),
    [
        ("systemd", ["action", "loop", "endless"]),
        ("cron", ["once"]),
        pytest.param("systemd", ["once", "five"], marks=pytest.mark.slow),
        pytest.param("cron", ["action", "loop", "endless"], marks=pytest.mark.slow),
    ],
)
def test_runs_go_on_after_their_reboots(machine: NspawnMachine, trigger: str, names: list[str]) -> None:
    prepare(machine, trigger, names)
    assert machine.boot(at_most=sum(map(reboots_of, names)) + 1) == 0, machine.printed()
    for name in names:
        folder = machine.out / "runs" / name
        nothing_is_left(folder)
        console = (logs_of(folder) / "console.log").read_text()
        report = json.loads((logs_of(folder) / "detailedoutput.json").read_text())
        summary = last_summary(folder / "last.out")
        if name == "endless":
            assert counts(folder) == {"Before": 1, "Ask": MOST_REBOOTS + 1}
            assert summary["status"] == report["status"] == "failed"
            assert f"this run has rebooted {MOST_REBOOTS} times already" in summary["failureMessage"]
            continue
        _, expected, done = RUNS[name]
        assert counts(folder) == {"Before": 1, **expected, "After": 1}, machine.printed()
        assert (folder / "seen").read_text() == "from-before\n"
        assert summary["status"] == report["status"] == "success"
        assert console.count("Rebooting the system now") == done
        assert console.count("Executor: System has rebooted successfully") == done
        assert console.count("Stdout: from-before") == 1
        assert console.rstrip().endswith("TOE has completed execution successfully")
        statuses = [found["status"] for found in report["documents"][0]["phases"][0]["steps"]]
        assert statuses == ["success"] * 3


def test_one_file_goes_on_after_a_reboot_where_there_is_no_python(machine: NspawnMachine, one_file: Path) -> None:
    prepare(machine, "systemd", ["action"])
    shutil.rmtree(machine.payload / "site")
    shutil.copy(one_file, machine.payload / "bin/toe")
    for python in (machine.root / "usr/bin").glob("python3*"):
        python.unlink()
    assert machine.boot(at_most=2) == 0, machine.printed()
    folder = machine.out / "runs/action"
    nothing_is_left(folder)
    assert counts(folder) == {"Before": 1, "After": 1}, machine.printed()
    assert last_summary(folder / "last.out")["status"] == "success"
