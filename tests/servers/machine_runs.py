"""Runs that reboot the machine they are on, as a payload for one, and what must be left of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from nspawn_machine import install_toe

from toe.system.resume.cron import without_header

PAYLOAD = Path(__file__).resolve().parents[1] / "vm" / "runs_payload"
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


def write_runs(payload: Path, trigger: str, names: list[str]) -> None:
    """The payload that carries out some of the runs."""
    shutil.copytree(PAYLOAD, payload, dirs_exist_ok=True)
    install_toe(payload / "site")
    (payload / "settings").write_text(f"TRIGGER={trigger}\n")
    for name in names:
        folder = payload / "runs" / name
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


def nothing_is_left(folder: Path, *, crontab: bool = True) -> None:
    assert "no run is under way" in (folder / "status.err").read_text()
    assert [name for name in (folder / "state.after").read_text().split() if not name.endswith(".out")] == []
    assert (folder / "units.after").read_text() == ""
    if crontab:
        assert without_header((folder / "crontab.after").read_bytes()) == CRONTAB
