"""A prepared run carried out: the engine wired to its logs, its state and this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toe.engine.execution import Execution, steady_clock
from toe.engine.kept_outputs import KeptOutputs
from toe.engine.run import Walk, document_scope
from toe.engine.state.past import TOP_KEY, Past
from toe.errors import EXIT_FAILED, StateError
from toe.events import Audience, RunFinished, RunResumed, RunStarted, Sink
from toe.execution_names import safe_name
from toe.expressions.execution_values import ExecutionValues
from toe.records import NamedTuple
from toe.results import RunResult, Status
from toe.secrets.log_secrets import LogSecrets
from toe.session.hidden_values import errors_without, too_short
from toe.session.log_place import LogPlace, new_place, place_again
from toe.session.memory import Memory, begin_memory, resume_memory
from toe.session.order import COPIES
from toe.session.prepare import Prepared
from toe.sinks.fanout import FanOut
from toe.sinks.log_masking import LogMasking
from toe.system.cancellation import Cancellation
from toe.system.host import Host

if TYPE_CHECKING:
    from toe.actions.base import DocumentRequest
    from toe.engine.plan import PlannedDocument
    from toe.expressions.execution_values import RemoteValues
    from toe.session.nested import NestedPlanner
    from toe.sinks.masking import Masking
    from toe.sinks.remote_logs import RemoteLogOptions, RemoteLogs


#: AWSTOE's limit, the Systems Manager agent's CommandRetryLimit (reference, section 8).
MAX_REBOOTS = 15


class Settings(NamedTuple):
    """How a run is carried out.

    `log_directory` gets the run's folder; None: no logs. `remote_logs` says where the logs go besides the folder.
    `state_directory` gets its state; "": none is kept. `resume` is the path of the state of a run that goes on.
    `reboot_obstacle` says why no step may ask for a reboot, "" when it may, `max_reboots` how often. `order` is kept in
    the state for whoever resumes the run. `listeners` makes the sinks beside the log files; `report` gets a line for
    each sink that failed.
    """

    log_directory: str | None = "."
    remote_logs: RemoteLogOptions | None = None
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
    Whatever leaves this function is without secrets: logs, reports, state, result, errors.
    """
    with errors_without(prepared.secrets):
        return _Session(prepared, host, cancellation, settings).run()


class _Session:
    """One run of this process: a whole one, or the part of one up to a reboot, or after it."""

    def __init__(self, prepared: Prepared, host: Host, cancellation: Cancellation, settings: Settings) -> None:
        self._prepared = prepared
        self._host = host
        self._cancellation = cancellation
        self._settings = settings
        self._log_secrets = LogSecrets(prepared.secrets)
        self._masking = LogMasking(self._log_secrets)
        self._state_masking: Masking | None = None
        self._nested: NestedPlanner | None = None
        self._now_ns = steady_clock()
        self._began_at_ns = self._now_ns()
        self._place = LogPlace()
        self._memory = self._resume() if settings.resume else self._begin()
        self._folder = self._place.folder
        self._remote = self._remote_logs()

    def run(self) -> RunResult:
        """Carry it out, and settle what becomes of its state."""
        try:
            result = self._carried_out()
            self._settle(result)
            if self._remote is not None:
                result = self._remote.finish(result)
            if not self._memory.is_kept(result):
                self._place.hand_over(self._report)
            return self._masking.masked(result)
        finally:
            self._memory.close()
            if self._remote is not None:
                self._remote.close()

    def _settle(self, result: RunResult) -> None:
        """The run is over, and its result stands whatever becomes of its state, and whether its last step was kept."""
        state = self._memory.state
        if state.fault is not None and not state.halted:
            self._report(f"warning: {state.fault.message}; the result stands: nothing was left to be done")
        try:
            self._memory.settle(result)
        except StateError as error:
            self._report(f"warning: {error.message}; 'toe abandon {safe_name(result.execution_id)}' puts it aside")

    def _begin(self) -> Memory:
        prepared, settings = self._prepared, self._settings
        self._place = new_place(settings.log_directory, prepared.execution_id, self._began_at_ns)
        if not settings.state_directory:
            return begin_memory("", "", {})
        head = {
            "identity": prepared.identity,
            "folder": self._place.absolute,
            "started_at": self._began_at_ns,
            "order": self._masked_order(),
            "new_folders": self._place.new_folders,
        }
        return begin_memory(settings.state_directory, prepared.execution_id, head, self._kept)

    def _masked_order(self) -> Mapping[str, Any]:
        order = dict(self._settings.order)
        copies = order.pop(COPIES, {})
        return {**self._kept(order), COPIES: copies}

    def _resume(self) -> Memory:
        prepared = self._prepared
        path, identity, read = self._settings.resume, prepared.identity, prepared.reader.read
        memory = resume_memory(path, identity, read, self._clear_leftovers, self._kept)
        if memory.saved is not None:
            from toe.session.going_on import going_on

            self._report(going_on(memory.saved))
            self._place = place_again(memory.saved.head)
        return memory

    def _clear_leftovers(self, past: Past) -> None:
        from toe.session.leftovers import clear_leftovers

        clear_leftovers(past, self._report, lambda: self._cancellation.is_urgent)

    def _remote_logs(self) -> RemoteLogs | None:
        if self._settings.remote_logs is None or not self._folder:
            return None
        from toe.sinks.remote_logs import RemoteLogs

        stopping = lambda: self._cancellation.requested  # noqa: E731
        hurrying = lambda: self._cancellation.is_urgent  # noqa: E731
        execution_id = self._prepared.execution_id
        return RemoteLogs(self._settings.remote_logs, self._folder, execution_id, self._report, stopping, hurrying)

    def _kept(self, value: Any) -> Any:
        """What may stand in the state: later steps live by it, so it lacks the secrets alone."""
        if not self._prepared.secrets:
            return value
        if self._state_masking is None:
            from toe.sinks.masking import Masking

            self._state_masking = Masking(self._prepared.secrets)
        return self._state_masking.masked(value)

    def _report(self, line: str) -> None:
        self._settings.report(self._log_secrets.mask_text(line))

    def _carried_out(self) -> RunResult:
        fan_out = FanOut(self._sinks, self._report, lambda: self._masking)
        execution = self._execution(fan_out)
        try:
            started_at_ns = self._tell_start(fan_out)
            result = self._walked(execution)._replace(started_at_ns=started_at_ns)
            fan_out.emit(RunFinished(result.ended_at_ns, result))
        finally:
            fan_out.close()
        return result

    def _sinks(self) -> list[Sink]:
        from toe.session.log_sinks import file_sinks

        prepared = self._prepared
        files = file_sinks(self._folder, prepared.documents, self._log_secrets, self._report) if self._folder else []
        return [*files, *self._settings.listeners()]

    def _execution(self, fan_out: FanOut) -> Execution:
        prepared, host = self._prepared, self._host
        local_url = self._place.absolute
        return Execution(
            execution_id=prepared.execution_id,
            host=host,
            actions=prepared.actions,
            cancellation=self._cancellation,
            values=ExecutionValues(prepared.execution_id, host.platform, host.environment, remote=self._aws_values),
            emit=fan_out.emit,
            tell=fan_out.tell,
            flush=fan_out.flush,
            hide=self._masking.hide,
            plan_nested=self._plan_nested,
            now_ns=self._now_ns,
            kept=KeptOutputs(),
            log_url=self._remote.log_url if self._remote else local_url,
            reboot_obstacle=self._reboot_obstacle,
            state=self._memory.state,
        )

    # What few runs need is imported when one needs it.

    def _plan_nested(self, request: DocumentRequest, caller: str) -> PlannedDocument:
        from toe.session.log_sinks import nested_keeper
        from toe.session.nested import NestedPlanner

        if self._nested is None:
            prepared = self._prepared
            keep = nested_keeper(self._folder, len(prepared.planned), self._log_secrets, self._report)
            self._nested = NestedPlanner(prepared, keep, self._cancellation.check)
        return self._nested.plan(request, caller)

    def _reboot_obstacle(self) -> str:
        from toe.session.reboot_obstacle import reboot_obstacle

        environment, reboots = self._host.environment, self._memory.state.reboots
        obstacle = reboot_obstacle(environment, reboots, self._settings.max_reboots, self._kept_folders())
        return obstacle or self._settings.reboot_obstacle()

    def _kept_folders(self) -> dict[str, str]:
        """What a run that goes on must find again, if it is to go on at all."""
        if self._memory.journal is None:
            return {}
        folders = {
            "working directory": os.getcwd(),
            "log folder": self._place.absolute,
            "state": self._memory.journal.path,
        }
        return {what: path for what, path in folders.items() if path}

    def _aws_values(self) -> RemoteValues:
        """Made when the first expression asks: most documents ask AWS for nothing."""
        from toe.aws.values import AwsValues

        secrets = self._prepared.secrets

        def on_secret(value: str, name: str) -> None:
            known = len(secrets.too_short)
            secrets.add(value, name)
            if len(secrets.too_short) > known:
                self._report(f"warning: {too_short(name)}")

        return AwsValues(on_secret)

    def _tell_start(self, fan_out: FanOut) -> int:
        """Tell that the run starts or goes on; returns when it started."""
        prepared, saved = self._prepared, self._memory.saved
        named = (prepared.execution_id, self._folder, prepared.documents, prepared.phases)
        if saved is None:
            fan_out.emit(RunStarted(self._began_at_ns, *named))
            return self._began_at_ns
        started_at_ns: int = saved.head["started_at"]
        fan_out.tell(RunStarted(started_at_ns, *named), Audience.REPORTS)
        finished = sum(len(key) == TOP_KEY for key in saved.past.finished)
        fan_out.tell(RunResumed(self._began_at_ns, *named, saved.past.rebooting, finished), Audience.LOGS)
        return started_at_ns

    def _walked(self, execution: Execution) -> RunResult:
        """Run the documents: none of them when the logs cannot go where they must go."""
        if self._remote is not None:
            execution.flush()
            refusal = self._remote.start()
            if refusal:
                return _not_started(execution, refusal)
        planned = self._prepared.planned
        result = Walk(execution).run(planned, [document_scope(one, execution) for one in planned])
        if self._remote is not None:
            execution.flush()
            result = self._remote.settle(result)
        return result


def _not_started(execution: Execution, why: str) -> RunResult:
    return RunResult(
        execution.execution_id,
        Status.FAILED,
        started_at_ns=0,
        ended_at_ns=execution.now_ns(),
        failure_message=why,
        log_url=execution.log_url,
        exit_code=EXIT_FAILED,
    )
