"""What a run remembers of itself, so that it can go on after a reboot or a crash (reference, section 8).

A step that has finished is in the journal, on the disk, before the next one starts. Where the journal lies, and whether
it belongs to the documents at hand, is toe.engine.state.store's business.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from toe.engine.state.identity import nested_difference
from toe.engine.state.records import (
    FOLDER,
    NESTED,
    REBOOT,
    STARTED,
    STEP,
    STOPPED,
    TOP_KEY,
    FinishedStep,
    Key,
    Past,
    to_plain,
)
from toe.errors import EXIT_FAILED, StateError
from toe.expressions.scope import StepRecord
from toe.quick_typing import TYPE_CHECKING, Any
from toe.results import RunResult, StepResult
from toe.secrets.masker import MASK

if TYPE_CHECKING:
    from toe.system.files.journal import Journal

_ANEW = "'toe abandon' puts the state aside; then run the documents anew"


class RunState:
    """The memory of a run that goes on. `journal` None: nothing is kept beyond this process.

    `mask` takes the secrets out of what is kept: after a reboot, later steps see `***` in their place. `fault`: why
    nothing can be kept any more, or why the state is not this run's. What has run counts all the same, but no further
    step may run; `halted` says that for this reason one did not.
    """

    def __init__(
        self,
        journal: Journal | None = None,
        past: Past | None = None,
        boot: str = "",
        mask: Callable[[Any], Any] = lambda value: value,
    ) -> None:
        self._journal = journal
        self._past = past or Past({}, {}, {})
        self._boot = boot
        self._mask = mask
        self._asked = False
        self.reboots = self._past.reboots
        self.fault: StateError | None = None
        self.halted = False

    def finished(self, key: Key, name: str) -> FinishedStep | None:
        """What is known of a step that finished before this process, None when it is still to run.

        Raises StateError when it was a step of another name, or when no step may run any more.
        """
        if self.fault is not None:
            raise self.fault
        finished = self._past.finished.get(key)
        if finished is not None:
            self._require_name(finished.result.name, name)
        return finished

    def _require_name(self, kept: str, name: str) -> None:
        """A place alone does not tell which step it was. One with a secret in it, or of an outer step, is not kept."""
        if kept and kept != name and MASK not in kept:
            raise self._refused(f"the state knows of a step '{kept}' where the document has '{name}'")

    def take_document(self, key: Key, document: Mapping[str, Any]) -> None:
        """Keep which document a step runs; it is on the disk with the first step of it that finishes.

        `document` is what toe.engine.state.identity tells of it. Raises StateError when it is not the one that it was.
        """
        known = self._past.nested.get(key)
        if known is None:
            self._write({"t": NESTED, "k": key, "doc": self._mask(document)}, durable=False)
            return
        changed = nested_difference(known, self._mask(document))
        if changed:
            raise self._refused(changed)

    def _refused(self, why: str) -> StateError:
        self.halted = True
        self.fault = StateError(why, hint=_ANEW, exit_code=EXIT_FAILED)
        return self.fault

    def past(self, keys: Iterable[Key]) -> tuple[StepResult, ...]:
        """The results of those of these steps that finished before this process, in order."""
        if not self._past.finished:
            return ()
        return tuple(self._past.finished[key].result for key in keys if key in self._past.finished)

    def attempt(self, key: Key, name: str) -> int | None:
        """The attempt that a step goes on with which asked for a reboot; None for any other. Raises StateError."""
        unfinished = self._past.attempts.get(key)
        if unfinished is None:
            return None
        self._require_name(unfinished.name, name)
        return unfinished.attempt

    def finish(self, key: Key, result: StepResult, record: StepRecord, *, reboots: bool) -> None:
        """Keep a finished step; it is on the disk when this returns, or there is a `fault`.

        `reboots`: it asked for a reboot. That is kept with it: a power cut leaves both or none.
        """
        self.reboots += reboots and len(key) == TOP_KEY
        if self._journal is None:
            return
        result, record = self._mask((result, record))
        line: dict[str, Any] = {"t": STEP, "k": key, "r": to_plain(result)}
        if record.inputs != result.inputs:
            line["i"] = record.inputs
        if record.outputs != result.outputs:
            line["o"] = record.outputs
        if record.skipped:
            line["s"] = True
        self._write({**line, **self._wish()} if reboots else line)

    def ask_for_reboot(self, key: Key, name: str, attempt: int) -> None:
        """Keep that a step asked for a reboot and is to run again after it. Of nested steps the innermost asks."""
        self.reboots += len(key) == TOP_KEY
        if not self._asked:
            self._write({"t": REBOOT, "k": key, "n": self._mask(name), "attempt": attempt, **self._wish()})

    def _wish(self) -> dict[str, Any]:
        self._asked = True
        from toe.system.boots import this_moment

        return {"from": this_moment().to_plain()}

    def making_folder(self, path: str) -> None:
        """Keep that a temporary folder is about to be made, for whoever has to remove it when this process is killed.

        A kill does not touch what was written: nobody waits for the disk.
        """
        if self._journal is not None:
            self._write({"t": FOLDER, "boot": self._boot, "p": os.path.abspath(path)}, durable=False)

    def started(self, pid: int, since: int, until: int) -> None:
        """Keep that a process was started between two marks (toe.system.boot.start_mark)."""
        if self._journal is not None and pid:
            self._write({"t": STARTED, "boot": self._boot, "pid": pid, "at": (since, until)}, durable=False)

    def keeps(self, result: RunResult) -> bool:
        """Whether the run can go on after this result: it waits for a reboot, was stopped, or has more to do."""
        return self._journal is not None and (result.reboot or self.halted or result.signal is not None)

    def settle(self, result: RunResult, stopped_by: str) -> None:
        """Forget a run that has ended; of one that was stopped keep by whom. Raises StateError."""
        if self._journal is None:
            return
        if not self.keeps(result):
            self._journal.remove()
        elif not (result.reboot or self.halted or self.fault):
            self._journal.append({"t": STOPPED, "by": stopped_by})

    def close(self) -> None:
        """Let go of the state; a second call does nothing."""
        if self._journal is not None:
            self._journal.close()

    def _write(self, line: dict[str, Any], *, durable: bool = True) -> None:
        if self._journal is None or self.fault is not None:
            return
        try:
            self._journal.append(line, durable=durable)
        except StateError as error:
            self.fault = error
