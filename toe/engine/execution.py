"""What is the same for all steps of a run: the machine, who listens, and how documents are loaded."""

from __future__ import annotations

import time
from collections.abc import Callable

from toe.actions import ActionTable
from toe.actions.base import DocumentRequest
from toe.engine.kept_outputs import KeptOutputs
from toe.engine.plan import PlannedDocument
from toe.engine.state.records import Key
from toe.engine.state.state import RunState
from toe.events import Audience, Event, LogLine, Where
from toe.expressions.execution_values import ExecutionValues
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation
from toe.system.host import Host


class Execution(NamedTuple):
    """The surroundings of a run.

    `values` is what expressions know of the run. `emit` tells the sinks, `flush` makes them write what they hold back:
    called before anything that may take long; `hide` is given what the logs must not tell from then on. `plan_nested`
    loads and checks what an ExecuteDocument step asks for; it raises ActionError when that cannot be. `now_ns` is the
    run's `steady_clock`; `kept` bounds what its steps keep. `chain` holds the identities of the documents that are
    being run, outermost first. `reboot_obstacle` says why a step that asks for a reboot must fail, "" when it need not.
    `state` remembers what has finished; `key` stands before the positions of a nested document's steps in it.
    A step that fails with `skip_exit_code` counts as skipped; None, as in every run but those of tests: no such code.
    """

    execution_id: str
    host: Host
    actions: ActionTable
    cancellation: Cancellation
    values: ExecutionValues
    emit: Callable[[Event], None]
    tell: Callable[[Event, Audience], None]
    flush: Callable[[], None]
    hide: Callable[[object], None]
    plan_nested: Callable[[DocumentRequest, str], PlannedDocument]
    now_ns: Callable[[], int]
    kept: KeptOutputs
    reboot_obstacle: Callable[[], str]
    state: RunState
    log_url: str = ""
    chain: tuple[str, ...] = ()
    key: Key = ()
    skip_exit_code: int | None = None

    def warn(self, where: Where, text: str) -> None:
        """Tell people and the logs what they should know of a run that goes on."""
        self.emit(LogLine(self.now_ns(), where, f"Executor: [WARNING] {text}", warning=True))


def steady_clock() -> Callable[[], int]:
    """A clock of a run, in nanoseconds since the Unix epoch: the system's time now, from here on the monotonic clock's.

    Whoever sets the system's clock meanwhile makes no step longer or shorter, and no event come before its cause.
    """
    ahead_ns = time.time_ns() - time.monotonic_ns()
    return lambda: time.monotonic_ns() + ahead_ns
