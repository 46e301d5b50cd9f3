"""How long a machine image takes: cold, unchanged with its tests, unchanged without. Two components, one reboots.

    .venv/bin/python tests/bench/machines.py DISK

DISK starts by a kernel beside it; `pytest -m vm` makes one: /var/cache/toe-tests/disk/debian.raw.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path


def component(folder: Path, name: str, *steps: Mapping[str, object]) -> None:
    """A component with a test."""
    path = folder / "components" / name / "1.0.0" / "component.yml"
    path.parent.mkdir(parents=True)
    tests = [{"name": "There", "action": "ExecuteBash", "inputs": {"commands": [f"test -e /made-by-{name}"]}}]
    phases = [{"name": "build", "steps": list(steps)}, {"name": "test", "steps": tests}]
    path.write_text(json.dumps({"schemaVersion": "1.0", "phases": phases}))


def write_recipe(folder: Path, disk: str) -> None:
    """A recipe of two components."""
    made = {
        name: {"name": "Make", "action": "ExecuteBash", "inputs": {"commands": [f"touch /made-by-{name}"]}}
        for name in ("one", "two")
    }
    component(folder, "one", made["one"])
    component(folder, "two", made["two"], {"name": "Reboot", "action": "Reboot"})
    recipe = {
        "name": "bench",
        "semanticVersion": "1.0.0",
        "parentImage": os.path.abspath(disk),
        "components": [{"componentArn": "one/1.0.0"}, {"componentArn": "two/1.0.0"}],
    }
    (folder / "recipe.yml").write_text(json.dumps(recipe))


def seconds(folder: Path, *words: str) -> float:
    """What a build takes. Raises CalledProcessError where it fails."""
    command = [sys.executable, "-m", "toe", "build", "recipe.yml", "--format", "qcow2", "--quiet", *words]
    began = time.monotonic()
    subprocess.run([*command, "--state-directory", "state"], cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - began


def main(disk: str) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_recipe(folder, disk)
        # Base and capsule are made and read once for all builds: this one is not measured.
        seconds(folder, "--plan")
        for what, words in (("cold", ()), ("unchanged", ()), ("unchanged, no tests", ("--no-tests",))):
            print(f"{what:<20} {seconds(folder, *words):6.1f} s", flush=True)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main(sys.argv[1])
