"""`toe run` on a machine that boots: it reboots, is started again by systemd or by cron, and goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from nspawn_machine import NspawnMachine, install_toe

from toe.system.resume.crontab import without_header

pytestmark = pytest.mark.nspawn

PAYLOAD = Path(__file__).with_name("runs_payload")
CRONTAB = b"# mine\nMAILTO=nobody\n0 5 1 1 * date +\\%F\n@reboot : > /out/other\n"
SPOOL = "var/spool/cron/crontabs/root"


def step(name: str, *commands: str, **keys: object) -> dict[str, object]:
    """A bash step that counts its runs."""
    counted = [f"echo x >> {name}.count", *commands]
    return {"name": name, "action": "ExecuteBash", **keys, "inputs": {"commands": counted}}


def asks(times: int, name: str = "Ask") -> str:
    return f"[ $(wc -l < {name}.count) -gt {times} ] || exit 194"


IN_ROUND_B = "[ {{ loop.value }} != b ] || [ $(grep -c b rounds) -gt 1 ] || exit 194"
SEE = "echo {{ build.Before.outputs.stdout }} > seen"
BEFORE, AFTER = step("Before", "echo from-before"), step("After", SEE)
#: name -> the steps between those two, how often each runs, and how many reboots there are.
RUNS: dict[str, tuple[list[dict[str, object]], dict[str, int], int]] = {
    "action": ([{"name": "Boot", "action": "Reboot"}], {}, 1),
    "once": ([step("Ask", asks(1))], {"Ask": 2}, 1),
    "loop": (
        [step("Ask", "echo {{ loop.value }} >> rounds", IN_ROUND_B, loop={"forEach": ["a", "b", "c"]})],
        {"Ask": 5},
        1,
    ),
    "five": ([step("Ask", asks(5))], {"Ask": 6}, 5),
}
MOST_REBOOTS = 2


def prepare(machine: NspawnMachine, trigger: str, names: list[str]) -> None:
    shutil.copytree(PAYLOAD, machine.payload, dirs_exist_ok=True)
    install_toe(machine.payload / "site")
    (machine.payload / "settings").write_text(f"TRIGGER={trigger}\n")
    (machine.root / SPOOL).write_bytes(CRONTAB)
    (machine.root / SPOOL).chmod(0o600)
    for name in names:
        folder = machine.payload / "runs" / name
        folder.mkdir(parents=True)
        steps = [BEFORE, *RUNS[name][0], AFTER] if name in RUNS else [BEFORE, step("Ask", "exit 194"), AFTER]
        (folder / "doc.yml").write_text(
            json.dumps({"schemaVersion": "1.0", "phases": [{"name": "build", "steps": steps}]})
        )
        options = f"-i {name} -l logs --reboot system --max-reboots {reboots_of(name)}"
        (folder / "start").write_text(f"exec toe run doc.yml {options}\n")


def reboots_of(name: str) -> int:
    return RUNS[name][2] if name in RUNS else MOST_REBOOTS


def counts(folder: Path) -> dict[str, int]:
    return {path.stem: len(path.read_text().split()) for path in folder.glob("*.count")}


def last_summary(path: Path) -> dict[str, str]:
    """The last of the summaries in what a run has printed, one for each part."""
    summary: dict[str, str] = json.loads("{" + path.read_text().rpartition("\n{\n")[2])
    return summary


def logs_of(folder: Path) -> Path:
    (logs,) = (folder / "logs").iterdir()
    return logs


def nothing_is_left(folder: Path) -> None:
    assert "no run is under way" in (folder / "status.err").read_text()
    assert [name for name in (folder / "state.after").read_text().split() if not name.endswith(".out")] == []
    assert (folder / "units.after").read_text() == ""
    assert without_header((folder / "crontab.after").read_bytes()) == CRONTAB


@pytest.mark.parametrize(
    ("trigger", "names"),
    [("systemd", ["action", "once", "loop", "five", "endless"]), ("cron", ["action", "once", "loop", "endless"])],
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
        assert console.count("Executor: System has rebooted successfully.") == done
        assert console.count("Stdout: from-before") == 1
        assert console.rstrip().endswith("TOE has completed execution successfully")
        statuses = [found["status"] for found in report["documents"][0]["phases"][0]["steps"]]
        assert statuses == ["success"] * 3
