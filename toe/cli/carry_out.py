"""A run of the command line, new or resumed, from the order to the exit code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from toe.cli.dispatch import say_error
from toe.cli.reboots import Rebooter
from toe.cli.signals import stop_on_signals
from toe.cli.summary import nothing_run, summary_text
from toe.cli.terminal import STDERR, STDOUT, say, say_line, write
from toe.errors import EXIT_FAILED, ToeError
from toe.events import Sink
from toe.execution_names import safe_name
from toe.results import RunResult, Status
from toe.session.execute import Settings, execute
from toe.session.hidden_values import named_secrets
from toe.session.order import Order
from toe.session.prepare import Prepared, prepare
from toe.system.cancellation import Cancellation
from toe.system.host import current_host, platform_name
from toe.words import counted

if TYPE_CHECKING:
    from toe.sinks.remote_logs import RemoteLogOptions


def prepare_order(order: Order, execution_id: str) -> Prepared:
    """Load, check and plan, and say what is odd. Raises ToeError."""
    prepared = prepare(
        order.requests,
        parameters=order.parameters,
        pieces=order.pieces,
        phases=order.phases,
        execution_id=execution_id,
        blocked_actions=order.blocked,
        secrets=named_secrets(order.mask, os.environ, platform_name()),
        bucket_owner=order.bucket_owner,
        kept_masks=order.mask if order.resumed else (),
        copies=order.copies,
    )
    for warning in prepared.warnings:
        say_line(f"toe: warning: {warning}")
    return prepared


def carry_out(prepared: Prepared, order: Order, state_directory: str, resume: str = "") -> int:
    """Run what was prepared, or go on with the state at the path `resume`, and return the exit code.

    Raises ToeError when nothing was run.
    """
    order = order.after(prepared)
    cancellation = Cancellation()
    stop_on_signals(cancellation)
    # A plain dict that never changes: it is encoded for the first process alone.
    host = current_host(own_process=True)._replace(environment=dict(os.environ))
    rebooter = Rebooter(order, host, state_directory, prepared.secrets.names)
    options = order.options
    settings = Settings(
        log_directory=options["log_directory"] or ".",
        state_directory=state_directory,
        resume=resume,
        reboot_obstacle=rebooter.obstacle,
        max_reboots=rebooter.most,
        order=order.to_plain(prepared.secrets.names),
        listeners=lambda: _terminal_sinks(order),
        report=say,
        remote_logs=_remote_logs(order),
    )
    if resume:
        rebooter.forget(prepared.execution_id)
    result = execute(prepared, host, cancellation, settings)
    _tell(result, quiet=bool(options["quiet"]))
    if result.reboot:  # first: the summary tells whether the system has taken the order; it ends us some time later
        result = rebooter.reboot(result)
    if not write(STDOUT, summary_text(result)):
        say("toe: error: cannot write the summary to stdout")
        return result.exit_code or EXIT_FAILED
    return result.exit_code


def _remote_logs(order: Order) -> RemoteLogOptions | None:
    if not any(value for name, value in order.options.items() if name.startswith(("cw_", "log_s3_"))):
        return None
    from toe.cli.remote_logs import remote_log_options

    options, warnings = remote_log_options(order.options)
    for warning in warnings:
        say_line(f"toe: warning: {warning}")
    return options


def tell_stopped_before(signal_name: str, execution_id: str) -> None:
    """That a signal came before anything ran, and the summary of that."""
    say(f"toe: stopped by {signal_name}: nothing was run")
    write(STDOUT, nothing_run(f"interrupted by {signal_name}", execution_id))


def tell_nothing_run(error: ToeError, execution_id: str) -> int:
    """Why nothing was run, and its summary; returns the exit code."""
    _tell_error(error)
    write(STDOUT, nothing_run(error.message, execution_id))
    return error.exit_code


def _terminal_sinks(order: Order) -> list[Sink]:
    """What people see while it runs."""
    if order.options["trace"]:
        from toe.sinks.trace import Trace
        from toe.system.files.opening import write_all

        return [Trace(lambda block: write_all(STDERR, block))]
    shown = order.options.get("show_output")
    if order.options["quiet"] and not shown:
        return []
    output = None
    if shown:
        from toe.sinks.step_output import StepOutput

        output = StepOutput()
    if os.isatty(STDERR) and os.environ.get("TERM", "dumb") != "dumb":
        import sys

        from toe.sinks.live_progress import LiveProgress

        return [LiveProgress(sys.stderr, output)]
    from toe.sinks.plain_progress import PlainProgress

    return [PlainProgress(lambda text: write(STDERR, text), output)]


def _tell_error(error: ToeError) -> None:
    """One message, or every problem with its place."""
    if not error.problems:
        say_error(error)
        return
    from toe.check.text import problem_text

    for problem in error.problems:
        say(problem_text(problem))
    count = len(error.problems)
    say(f"toe: nothing was run: {counted(count, 'error')}")


def _tell(result: RunResult, *, quiet: bool) -> None:
    if result.reboot:
        say(f"toe: {result.failure_message}")
        return
    failed = result.status is not Status.SUCCESS
    if failed:
        from toe.sinks.failure_block import failure_text

        write(STDERR, failure_text(result))
        if result.signal is not None:
            say(f"toe: stopped; 'toe resume {safe_name(result.execution_id)}' goes on with the step that was running")
    if failed or not quiet:
        from toe.sinks.progress_lines import run_line

        say(run_line(result))
