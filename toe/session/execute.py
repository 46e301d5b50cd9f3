"""A prepared run carried out: the engine wired to its logs, its state and this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from toe.engine.execution import Execution, now_ns
from toe.engine.identity import identity_of
from toe.engine.run import Walk, document_scope
from toe.events import Audience, RunFinished, RunResumed, RunStarted, Sink
from toe.expressions.execution_values import ExecutionValues
from toe.model import Document
from toe.records import NamedTuple
from toe.results import RunResult
from toe.session.memory import Memory, begin_memory, resume_memory
from toe.session.prepare import NestedPlanner, Prepared
from toe.sinks.fanout import FanOut
from toe.sinks.log_folder import create_log_folder, keep_documents, reopen_log_folder
from toe.system.cancellation import Cancellation
from toe.system.host import Host

#: Set to anything but "" or "0": a step that asks for a reboot fails instead.
NO_REBOOT_VARIABLE = "TOE_NO_REBOOT"
#: AWSTOE's limit, the Systems Manager agent's CommandRetryLimit (reference, section 8).
MAX_REBOOTS = 15


class Settings(NamedTuple):
    """How a run is carried out.

    `log_directory` gets the run's folder; None: no logs. `state_directory` gets its state; "": none is kept. `resume`
    is the path of the state of a run that goes on. `reboot_obstacle` says why no step may ask for a reboot, "" when it
    may, `max_reboots` how often. `order` is kept in the state for whoever resumes the run. `listeners` makes the sinks
    beside the log files; `report` gets a line for each sink that failed.
    """

    log_directory: str | None = "."
    state_directory: str = ""
    resume: str = ""
    reboot_obstacle: Callable[[], str] = str
    max_reboots: int = MAX_REBOOTS
    order: Mapping[str, Any] = {}
    listeners: Callable[[], Sequence[Sink]] = tuple
    report: Callable[[str], None] = lambda line: None


def execute(prepared: Prepared, host: Host, cancellation: Cancellation, settings: Settings) -> RunResult:
    """Run what was prepared, or the rest of it. Raises ToeError without a log folder or a state: nothing was run then.

    All sinks are made when the first process is starting, or whatever else is done first: that time costs nothing.
    """
    started_at_ns = now_ns()
    identity = identity_of(prepared.planned, prepared.phases)
    if settings.resume:
        memory = resume_memory(settings.resume, identity)
        folder = reopen_log_folder(memory.saved.head["folder"]) if memory.saved else ""
    else:
        folder = _new_folder(settings.log_directory, prepared.execution_id, started_at_ns)
        head = {
            "identity": identity,
            "folder": os.path.abspath(folder) if folder else "",
            "started_at": started_at_ns,
            "order": settings.order,
        }
        memory = begin_memory(settings.state_directory, prepared.execution_id, head)
    try:
        result = _carried_out(prepared, host, cancellation, settings, folder, memory, started_at_ns)
        memory.settle(result)
    finally:
        memory.close()
    return result


def _carried_out(
    prepared: Prepared,
    host: Host,
    cancellation: Cancellation,
    settings: Settings,
    folder: str,
    memory: Memory,
    now: int,
) -> RunResult:
    fan_out = FanOut(lambda: _sinks(folder, prepared.documents, settings), settings.report)
    execution = Execution(
        execution_id=prepared.execution_id,
        host=host,
        actions=prepared.actions,
        cancellation=cancellation,
        values=ExecutionValues(prepared.execution_id, host.platform, host.environment),
        emit=fan_out.emit,
        tell=fan_out.tell,
        flush=fan_out.flush,
        plan_nested=NestedPlanner(prepared.actions, prepared.blocked).plan,
        log_url=os.path.abspath(folder) if folder else "",
        reboot_obstacle=_RebootObstacle(host, memory, settings).text,
        state=memory.state,
    )
    started_at_ns = now
    named = (prepared.execution_id, folder, prepared.documents, prepared.phases)
    try:
        if memory.saved is None:
            fan_out.emit(RunStarted(now, *named))
        else:
            started_at_ns = memory.saved.head["started_at"]
            fan_out.tell(RunStarted(started_at_ns, *named), Audience.REPORTS)
            fan_out.tell(RunResumed(now, *named, memory.saved.past.rebooting), Audience.LOGS)
        scopes = [document_scope(planned, execution) for planned in prepared.planned]
        result = Walk(execution).run(prepared.planned, scopes)._replace(started_at_ns=started_at_ns)
        fan_out.emit(RunFinished(result.ended_at_ns, result))
    finally:
        fan_out.close()
    return result


class _RebootObstacle:
    """Why a step that asks for a reboot must fail."""

    def __init__(self, host: Host, memory: Memory, settings: Settings) -> None:
        self._host = host
        self._state = memory.state
        self._settings = settings

    def text(self) -> str:
        """The reason, as it follows "the step asked for a reboot, and"; "" when there is none."""
        if self._host.environment.get(NO_REBOOT_VARIABLE, "") not in ("", "0"):
            return f"reboots are forbidden here ({NO_REBOOT_VARIABLE})"
        if self._state.reboots >= self._settings.max_reboots:
            return f"this run has rebooted {self._state.reboots} times already, the most that is allowed"
        return self._settings.reboot_obstacle()


def _new_folder(log_directory: str | None, execution_id: str, started_at_ns: int) -> str:
    return "" if log_directory is None else create_log_folder(log_directory, execution_id, started_at_ns)


def _sinks(folder: str, documents: Sequence[Document], settings: Settings) -> list[Sink]:
    files = _file_sinks(folder, documents, settings.report) if folder else []
    return [*files, *settings.listeners()]


def _file_sinks(folder: str, documents: Sequence[Document], report: Callable[[str], None]) -> list[Sink]:
    from toe.sinks.chaining import Chaining
    from toe.sinks.detailed_output import DetailedOutput
    from toe.sinks.events_jsonl import EventsJsonl
    from toe.sinks.text_logs import TextLogs

    sinks: list[Sink] = []
    for make in (TextLogs, DetailedOutput, Chaining, EventsJsonl):
        try:
            sinks.append(make(folder))
        except OSError as error:
            report(f"warning: cannot write the logs in '{folder}': {error.strerror}")
    try:
        keep_documents(folder, documents)
    except OSError as error:
        report(f"warning: cannot keep the documents in '{folder}': {error.strerror}")
    return sinks
