"""A reader follows `toe run` from the process's start to its first step in a few calls."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

DOCUMENT = """\
schemaVersion: 1.0
phases: [{name: build, steps: [{name: Hello, action: LookAtStack}]}]
"""
#: An action as somebody else would write one, which writes down who has called it.
ACTION = """\
import sys, toe

@toe.action("LookAtStack")
def look_at_stack(inputs, ctx):
    "Write the functions on the stack."
    frame, called = sys._getframe(), []
    while frame is not None:
        called.append(f"{frame.f_code.co_filename}:{frame.f_code.co_name}")
        frame = frame.f_back
    with open("stack", "w") as file:
        file.write("\\n".join(reversed(called)))
"""
#: A hop is the call of a function of toe, or of the action, that stands on the stack below `main` of toe/__main__.py
#: while the first step's action runs. What is called and has returned by then is none.
MOST_HOPS = 12


def test_from_main_to_the_first_step_it_is_a_few_hops() -> None:
    Path("doc.yml").write_text(DOCUMENT)
    Path("looking.py").write_text(ACTION)
    plugin = Path("looking-1.0.dist-info")
    plugin.mkdir()
    (plugin / "METADATA").write_text("Metadata-Version: 2.1\nName: looking\nVersion: 1.0\n")
    (plugin / "entry_points.txt").write_text("[toe.actions]\nLookAtStack = looking:look_at_stack\n")
    command = [sys.executable, "-m", "toe", "run", "doc.yml"]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    called = Path("stack").read_text().splitlines()
    start = next(number for number, name in enumerate(called) if name.endswith("__main__.py:main"))
    hops = called[start + 1 :]
    assert len(hops) <= MOST_HOPS, "\n".join(hops)
