"""The state of a run while it goes on: begun or opened again, and what becomes of it at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from toe.engine.state.past import STOPPED, Past
from toe.engine.state.state import RunState
from toe.engine.state.store import SavedRun, begin, reopen, require_same, require_same_machine, require_same_nested
from toe.records import NamedTuple
from toe.results import RunResult
from toe.system.boot import boot_id
from toe.system.files.journal import Journal
from toe.system.state_directory import journal_path


class Memory(NamedTuple):
    """`saved` is what a run that goes on began with; without a journal nothing outlives the process."""

    state: RunState
    journal: Journal | None = None
    saved: SavedRun | None = None

    def settle(self, result: RunResult) -> None:
        """Forget a run that has ended; keep one that waits for a reboot, was stopped, or has more to do."""
        if self.journal is None or result.reboot or self.state.halted:
            return
        if result.signal is None:
            self.journal.remove()
        elif self.state.fault is None:
            self.journal.append({"t": STOPPED, "by": _described(result.signal)})

    def is_kept(self, result: RunResult) -> bool:
        """Whether the run can go on after this result."""
        return self.journal is not None and (result.reboot or self.state.halted or result.signal is not None)

    def close(self) -> None:
        """Let go of the state; a second call does nothing."""
        if self.journal is not None:
            self.journal.close()


def begin_memory(
    directory: str, execution_id: str, head: Mapping[str, Any], mask: Callable[[Any], Any] = lambda value: value
) -> Memory:
    """The memory of a new run; none in the directory "". Raises ToeError when there is no place for it.

    `mask` takes the secrets out of what is kept.
    """
    if not directory:
        return Memory(RunState())
    path = journal_path(os.path.abspath(directory), execution_id)
    journal = begin(path, {"id": execution_id, "directory": os.getcwd(), **head})
    return Memory(RunState(journal, boot=boot_id(), mask=mask), journal)


def resume_memory(
    path: str,
    identity: Mapping[str, Any],
    read: Callable[[str, str], bytes],
    clear: Callable[[Past], None],
    mask: Callable[[Any], Any] = lambda value: value,
) -> Memory:
    """The memory of the run whose state is at `path`. Raises ToeError: in use, damaged, of another run or machine.

    `read` reads the nested documents that were begun (toe.engine.state.store.require_same_nested). `clear` clears away
    what a killed process left, before that is forgotten.
    """

    def require(saved: SavedRun) -> None:
        require_same_machine(saved)
        require_same(saved, identity)
        require_same_nested(saved, read)
        clear(saved.past)

    journal, saved = reopen(path, require)
    return Memory(RunState(journal, saved.past, boot_id(), mask), journal, saved)


def _described(signal: int) -> str:
    if not signal:
        return "on request"
    from signal import Signals

    return f"by {Signals(signal).name}"
