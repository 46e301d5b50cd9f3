"""A `StartedChild` of POSIX, so that what toe.system.windows.runner does with one runs here: a process group for a job.

Proves nothing of Job Objects: those exist on Windows alone.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import IO


class GroupChild:
    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=dict(environment),
            start_new_session=True,
        )

    @property
    def pipes(self) -> Mapping[str, IO[bytes]]:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        return {"stdout": self._process.stdout, "stderr": self._process.stderr}

    def wait(self) -> int:
        return self._process.wait()

    def exit_code(self) -> int | None:
        return self._process.poll()

    def ask_to_end(self) -> bool:
        return self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def is_gone(self) -> bool:
        self._process.poll()
        return not self._signal(0)

    def close(self, *, let_live: bool) -> None:
        if not let_live:
            self.kill()

    def _signal(self, number: int) -> bool:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return False
        return True


class UnreachableChild(GroupChild):
    """One that cannot be asked to end, as without a console."""

    def ask_to_end(self) -> bool:
        return False
