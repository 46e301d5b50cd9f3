"""A resume trigger that is a line in root's crontab, as AWSTOE has it. What a crontab looks like: `crontab.py`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from toe.errors import ToeError
from toe.system.host import Host
from toe.system.resume.command import ResumeCommand
from toe.system.resume.crontab import can_stand_in_a_crontab, with_line, without_header, without_line
from toe.system.resume.durable_files import reported
from toe.system.resume.programs import below, find_program, run_program
from toe.system.resume.script_file import installing

assert sys.platform != "win32"

_TIMEOUT_SECONDS = 30
_DAEMONS = frozenset({b"cron", b"crond"})
# Debian's `crontab -l` leaves out up to three comments at the beginning: meant are its own, but any will do for it.
_LIST_ALL = {"CRONTAB_NOHEADER": "N"}
# What `crontab -l` says where there is no crontab: most of them, and busybox.
_NONE_YET = (b"no crontab for", b"can't open 'root': No such file")


class CronTrigger:
    """A line `@reboot /bin/sh SCRIPT # toe-resume ID` in the crontab. `root`: where the system's paths begin."""

    name = "cron"

    def __init__(self, host: Host, state_directory: str, root: str = "/") -> None:
        self._host = host
        self._state_directory = state_directory
        self._root = root
        self._program = find_program("crontab", host.environment, root) or ""

    def obstacle(self) -> str:
        """As `Trigger.obstacle`."""
        if not self._host.is_root:
            return "only root's crontab is sure to be allowed to start it"
        if not self._program:
            return "there is no crontab program"
        if not self._daemon_is_running():
            return "no cron daemon is running"
        if not can_stand_in_a_crontab(os.path.abspath(self._state_directory)):
            return "the path of the state directory cannot stand in a crontab"
        try:
            self._read()
        except ToeError as error:
            return error.message
        return ""

    def install(self, command: ResumeCommand) -> None:
        """As `Trigger.install`."""
        with installing(self, command), self._locked():
            self._write(with_line(self._read(), command.execution_id, command.script_path))

    def remove(self, execution_id: str) -> None:
        """As `Trigger.remove`. A crontab that cannot be read has no line of ours: to install one it was read."""
        if not self._program or not self._host.is_root:
            return
        with self._locked():
            try:
                old = self._read()
            except ToeError:
                return
            new = without_line(old, execution_id)
            if new != old:
                self._write(new)

    def _read(self) -> bytes:
        """Root's crontab, empty where there is none. Raises ToeError for any other reason, so that none is lost."""
        environment = {**self._host.environment, **_LIST_ALL}
        found = run_program([self._program, "-l"], environment, timeout_seconds=_TIMEOUT_SECONDS)
        if found.exit_code == 0:
            return without_header(found.stdout)
        if any(words in found.stderr for words in _NONE_YET):
            return b""
        raise ToeError(f"root's crontab cannot be read: {found.complaint}")

    def _write(self, crontab: bytes) -> None:
        arguments = ["-"] if crontab else ["-r"]  # what was none before is none again
        done = run_program(
            [self._program, *arguments], self._host.environment, timeout_seconds=_TIMEOUT_SECONDS, stdin=crontab
        )
        if done.exit_code != 0:
            raise ToeError(f"root's crontab cannot be written: {done.complaint}")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """No other toe changes the crontab meanwhile: after a boot cron starts all its runs at once."""
        import fcntl

        with reported("open", self._root):
            folder = os.open(self._root, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _daemon_is_running(self) -> bool:
        processes = below(self._root, "/proc")
        with suppress(OSError):
            for pid in filter(str.isdigit, os.listdir(processes)):
                with suppress(OSError), open(os.path.join(processes, pid, "comm"), "rb") as file:
                    if file.read().strip() in _DAEMONS:
                        return True
        return False
