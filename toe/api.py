"""What `import toe` gives: load, validate and run documents. Wires the engine to the sinks; prints nothing itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from toe.actions import ActionTable
from toe.actions.base import Definition, DocumentRequest
from toe.check.check import CheckOptions, check_all, check_document, load_document
from toe.document.source import find_nested, read_document
from toe.engine.execution import Execution, now_ns
from toe.engine.plan import ParameterValue, PlannedDocument, plan_document, undeclared, unmatched_phases
from toe.engine.run import Walk, document_scope
from toe.errors import ActionError, DocumentError, Problem, Severity, ToeError, first_of
from toe.events import Event, RunFinished, RunStarted, Sink
from toe.expressions.execution_values import ExecutionValues
from toe.model import Document
from toe.records import NamedTuple
from toe.results import RunResult
from toe.sinks.fanout import FanOut
from toe.sinks.log_folder import create_log_folder, keep_documents
from toe.system.cancellation import Cancellation
from toe.system.host import Host, current_host

Path: TypeAlias = "str | os.PathLike[str]"
Parameters: TypeAlias = "Mapping[str, str | Sequence[str]]"

#: Set to anything but "" or "0": a step that asks for a reboot fails instead.
NO_REBOOT_VARIABLE = "TOE_NO_REBOOT"


class Request(NamedTuple):
    """A document to run, with parameters of its own (they win over those of the run)."""

    path: str
    parameters: Mapping[str, ParameterValue] = {}


class Prepared(NamedTuple):
    """Documents that were loaded, checked and planned: nothing has run yet."""

    execution_id: str
    planned: tuple[PlannedDocument, ...]
    phases: tuple[str, ...]
    actions: ActionTable
    blocked: frozenset[str]
    warnings: tuple[str, ...]

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents, in order."""
        return tuple(planned.document for planned in self.planned)


def load(path: Path, *, actions: Iterable[Definition] = ()) -> Document:
    """Read one document. Raises DocumentError, with all problems of its form, when it is not a component document."""
    return _load(os.fspath(path), ActionTable(actions))


def validate(
    documents: Path | Sequence[Path],
    *,
    platforms: Sequence[str] = (),
    blocked_actions: Iterable[str] = (),
    actions: Iterable[Definition] = (),
) -> list[Problem]:
    """Every problem of the documents, sorted by place; an empty list, or one without errors, means valid.

    `platforms` (linux, windows, darwin) are those the documents must run on; none given: any. Raises DocumentError for
    a file that cannot be read.
    """
    table = ActionTable(actions)
    options = CheckOptions(platforms=tuple(platforms), blocked=frozenset(blocked_actions))
    problems: list[Problem] = []
    for path in _paths(documents):
        problems += check_all(read_document(path), path, options, table)[1]
    return problems


def run(
    documents: Path | Sequence[Path],
    *,
    parameters: Parameters | None = None,
    phases: Sequence[str] = (),
    execution_id: str | None = None,
    log_directory: Path | None = ".",
    on_event: Callable[[Event], None] | None = None,
    actions: Iterable[Definition] = (),
    blocked_actions: Iterable[str] = (),
    environment: Mapping[str, str] | None = None,
    cancellation: Cancellation | None = None,
) -> RunResult:
    """Run documents in order and return what came of it; a failing step is a result, not an exception.

    `phases` empty: all. `log_directory` gets the run's own folder; None: no logs. `on_event` is told of every event, in
    order, in this thread. `environment` is the processes' (default: this one's). `cancellation` stops the run from
    another thread. Installs no signal handlers and prints nothing. Raises ToeError when nothing was run: unreadable or
    invalid documents (`problems` says why), missing parameters, no document, no matching phase.
    """
    given = {name: value if isinstance(value, str) else tuple(value) for name, value in (parameters or {}).items()}
    prepared = prepare(
        [Request(path) for path in _paths(documents)],
        parameters=given,
        phases=phases,
        execution_id=execution_id,
        actions=actions,
        blocked_actions=blocked_actions,
    )
    host = current_host(own_process=False)
    if environment is not None:
        host = host._replace(environment=dict(environment))
    stop = cancellation or Cancellation()
    try:
        directory = None if log_directory is None else os.fspath(log_directory)
        return execute(prepared, host, stop, directory, lambda: [_Listener(on_event)] if on_event else [])
    finally:
        host.processes.close()
        if cancellation is None:
            stop.close()


def prepare(
    requests: Sequence[Request],
    *,
    parameters: Mapping[str, ParameterValue],
    phases: Sequence[str] = (),
    execution_id: str | None = None,
    actions: Iterable[Definition] = (),
    blocked_actions: Iterable[str] = (),
) -> Prepared:
    """Load, check and plan documents. Raises ToeError: what it is raised for has run nothing."""
    if not requests:
        raise ToeError("no documents to run", hint="name at least one: toe run component.yml")
    table, blocked = ActionTable(actions), frozenset(blocked_actions)
    documents = [_load(request.path, table) for request in requests]
    warnings = [f"no document has a phase '{name}'" for name in unmatched_phases(documents, phases)]
    planned: list[PlannedDocument] = []
    problems: list[Problem] = []
    for document, request in zip(documents, requests, strict=True):
        given = {**parameters, **request.parameters}
        problems += _errors(check_document(document, _run_options(phases, given, blocked), table))
        if not problems:
            planned.append(plan_document(document, phases, given))
    if problems:
        raise DocumentError(first_of(problems), problems=tuple(dict.fromkeys(problems)))
    names = [*parameters, *(name for request in requests for name in request.parameters)]
    warnings += [f"no document declares the parameter '{name}'" for name in undeclared(documents, names)]
    return Prepared(execution_id or new_execution_id(), tuple(planned), tuple(phases), table, blocked, tuple(warnings))


def execute(
    prepared: Prepared,
    host: Host,
    cancellation: Cancellation,
    log_directory: str | None,
    listeners: Callable[[], Sequence[Sink]] = tuple,
    report: Callable[[str], None] = lambda line: None,
) -> RunResult:
    """Run what was prepared. `report` gets a line for each sink that failed. Raises ToeError without a log folder.

    `listeners` makes the sinks beside the log files. All are made when the first process is starting, or whatever else
    is done first: that time costs nothing.
    """
    started_at_ns = now_ns()
    folder = ""
    if log_directory is not None:
        folder = create_log_folder(log_directory, prepared.execution_id, started_at_ns)

    def sinks() -> list[Sink]:
        files = _file_sinks(folder, prepared.documents, report) if folder else []
        return [*files, *listeners()]

    fan_out = FanOut(sinks, report)
    execution = Execution(
        execution_id=prepared.execution_id,
        host=host,
        actions=prepared.actions,
        cancellation=cancellation,
        values=ExecutionValues(prepared.execution_id, host.platform, host.environment),
        emit=fan_out.emit,
        flush=fan_out.flush,
        plan_nested=_NestedPlanner(prepared.actions, prepared.blocked).plan,
        log_url=os.path.abspath(folder) if folder else "",
        reboot_allowed=host.environment.get(NO_REBOOT_VARIABLE, "") in ("", "0"),
    )
    try:
        fan_out.emit(RunStarted(started_at_ns, prepared.execution_id, folder, prepared.documents, prepared.phases))
        scopes = [document_scope(planned, execution) for planned in prepared.planned]
        result = Walk(execution).run(prepared.planned, scopes)._replace(started_at_ns=started_at_ns)
        fan_out.emit(RunFinished(result.ended_at_ns, result))
    finally:
        fan_out.close()
    return result


def new_execution_id() -> str:
    """A UUID version 1 (reference, section 7) with a random node, as RFC 4122 has it; `uuid` is slow to import."""
    ticks = now_ns() // 100 + 0x01B21DD213814000  # since 1582-10-15, in units of 100 ns
    tail = bytearray(os.urandom(8))
    tail[0] = tail[0] & 0x3F | 0x80
    tail[2] |= 0x01
    low, middle, high = ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 & 0x0FFF | 0x1000
    return f"{low:08x}-{middle:04x}-{high:04x}-{tail[:2].hex()}-{tail[2:].hex()}"


class _Listener:
    """A caller's function as a sink."""

    name = "on_event"

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self.handle = on_event

    def close(self) -> None:
        """Nothing is kept."""


class _NestedPlanner:
    """Loads, checks and plans what an ExecuteDocument step asks for."""

    def __init__(self, actions: ActionTable, blocked: frozenset[str]) -> None:
        self._actions = actions
        self._blocked = blocked

    def plan(self, request: DocumentRequest, caller: str) -> PlannedDocument:
        """Raises ActionError with the reason when the document cannot be run."""
        given: dict[str, ParameterValue] = dict(request.parameters)
        try:
            document = _load(find_nested(request.document, caller), self._actions)
            options = _run_options(request.phases, given, self._blocked)
            errors = _errors(check_document(document, options, self._actions))
            if errors:
                raise DocumentError(first_of(errors), problems=tuple(errors))
            unmatched_phases([document], request.phases)
            return plan_document(document, request.phases, given)
        except ToeError as error:
            raise ActionError(f"{error.message} ({error.hint})" if error.hint else error.message) from error


def _load(path: str, actions: ActionTable) -> Document:
    data = read_document(path)
    document, problems = load_document(data, path, actions)
    if document is None or _errors(problems):
        errors = _errors(check_all(data, path, CheckOptions(), actions)[1])
        raise DocumentError(first_of(errors), problems=tuple(errors))
    return document


def _errors(problems: Sequence[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity is Severity.ERROR]


def _run_options(phases: Sequence[str], given: Mapping[str, ParameterValue], blocked: frozenset[str]) -> CheckOptions:
    from toe.system.host import platform_name

    return CheckOptions(platforms=(platform_name(),), blocked=blocked, phases=tuple(phases), given_parameters=given)


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


def _paths(documents: Path | Sequence[Path]) -> list[str]:
    if isinstance(documents, (str, os.PathLike)):
        return [os.fspath(documents)]
    return [os.fspath(path) for path in documents]
