"""What all package managers have in common: what UpdateOS asks of one, and how its commands are run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from toe.actions.base import Completed, Context
from toe.records import NamedTuple

#: How long a lock that another process holds is waited for, the step's own time permitting.
LOCK_SECONDS = 600
_POLL_SECONDS = 2.0
# Answers are parsed, so they must not be translated. LANGUAGE would win over LC_ALL.
_ENGLISH = {"LC_ALL": "C.UTF-8", "LANGUAGE": ""}


class Update(NamedTuple):
    """An installed package of which there is a newer version. `spec` names it and its architecture to the manager."""

    name: str
    spec: str
    version: str


class Updates(NamedTuple):
    """`installable` can be installed now; `kept_back` are names of packages whose update the manager holds back."""

    installable: tuple[Update, ...] = ()
    kept_back: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every package of which there is a newer version, once, sorted."""
        return tuple(sorted({update.name for update in self.installable} | set(self.kept_back)))


class PackageManager(Protocol):
    """A package manager, told what to exclude when it was opened. Each method raises ActionError when it fails."""

    def refresh(self) -> None:
        """Fetch the lists of packages anew."""

    def updates(self) -> Updates:
        """What there is; nothing is changed. Excluded packages are not among the installable ones."""

    def upgrade(self, wanted: Sequence[Update] = (), others: Sequence[Update] = ()) -> None:
        """Update `wanted`, with what they need, and none of `others` unless it is needed; these are all installable.

        Without `wanted` everything but the excluded packages, which also replaces packages that were renamed.
        """

    def reboot_reason(self) -> str:
        """What says that a reboot is needed to complete the updates; empty when nothing does."""


class Commands:
    """Runs a package manager's commands, unattended, in English, and patient with its locks.

    They get the host's environment with `settings`; `is_locked` knows a command that met a held lock.
    """

    def __init__(self, ctx: Context, settings: Mapping[str, str], is_locked: Callable[[Completed], bool]) -> None:
        self._ctx = ctx
        self._settings = {**_ENGLISH, **settings}
        self._is_locked = is_locked

    def run(self, what: str, argv: Sequence[str], good: Collection[int] = (0,)) -> Completed:
        """Run a command, again while a lock is held. Raises ActionError on an exit code that is not `good`."""
        last = time.monotonic() + LOCK_SECONDS
        completed, told = self.attempt(argv), False
        while self._is_locked(completed) and time.monotonic() < last:
            if not told:
                self._ctx.log(f"waiting up to {LOCK_SECONDS} seconds: another process holds the lock of '{argv[0]}'")
                told = True
            self._ctx.wait(_POLL_SECONDS)
            completed = self.attempt(argv)
        if completed.exit_code not in good:
            why = f"another process held its lock for {LOCK_SECONDS} seconds" if self._is_locked(completed) else ""
            raise completed.failure(f"'{what}' failed: {why or f'exit status {completed.exit_code}'}")
        return completed

    def attempt(self, argv: Sequence[str]) -> Completed:
        """Run a command once, whatever its exit code."""
        return self._ctx.run(argv, environment={**self._ctx.host.environment, **self._settings})


def read_settings(path: str) -> str:
    """A file of the machine's own settings, "" where there is none. Raises OSError."""
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def write_settings(path: str, text: str) -> None:
    """Write a file of settings for our commands alone. Raises OSError."""
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
