"""One program of Windows, started in a Job Object. Not for waiting on it, nor for its output."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO

from toe.system.windows.job import Job
from toe.system.windows.program import Start, start_of

_CREATE_SUSPENDED, _CREATE_NEW_PROCESS_GROUP = 0x4, 0x200
_CTRL_BREAK = 1


class WindowsChild:
    """A running program in a job and a process group of its own, stdin empty. As `StartedChild`.

    It is started suspended and runs once it is in the job, so that nothing which it starts can be outside. Raises
    OSError.
    """

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        start = start_of(argv, environment)
        self._job = Job()
        try:
            self._process = _suspended(start, environment)
            try:
                self._job.take_in_and_resume(self._process.pid)
            except BaseException:
                self._process.kill()
                self._process.communicate()
                raise
        except BaseException:
            self._job.close()
            raise

    @property
    def pipes(self) -> Mapping[str, IO[bytes]]:
        """Its stdout and stderr."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        return {"stdout": self._process.stdout, "stderr": self._process.stderr}

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        return self._process.wait()

    def exit_code(self) -> int | None:
        """Its exit code, None while it runs; 32 bits without a sign, as Windows has them."""
        return self._process.poll()

    def ask_to_end(self) -> bool:
        """CTRL_BREAK to its process group; false without a console, through which that goes."""
        try:
            self._process.send_signal(_CTRL_BREAK)
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """End all in the job."""
        self._job.terminate()

    def is_gone(self) -> bool:
        """Whether all in the job have ended."""
        return self._job.is_empty()

    def close(self, *, let_live: bool) -> None:
        """Give the job back; when it cannot be told to let the others live, it is kept until this process ends."""
        with suppress(OSError):
            if let_live:
                self._job.let_live()
            self._job.close()


def _suspended(start: Start, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            start.text,
            executable=start.program,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=dict(environment),
            creationflags=_CREATE_NEW_PROCESS_GROUP | _CREATE_SUSPENDED,
        )
    except ValueError as fault:  # a NUL character, or a variable's name that no environment can hold
        raise OSError(errno.EINVAL, str(fault), start.program or start.text) from None
