"""Steps and recipes for what runs in machines, and what must hold behind them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toe.images.capsule import cache_folder


def bash(name: str, *commands: str) -> Mapping[str, object]:
    return {"name": name, "action": "ExecuteBash", "inputs": {"commands": list(commands)}}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def nothing_is_left(pid: int) -> bool:
    """Whether no folder and no machine of a process is there."""
    folders = [path for path in (cache_folder() / "runs").iterdir() if f"-{pid}-" in path.name]
    running = subprocess.run(["pgrep", "-f", f"{cache_folder()}/runs/toe-[0-9]+-{pid}-"], capture_output=True)
    return not folders and running.returncode == 1


def component(name: str, **phases: Sequence[Mapping[str, object]]) -> None:
    """A component of the recipe beside it."""
    document = {
        "schemaVersion": "1.0",
        "phases": [{"name": phase, "steps": list(steps)} for phase, steps in phases.items()],
    }
    path = Path("components", name, "1.0.0", "component.yml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))


def recipe(base: Path | str, *names: str, **more: object) -> None:
    """A recipe with these components."""
    data = {
        "name": "machine",
        "semanticVersion": "1.0.x",
        "parentImage": "the-base",
        "components": [{"componentArn": f"{name}/1.0.0"} for name in names],
        **more,
    }
    Path("recipe.yml").write_text(json.dumps(data))
    Path("toe-images.yml").write_text(json.dumps({"images": {"the-base": str(base)}}))


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "toe", "build", "recipe.yml", *words]


def build(*words: str) -> tuple[dict[str, Any], str]:
    """The summary and what people read."""
    done = subprocess.run(command(*words), capture_output=True, text=True, check=False)
    return json.loads(done.stdout), done.stderr
