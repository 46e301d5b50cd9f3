"""The speeds that `toe` promises, each as a ratio to a peer measured in the same run.

    python tests/bench/measure.py [--rounds N]

Prints one line for each promise; exits 1 when one is broken. Not part of the test suite: timings need a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

TOE = [str(Path(sys.executable).parent / "toe"), "run"]
LINE = "this is a line of output that is about eighty characters long, as build logs are.."
BIG = f'yes "{LINE}" | head -c 100000000'


class Promise(NamedTuple):
    """A measured ratio and the largest that is allowed."""

    what: str
    ratio: float
    limit: float
    detail: str


def typical(rounds: int, action: Callable[[], object]) -> float:
    """The median of some rounds, in seconds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
        for folder in Path().glob("TOE_*"):
            shutil.rmtree(folder)
    return statistics.median(times)


def call(argv: Sequence[str]) -> None:
    """Run a command that must succeed; what it prints goes nowhere."""
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def write_document(path: str, steps: Sequence[Mapping[str, object]]) -> str:
    """A document of one phase, as JSON, which is YAML."""
    Path(path).write_text(json.dumps({"schemaVersion": "1.0", "phases": [{"name": "build", "steps": steps}]}))
    return path


def hello_world(rounds: int) -> Promise:
    """From process start to end, against an interpreter that does nothing."""
    step = {"name": "Hello", "action": "ExecuteBash", "inputs": {"commands": ["echo hello"]}}
    document = write_document("hello.yml", [step])
    bare = typical(rounds * 5, lambda: call([sys.executable, "-c", "pass"]))
    ours = typical(rounds * 5, lambda: call([*TOE, document]))
    return Promise("hello world / python -c pass", ours / bare, 6, f"{ours * 1e3:.0f} ms / {bare * 1e3:.0f} ms")


def two_hundred_steps(rounds: int) -> Promise:
    """200 small processes, against a bash script that runs the same commands."""
    commands = [["-c", f"echo hello {number}"] for number in range(200)]
    steps = [
        {"name": f"Step{number}", "action": "ExecuteBinary", "inputs": {"path": "bash", "arguments": command}}
        for number, command in enumerate(commands)
    ]
    document = write_document("many.yml", steps)
    Path("many.sh").write_text("".join(f"bash -c '{command[1]}'\n" for command in commands))
    bare = typical(rounds, lambda: call(["bash", "many.sh"]))
    ours = typical(rounds, lambda: call([*TOE, document]))
    return Promise("200 steps / bash script", ours / bare, 1.4, f"{ours:.3f} s / {bare:.3f} s")


def many_files(rounds: int) -> Promise:
    """The cost of a CreateFile step among 10,000 against that among 100, start-up left out."""

    def seconds(count: int) -> float:
        steps = [
            {"name": f"Step{n}", "action": "CreateFile", "inputs": [{"path": f"files-{count}/{n % 100}/{n}"}]}
            for n in range(count)
        ]
        document = write_document(f"files-{count}.yml", steps)
        return typical(rounds, lambda: call([*TOE, document]))

    start_up, few, many = seconds(1), seconds(100), seconds(10_000)
    each_of_few, each_of_many = (few - start_up) / 99, (many - start_up) / 9_999
    detail = f"{each_of_many * 1e6:.0f} us / {each_of_few * 1e6:.0f} us"
    return Promise("a step of 10,000 / a step of 100", each_of_many / each_of_few, 1.3, detail)


def big_output(rounds: int) -> tuple[Promise, Promise]:
    """One step that prints 100 MB, against `tee` into a file; and the memory it takes."""
    step = {"name": "Big", "action": "ExecuteBash", "inputs": {"commands": [BIG]}}
    document = write_document("big.yml", [step])
    bare = typical(rounds, lambda: call(["bash", "-c", f"{{ {BIG}; }} 2>/dev/null | tee big.txt > /dev/null"]))
    ours = typical(rounds, lambda: call([*TOE, document]))
    peak = peak_memory([*TOE, document])
    return (
        Promise("100 MB of output / tee", ours / bare, 3, f"{ours:.3f} s / {bare:.3f} s"),
        Promise("peak resident size / 90 MB", peak / 90e6, 1, f"{peak / 1e6:.0f} MB"),
    )


def peak_memory(argv: Sequence[str]) -> float:
    """The largest resident size of a command's own process, in bytes."""
    pid = os.posix_spawn(argv[0], list(argv), os.environ, file_actions=_SILENT)
    _, _, usage = os.wait4(pid, 0)
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


_SILENT = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_WRONLY, 0) for descriptor in (1, 2)]


def report(promises: Sequence[Promise]) -> int:
    """Print a line for each promise; the exit code says whether all are kept."""
    for what, ratio, limit, detail in promises:
        print(f"{'ok  ' if ratio <= limit else 'OVER'}  {what}: {ratio:.2f} (at most {limit}); {detail}")
    return 0 if all(promise.ratio <= promise.limit for promise in promises) else 1


def main() -> int:
    """Measure everything and say what holds."""
    parser = argparse.ArgumentParser(description="Measure what toe promises.")
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        promises = [hello_world(rounds), two_hundred_steps(rounds), many_files(min(rounds, 2)), *big_output(rounds)]
        os.chdir("/")
    return report(promises)


if __name__ == "__main__":
    sys.exit(main())
