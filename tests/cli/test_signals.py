"""Signals while `toe` waits for something that is no child of it: it never has to be killed with -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from select import select

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at a pipe through /proc")

OUTPUT = """\
schemaVersion: 1.0
phases: [{name: build, steps: [{name: Loud, action: ExecuteBash, inputs: {commands: ['yes | head -c 4000000']}}]}]
"""


def is_full(pid: int) -> bool:
    """Whether the standard error of a process, a pipe, takes no more."""
    writing = os.open(f"/proc/{pid}/fd/2", os.O_WRONLY | os.O_NONBLOCK)
    try:
        return not select([], [writing], [], 0)[1]
    finally:
        os.close(writing)


@pytest.mark.parametrize(
    "numbers", [(signal.SIGINT, signal.SIGTERM), (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)], ids=["two", "three"]
)
def test_a_second_signal_ends_a_run_that_cannot_write_to_its_terminal(numbers: tuple[signal.Signals, ...]) -> None:
    Path("doc.yml").write_text(OUTPUT)
    command = [sys.executable, "-m", "toe", "run", "doc.yml", "--trace", "-i", "run-1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not is_full(process.pid):
        assert process.poll() is None
    for number in numbers:
        process.send_signal(number)
    assert process.wait() == 128 + numbers[-1]
    assert os.path.exists("state/run-1.journal")
    process.communicate()
