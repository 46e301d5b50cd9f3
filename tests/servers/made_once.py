"""What is costly to make and then only read: one for all processes that share these tests."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of this name, which `make` is given empty and fills. Who comes while it is made waits.

    It goes with the folder of the session. What a `make` that raised has left is gone, and the next one tries again.
    """
    shared = Path(os.environ["TOE_TESTS_SHARED"])
    made, making = shared / name, shared / f"{name}.making"
    with open(shared / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            making.mkdir()
            try:
                make(making)
                making.rename(made)
            finally:
                shutil.rmtree(making, ignore_errors=True)
    return made
