"""Hello world by the one file of `toe bundle`, unpacked already, against the installed `toe`.

python tests/bench/bundle.py [--rounds N]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from measure import TOE, Promise, call, report, typical, write_document


def one_file(rounds: int) -> Promise:
    """The time of a run from start to end."""
    file = Path("toe").absolute()
    call([TOE[0], "bundle", "--output", str(file)])
    os.environ["TOE_BUNDLE_DIRECTORY"] = os.getcwd()
    step = {"name": "Hello", "action": "ExecuteBash", "inputs": {"commands": ["echo hello"]}}
    document = write_document("hello.yml", [step])
    call([str(file), "run", document])
    ours = typical(rounds * 5, lambda: call([str(file), "run", document]))
    installed = typical(rounds * 5, lambda: call([*TOE, document]))
    return Promise("one file / installed", ours / installed, 4, f"{ours * 1e3:.0f} ms / {installed * 1e3:.0f} ms")


def main() -> int:
    """Measure and say what holds."""
    parser = argparse.ArgumentParser(description="Measure the start of a bundle.")
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        promise = one_file(rounds)
        os.chdir("/")
    return report([promise])


if __name__ == "__main__":
    sys.exit(main())
