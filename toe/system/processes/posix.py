"""Child processes on Linux and macOS: run one to its end, and end all that it started when it takes too long."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from toe.quick_typing import TYPE_CHECKING
from toe.system.cancellation import Cancellation
from toe.system.processes.runner import GRACE_SECONDS, OUTPUT_PATIENCE, OutputPatience, ProcessEnd, require_time

if sys.platform != "win32":
    from toe.system.processes.child import Child, inherit_nothing, inheritable_descriptors, start
    from toe.system.processes.pipe_reader import PipeReader

    if TYPE_CHECKING:
        from toe.system.processes.lineage import Lineage

assert sys.platform != "win32"

# Scripts wait for a daemon to vanish with `kill -0`; it vanishes when we, its adoptive parent, have reaped it.
REAP_SECONDS = 0.1
_NO_DESCRIPTOR_SECONDS = 0.02
_LONG_SECONDS = 3600.0


class PosixProcesses:
    """Runs one child process at a time and ends all that it started.

    `own_process`: this process is ours alone; on Linux it becomes a child subreaper at the first run, so nothing that a
    step started escapes. Embedded, nothing of the surrounding program is touched, and the environment of each child has
    one more variable, TOE_PROCESS_MARK: a process that forks twice and clears its environment escapes a timeout there.
    `grace_seconds` passes between TERM and KILL; `patience` is for output that comes after a program's end.
    """

    def __init__(
        self, *, own_process: bool, grace_seconds: float = GRACE_SECONDS, patience: OutputPatience = OUTPUT_PATIENCE
    ) -> None:
        self._own_process = own_process
        self._grace_seconds = grace_seconds
        self._patience = patience
        self._adopts: bool | None = None
        self.child_pid = 0
        self._environment: Mapping[str, str] | None = None
        self._environment_bytes: Mapping[bytes, bytes] = {}
        if own_process:
            inherit_nothing()

    def run(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        deadline: float | None,
        cancellation: Cancellation,
        on_start: Callable[[], None],
        on_output: Callable[[str, bytes], None],
    ) -> ProcessEnd:
        """As `ProcessRunner.run`. Nothing is started when the deadline is over or the request to stop already there."""
        require_time(deadline, cancellation)
        earlier = self._prepare()
        mark = ""
        if not self._adopts:
            mark = os.urandom(8).hex()
            environment = marked(environment, mark)
        inheritable = () if self._own_process else tuple(inheritable_descriptors())
        child = start(argv, environment, inheritable, self._encoded(environment))
        reader = PipeReader({child.stdout: "stdout", child.stderr: "stderr"}, on_output)
        self.child_pid = child.pid
        try:
            try:
                on_start()
                self._wait(child, reader, deadline, cancellation)
                held, cut = self._read_last(reader, deadline, cancellation)
            except BaseException as reason:
                if not child.ended:
                    lineage = self._lineage(child, earlier, mark)
                    self._end(child, lineage, reader, reason, lambda: cancellation.is_urgent)
                raise
            reader.finish()
        finally:
            child.close()
            reader.release(inheritable)
        return ProcessEnd(child.exit_code, held, cut)

    def _encoded(self, environment: Mapping[str, str]) -> Mapping[bytes, bytes]:
        """An environment in bytes. That of the whole run is encoded once: it has more variables than anything else."""
        if environment is not self._environment:
            self._environment = environment
            self._environment_bytes = {os.fsencode(name): os.fsencode(value) for name, value in environment.items()}
        return self._environment_bytes

    def close(self) -> None:
        """Reap background children that have ended. May be called twice."""
        self._reap()

    def _prepare(self) -> frozenset[int]:
        """Make orphans ours if we may. Returns the children that we have before the run: they are not the step's."""
        if self._adopts is None:
            self._adopts = False
            if self._own_process and sys.platform == "linux":
                from toe.system.processes.linux import become_subreaper

                self._adopts = become_subreaper()
        if sys.platform == "linux" and self._adopts:
            from toe.system.processes.linux import direct_children, reap_orphans

            reap_orphans()
            return direct_children()
        return frozenset()

    def _reap(self, child: int = 0) -> None:
        if self._adopts and sys.platform == "linux":
            from toe.system.processes.linux import reap_orphans

            reap_orphans(child)

    def _wait(self, child: Child, reader: PipeReader, deadline: float | None, cancellation: Cancellation) -> None:
        """Hand on output until the program has ended. Raises StepTimedOut or Interrupted, with all still alive."""
        reader.watch(cancellation.fileno())
        if child.exit_descriptor is not None:
            reader.watch(child.exit_descriptor)
        longest = REAP_SECONDS if self._adopts else _LONG_SECONDS
        if child.exit_descriptor is None:
            longest = _NO_DESCRIPTOR_SECONDS
        last = deadline if deadline is not None else float("inf")
        next_reap = time.monotonic() + REAP_SECONDS
        try:
            while True:
                ready = reader.wait(min(longest, last - time.monotonic()))
                if (child.exit_descriptor is None or child.exit_descriptor in ready) and child.has_ended():
                    return
                require_time(deadline, cancellation)
                if time.monotonic() >= next_reap:
                    self._reap(child.pid)
                    next_reap = time.monotonic() + REAP_SECONDS
        finally:
            reader.forget(cancellation.fileno())
            if child.exit_descriptor is not None:
                reader.forget(child.exit_descriptor)

    def _read_last(
        self, reader: PipeReader, deadline: float | None, cancellation: Cancellation
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        reader.read_written()
        if not reader.is_open:
            return (), ()
        from toe.system.processes.last_output import read_last_output

        reader.watch(cancellation.fileno())
        try:
            return read_last_output(reader, self._patience, deadline, cancellation, _LONG_SECONDS)
        finally:
            reader.forget(cancellation.fileno())

    def _lineage(self, child: Child, earlier: frozenset[int], mark: str) -> Lineage:
        from toe.system.processes import lineage

        if sys.platform == "linux":
            from toe.system.processes.linux import marked_processes, process_table, reap_orphans

            if self._adopts and os.getpid() in process_table():
                return lineage.AdoptedLineage(child.pid, earlier, process_table, reap_orphans)
        else:
            from toe.system.processes.macos import marked_processes, process_table
        if os.getpid() in process_table():
            return lineage.MarkedLineage(child.pid, mark, process_table, marked_processes)

        def reap() -> None:
            child.has_ended()
            self._reap(child.pid)

        return lineage.GroupLineage(child.pid, reap)

    def _end(
        self,
        child: Child,
        lineage: Lineage,
        reader: PipeReader,
        reason: BaseException,
        is_urgent: Callable[[], bool],
    ) -> None:
        """End all that the step started; `reason` is what broke the run of the child off."""
        from toe.system.processes.ending import end_all
        from toe.system.processes.last_output import read_while_ending

        def end() -> None:
            end_all(lineage, reader, self._grace_seconds, is_urgent)

        try:
            read_while_ending(reader, reason, end, end)
        finally:
            with suppress(OSError):
                child.has_ended()
            self._reap()


def marked(environment: Mapping[str, str], mark: str) -> dict[str, str]:
    """`environment` with the mark by which descendants are found, behind the marks of those who run us."""
    from toe.system.processes.lineage import MARK_VARIABLE

    outer = environment.get(MARK_VARIABLE)
    return {**environment, MARK_VARIABLE: f"{outer}/{mark}" if outer else mark}
