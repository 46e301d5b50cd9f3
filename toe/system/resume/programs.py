"""The system's own small programs (crontab, systemctl, shutdown): found, and run to their end within a bound.

Not for what a document runs: that is toe.system.processes.runner.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from toe.errors import ToeError
from toe.records import NamedTuple
from toe.system.files.opening import shown
from toe.words import counted

# Cron and some logins leave the folders of the administrator's programs out of PATH.
_USUAL_FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


class Finished(NamedTuple):
    """How a program ended and what it printed; `exit_code` is -n after signal n."""

    exit_code: int
    stdout: bytes
    stderr: bytes

    @property
    def complaint(self) -> str:
        """The exit code, and the last line that it printed."""
        lines = (self.stdout + b"\n" + self.stderr).decode("utf-8", "replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"exit code {self.exit_code}" + (f": {shown(last)}" if last else "")


def below(root: str, path: str) -> str:
    """An absolute path, in a system whose root is the folder `root`."""
    return os.path.join(root, path.lstrip("/"))


def find_program(name: str, environment: Mapping[str, str], root: str) -> str | None:
    """The program on the PATH of `environment`, else in the usual folders of the system below `root`."""
    from shutil import which

    usual = os.pathsep.join(below(root, folder) for folder in _USUAL_FOLDERS)
    return which(name, path=environment.get("PATH", "")) or which(name, path=usual)


def run_program(
    argv: Sequence[str], environment: Mapping[str, str], *, timeout_seconds: float, stdin: bytes = b""
) -> Finished:
    """Run a program with messages in English. Raises ToeError when it cannot be started or takes too long."""
    import subprocess
    from tempfile import TemporaryFile

    # Files, not pipes: somebody else who holds a pipe would hold us beyond the bound.
    with TemporaryFile() as given, TemporaryFile() as stdout, TemporaryFile() as stderr:
        given.write(stdin)
        given.seek(0)
        try:
            done = subprocess.run(
                argv,
                stdin=given,
                stdout=stdout,
                stderr=stderr,
                env={**environment, "LC_ALL": "C"},
                timeout=timeout_seconds,
                check=False,
            )
        except OSError as error:
            raise ToeError(f"cannot start '{shown(argv[0])}': {error.strerror}") from error
        except subprocess.TimeoutExpired as error:
            raise ToeError(f"'{shown(argv[0])}' took longer than {counted(timeout_seconds, 'second')}") from error
        stdout.seek(0)
        stderr.seek(0)
        return Finished(done.returncode, stdout.read(), stderr.read())
