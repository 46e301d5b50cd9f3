"""Steps for documents that run in machines, and what must hold behind them."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from pathlib import Path

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
