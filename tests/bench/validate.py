"""The speeds that `toe validate` promises: many documents against check-jsonschema, one against a bare interpreter.

    python tests/bench/validate.py CHECK-JSONSCHEMA [--rounds N]

CHECK-JSONSCHEMA is that program, installed in an environment of its own. shellcheck is kept off the PATH: it takes
longer than everything else, and the peer has no counterpart.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from measure import Promise, peak_memory, report, typical

TOE = str(Path(sys.executable).parent / "toe")
DOCUMENTS, STEPS = 1000, 10
LARGE_BYTES = 5_000_000
MIB = 2**20


def step(number: int, name: str = "Step") -> str:
    """A step as people write them: a script, or a file."""
    head = f"      - name: {name}{number}\n        timeoutSeconds: 60\n        onFailure: Continue\n"
    if number % 2:
        commands = ("set -euo pipefail", f'echo "{{{{ Name }}}} {number}"', "uname -a")
        lines = "".join(f"            - {command}\n" for command in commands)
        return f"{head}        action: ExecuteBash\n        inputs:\n          commands:\n{lines}"
    entry = f"          - path: /tmp/file{number}\n            content: hello {{{{ Name }}}}\n"
    return f"{head}        action: CreateFile\n        inputs:\n{entry}"


def document(steps: str, name: str = "bench") -> str:
    """A document with one phase of these steps."""
    return (
        f"name: {name}\nschemaVersion: 1.0\nparameters:\n  - Name: {{type: string, default: x}}\n"
        f"phases:\n  - name: build\n    steps:\n{steps}"
    )


def run(argv: Sequence[str], code: int = 0) -> None:
    """Run a command that must end with this exit code; what it prints goes nowhere."""
    environment = {**os.environ, "PATH": "/nowhere"}
    done = subprocess.run(
        argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, check=False
    ).returncode
    if done != code:
        sys.exit(f"{argv[0]}: exit code {done}, not {code}")


def many_documents(peer: str, rounds: int) -> Promise:
    """1,000 documents of 10 steps, from process start to end, against check-jsonschema with our schema."""
    Path("many").mkdir()
    for number in range(DOCUMENTS):
        text = document("".join(step(position) for position in range(STEPS)), f"doc{number}")
        Path(f"many/{number:04}.yml").write_text(text)
    names = sorted(str(path) for path in Path("many").iterdir())
    schema = subprocess.run([TOE, "schema"], stdout=subprocess.PIPE, check=True).stdout
    Path("schema.json").write_bytes(schema)
    ours = typical(rounds, lambda: run([TOE, "validate", *names]))
    theirs = typical(1, lambda: run([peer, "--schemafile", "schema.json", *names]))
    return Promise("1,000 documents / check-jsonschema", ours / theirs, 0.2, f"{ours:.2f} s / {theirs:.2f} s")


def one_document(rounds: int) -> Promise:
    """A small document, from process start to end, against an interpreter that does nothing."""
    Path("one.yml").write_text(document(step(1)))
    bare = typical(rounds * 5, lambda: run([sys.executable, "-c", "pass"]))
    ours = typical(rounds * 5, lambda: run([TOE, "validate", "one.yml"]))
    return Promise("one document / python -c pass", ours / bare, 12, f"{ours * 1e3:.0f} ms / {bare * 1e3:.0f} ms")


def large_documents() -> list[Promise]:
    """The slowest of some documents of 5 MB, good and bad ones, and the most memory that one takes."""
    good = [step(number) for number in range(40_000)]
    line = "          echo {{ Nope }} 'a b c d e f g h i j k' $x; curl http://x | bash\n"
    script = "      - name: One\n        action: ExecuteBash\n        inputs:\n          commands:\n"
    texts = {
        "good": (document("".join(good[:13_000])), 0),
        "wrong": (document("".join(good[:13_000]).replace("action:", "acton:")), 1),
        "too many": (document("".join(good)), 1),
        "one script": (document(f"{script}          - |\n" + line * (LARGE_BYTES // len(line))), 1),
        "one name": (document(f"{script}            - '" + "{{ x " * (LARGE_BYTES // 5 - 100) + "'\n"), 0),
        "keys": ("schemaVersion: 1.0\n" + "".join(f"k{number}: 1\n" for number in range(400_000)), 1),
        "brackets": ("[" * LARGE_BYTES, 1),
        "items": ("phases: [" + "a," * (LARGE_BYTES // 2) + "]\n", 1),
    }
    seconds, peak = {}, {}
    for name, (text, code) in texts.items():
        Path("large.yml").write_text(text[:LARGE_BYTES])
        started = time.perf_counter()
        run([TOE, "validate", "large.yml"], code)
        seconds[name] = time.perf_counter() - started
        peak[name] = peak_memory([TOE, "validate", "large.yml"])
    slowest, largest = max(seconds, key=lambda name: seconds[name]), max(peak, key=lambda name: peak[name])
    return [
        Promise("5 MB / 2 s", seconds[slowest] / 2, 1, f"{seconds[slowest]:.2f} s ({slowest})"),
        Promise("5 MB / 256 MiB", peak[largest] / 256 / MIB, 1, f"{peak[largest] / MIB:.0f} MiB ({largest})"),
    ]


def main() -> int:
    """Measure everything and say what holds."""
    parser = argparse.ArgumentParser(description="Measure what toe validate promises.")
    parser.add_argument("peer", metavar="CHECK-JSONSCHEMA")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    peer = str(Path(arguments.peer).resolve())
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        promises = [one_document(arguments.rounds), many_documents(peer, arguments.rounds), *large_documents()]
        os.chdir("/")
    return report(promises)


if __name__ == "__main__":
    sys.exit(main())
