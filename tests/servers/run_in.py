"""Documents that run in containers, for tests: they are written, run by the command line, and looked at."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine_fixtures import containers

Step = Mapping[str, object]


def say(name: str, script: str) -> Step:
    """A step without bash."""
    return {"name": name, "action": "ExecuteBinary", "inputs": {"path": "sh", "arguments": ["-c", script]}}


def write(path: str, *steps: Step, **more: object) -> str:
    """A document of these steps."""
    document = {"schemaVersion": "1.0", **more, "phases": [{"name": "build", "steps": steps}]}
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(json.dumps(document))
    return path


def argv(image: str, *words: str) -> Sequence[str]:
    return [sys.executable, "-m", "toe", "run", "--in", image, *words]


def run(image: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv(image, *words), env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def summary(done: subprocess.CompletedProcess[str]) -> Mapping[str, object]:
    told: Mapping[str, object] = json.loads(done.stdout)
    return told


def log(name: str = "console.log") -> str:
    (path,) = Path().glob(f"TOE_*/{name}")
    return path.read_text()


def nothing_is_left() -> bool:
    """Whether there is no container, and no folder with a request."""
    runs = Path(os.environ["XDG_CACHE_HOME"], "toe/runs")
    ours = [path for path in runs.iterdir() if f"-{os.getpid()}-" in path.name]
    return containers() == [] and ours == []


def images_of_podman() -> list[str]:
    """The names of its images."""
    argv = ["podman", "images", "--format", "{{.Repository}}"]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()


def direct_children_of(pid: int) -> list[int]:
    """The children of a process."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def on_terminal(command: Sequence[str], lines: Sequence[str], prompt: bytes) -> tuple[str, int, str]:
    """Run a command on a terminal of its own and type a line at each prompt; its stdout, exit code, and the screen."""
    ours, its = pty.openpty()
    with subprocess.Popen(
        command, stdin=its, stderr=its, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        os.close(its)
        screen, typed = b"", list(lines)
        while block := _read(ours):
            screen += block
            if typed and screen.removesuffix(WHERE_IS_THE_CURSOR).endswith(prompt):
                os.write(ours, f"{typed.pop(0)}\n".encode())
        os.close(ours)
        out, _ = process.communicate()
    return out, process.returncode, screen.decode(errors="replace")


#: What busybox asks of a terminal behind its prompt.
WHERE_IS_THE_CURSOR = b"\x1b[6n"


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # nobody has the other end any more
        return b""
