"""One run, from what is asked for to its result: the engine wired to its logs, its state and this machine."""

from __future__ import annotations

import os
from contextlib import ExitStack

from toe.engine.execution import Execution, steady_clock
from toe.engine.kept_outputs import KeptOutputs
from toe.engine.run import Walk
from toe.engine.state.records import TOP_KEY
from toe.engine.state.state import RunState
from toe.engine.state.store import SavedRun, begin
from toe.errors import EXIT_FAILED, StateError
from toe.events import Audience, RunFinished, RunResumed, RunStarted, Sink
from toe.execution_names import safe_name
from toe.expressions.execution_values import ExecutionValues
from toe.quick_typing import TYPE_CHECKING
from toe.results import RunResult, Status
from toe.secrets.masker import LogSecrets
from toe.session.hidden_values import errors_without, named_secrets, too_short
from toe.session.logs import LogPlace, environment_of_steps, file_sinks, nested_keeper, new_place, place_again
from toe.session.order import COPIES, Order
from toe.session.prepare import Prepared, prepare
from toe.sinks.fanout import FanOut
from toe.sinks.log_masking import LogMasking
from toe.system.boot import boot_id
from toe.system.cancellation import Cancellation
from toe.system.host import current_host, platform_name
from toe.system.state_directory import execution_ids, journal_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from toe.actions.base import DocumentRequest
    from toe.engine.plan import PlannedDocument
    from toe.expressions.execution_values import RemoteValues
    from toe.model import Document
    from toe.sinks.remote_logs import RemoteLogs


def run(order: Order) -> RunResult:
    """Load, check and plan what is asked for, and run it, or the rest of it. Raises ToeError when nothing was run.

    Whatever leaves this function is without secrets: logs, reports, state, result, errors.
    """
    secrets = named_secrets(order.mask, order.environment, platform_name())
    with errors_without(secrets):
        prepared = prepare(order, secrets)
        for warning in prepared.warnings:
            order.report(f"toe: warning: {warning}")
        if order.takes_up and execution_ids(order.state_directory):
            from toe.session.going_on import taking_up

            prepared = taking_up(prepared)
        order.begins(prepared.execution_id)
        with ExitStack() as at_end:
            running = _Running(prepared, at_end)
            result = running.refused()
            if result is None:
                result = running.settled(Walk(running.execution).run(prepared.running))
            result = running.ended(result)
        order.ends(result)
        if result.reboot and order.reboot:
            from toe.session.reboots import reboot

            result = reboot(prepared, running.host, result, running.report)
        return result


class _Running:
    """What is there while a run runs: a whole one, or the part of one up to a reboot, or after it.

    Its log folder and its state are open when it is made; `at_end` closes what it opens. What few runs need is imported
    when one needs it.
    """

    def __init__(self, prepared: Prepared, at_end: ExitStack) -> None:
        order = prepared.order
        self._prepared = prepared
        self._order = order
        self._documents = tuple(planned.document for planned in prepared.running)
        self._log_secrets = LogSecrets(prepared.loader.secrets)
        self._masking = LogMasking(self._log_secrets)
        self._keep_nested: Callable[[Document], None] | None = None
        self.host = current_host(own_process=order.own_process)._replace(environment=order.environment)
        at_end.callback(self.host.processes.close)
        self._cancellation = order.cancellation or Cancellation()
        if order.cancellation is None:
            at_end.callback(self._cancellation.close)
        self._now_ns = steady_clock()
        self._began_at_ns = self._now_ns()
        self._started_at_ns = self._began_at_ns
        self._saved: SavedRun | None = None
        self._state_path = order.resume
        self._place, self._state = self._opened_again() if order.resume else self._opened()
        self.host = self.host._replace(environment=environment_of_steps(order.environment, self._place))
        at_end.callback(self._state.close)
        self._remote = self._remote_logs()
        if self._remote is not None:
            at_end.callback(self._remote.close)
        # All sinks are made when the first process is starting, or whatever else is done first: that costs no time.
        self._fan_out = FanOut(self._sinks, self.report, lambda: self._masking)
        at_end.callback(self._fan_out.close)
        self.execution = self._execution()

    def _opened(self) -> tuple[LogPlace, RunState]:
        """A log folder and a state for a new run."""
        order, loader, execution_id = self._order, self._prepared.loader, self._prepared.execution_id
        place = order.log_place or new_place(order.log_directory, execution_id, self._began_at_ns)
        if not order.state_directory:
            return place, RunState()
        kept = order.kept(loader.secrets.names)
        copies = kept.pop(COPIES)
        head = {
            "id": execution_id,
            "directory": os.getcwd(),
            "identity": self._prepared.identity,
            "folder": place.absolute,
            "started_at": self._began_at_ns,
            "order": {**loader.masked(kept), COPIES: copies},
            "new_folders": place.new_folders,
        }
        self._state_path = journal_path(os.path.abspath(order.state_directory), execution_id)
        return place, RunState(begin(self._state_path, head), boot=boot_id(), mask=loader.masked)

    def _opened_again(self) -> tuple[LogPlace, RunState]:
        """The log folder and the state of a run that goes on."""
        from toe.session.going_on import open_again

        if self._order.reboot:
            from toe.session.reboots import forget

            forget(self._order, self.host, self._prepared.execution_id)
        journal, saved = open_again(self._prepared, self.report, lambda: self._cancellation.is_urgent)
        self._saved = saved
        self._started_at_ns = saved.head["started_at"]
        place = self._order.log_place or place_again(saved.head)
        return place, RunState(journal, saved.past, boot_id(), self._prepared.loader.masked)

    def _remote_logs(self) -> RemoteLogs | None:
        if self._order.remote_logs is None or not self._place.folder:
            return None
        from toe.sinks.remote_logs import RemoteLogs

        stopping = lambda: self._cancellation.requested  # noqa: E731
        hurrying = lambda: self._cancellation.is_urgent  # noqa: E731
        execution_id = self._prepared.execution_id
        return RemoteLogs(self._order.remote_logs, self._place.folder, execution_id, self.report, stopping, hurrying)

    def report(self, line: str) -> None:
        """Tell people, but no secrets."""
        self._order.report(self._log_secrets.mask_text(line))

    def _sinks(self) -> list[Sink]:
        folder, documents = self._place.folder, self._documents
        files = file_sinks(folder, documents, self._log_secrets, self.report) if folder else []
        return [*files, *self._order.listeners()]

    def _execution(self) -> Execution:
        prepared, host = self._prepared, self.host
        return Execution(
            execution_id=prepared.execution_id,
            host=host,
            actions=prepared.loader.actions,
            cancellation=self._cancellation,
            values=ExecutionValues(prepared.execution_id, host.platform, host.environment, remote=self._aws_values),
            emit=self._fan_out.emit,
            tell=self._fan_out.tell,
            flush=self._fan_out.flush,
            hide=self._masking.hide,
            plan_nested=self._plan_nested,
            now_ns=self._now_ns,
            kept=KeptOutputs(),
            log_url=self._remote.log_url if self._remote else self._place.url,
            reboot_obstacle=self._reboot_obstacle,
            state=self._state,
            skip_exit_code=self._order.skip_exit_code,
        )

    def _plan_nested(self, request: DocumentRequest, caller: str) -> PlannedDocument:
        loader = self._prepared.loader
        if self._keep_nested is None:
            top = len(self._documents)
            self._keep_nested = nested_keeper(self._place.folder, top, self._log_secrets, self.report)
            loader.reader.check = self._cancellation.check
        return loader.plan_nested(request, caller, self._keep_nested)

    def _reboot_obstacle(self) -> str:
        from toe.session.reboots import obstacle

        kept = {"working directory": os.getcwd(), "log folder": self._place.absolute, "state": self._state_path}
        lasts = self._state_path and self._order.log_place is None
        needed = {what: path for what, path in kept.items() if path} if lasts else {}
        return obstacle(self._order, self.host, self._state.reboots, needed)

    def _aws_values(self) -> RemoteValues:
        """Made when the first expression asks: most documents ask AWS for nothing."""
        from toe.aws.values import AwsValues

        secrets = self._prepared.loader.secrets

        def on_secret(value: str, name: str) -> None:
            known = len(secrets.too_short)
            secrets.add(value, name)
            if len(secrets.too_short) > known:
                self.report(f"warning: {too_short(name)}")

        return AwsValues(on_secret)

    def refused(self) -> RunResult | None:
        """Tell that the run starts or goes on; returns its result when its logs cannot go where they must go."""
        self._tell_start()
        if self._remote is None:
            return None
        self._fan_out.flush()
        refusal = self._remote.start()
        if not refusal:
            return None
        return RunResult(
            self._prepared.execution_id,
            Status.FAILED,
            started_at_ns=0,
            ended_at_ns=self._now_ns(),
            failure_message=refusal,
            log_url=self.execution.log_url,
            exit_code=EXIT_FAILED,
        )

    def _tell_start(self) -> None:
        prepared, saved = self._prepared, self._saved
        named = (prepared.execution_id, self._place.told, self._documents, prepared.order.phases)
        started = RunStarted(self._started_at_ns, *named)
        if saved is None:
            self._fan_out.emit(started)
            return
        self._fan_out.tell(started, Audience.REPORTS)
        finished = sum(len(key) == TOP_KEY for key in saved.past.finished)
        self._fan_out.tell(RunResumed(self._began_at_ns, *named, saved.past.rebooting, finished), Audience.LOGS)

    def settled(self, result: RunResult) -> RunResult:
        """The result of the documents, changed where their logs could not be sent."""
        if self._remote is None:
            return result
        self._fan_out.flush()
        return self._remote.settle(result)

    def ended(self, result: RunResult) -> RunResult:
        """Tell the result, close the logs, and settle what becomes of the state; returns the result for people."""
        result = result._replace(started_at_ns=self._started_at_ns, left_out=self._prepared.left_out)
        self._fan_out.emit(RunFinished(result.ended_at_ns, result))
        self._fan_out.close()
        self._settle_state(result)
        if self._remote is not None:
            result = self._remote.finish(result)
        if not self._state.keeps(result):
            self._place.hand_over(self.report)
        return self._masking.masked(result)

    def _settle_state(self, result: RunResult) -> None:
        """The run is over, and its result stands whatever becomes of its state, and whether its last step was kept."""
        state = self._state
        if state.fault is not None and not state.halted:
            self.report(f"warning: {state.fault.message}; the result stands: nothing was left to be done")
        try:
            state.settle(result, self._cancellation.described)
        except StateError as error:
            self.report(f"warning: {error.message}; 'toe abandon {safe_name(result.execution_id)}' puts it aside")
