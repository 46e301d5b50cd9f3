"""`toe run`, and with another order `toe resume`: the terminal asks for a run, sees it, and stops it with signals."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

from toe.cli.order import order_of, with_options
from toe.cli.signals import end_on_signals, stop_on_signals
from toe.cli.summary import nothing_run, summary_text, tell_machines, tell_nothing_was_run, tell_people
from toe.cli.terminal import STDERR, say, say_line, write
from toe.errors import EXIT_FAILED, EXIT_SUCCESS, ToeError
from toe.events import Sink
from toe.quick_typing import TYPE_CHECKING, Any
from toe.results import RunResult
from toe.session.order import Order
from toe.session.run import run as run_order
from toe.sinks.progress_lines import PlainProgress, StepOutput
from toe.system.cancellation import Cancellation
from toe.system.files.opening import write_all
from toe.system.state_directory import state_directory

if TYPE_CHECKING:
    from toe.cli.report import Reports


class Terminal:
    """Who asks for a run. `execution_id` is the run's as far as it is known, for the summary when nothing is run.

    `lacks_report`: a report that was asked for could not be written. `summary_file` is where the summary goes as well.
    """

    def __init__(self, summary_file: str | None) -> None:
        self.execution_id = ""
        self.lacks_report = False
        self.summary_file = summary_file
        self._cancellation = Cancellation()
        end_on_signals(self._stopped_before)

    def _stopped_before(self, signal_name: str) -> None:
        say(f"toe: stopped by {signal_name}: nothing was run")
        tell_machines(nothing_run(f"interrupted by {signal_name}", self.execution_id), self.summary_file)

    def hooked(self, order: Order) -> Order:
        """The order with what its options say of how it is run, and with the terminal told of the run."""
        options = order.options
        self.summary_file = options["summary"]
        reports = self._reports(options)

        def ends(result: RunResult) -> None:
            tell_people(result, quiet=bool(options["quiet"]))
            self.lacks_report = reports is not None and not reports.written()

        return with_options(order)._replace(
            # A plain dict that never changes: it is encoded for the first process alone.
            environment=dict(os.environ),
            own_process=True,
            cancellation=self._cancellation,
            begins=self._begins,
            ends=ends,
            listeners=lambda: [*_sinks(options), *([reports] if reports else [])],
            report=say_line,
        )

    def _reports(self, options: Mapping[str, Any]) -> Reports | None:
        if not options["html"] and not options["junit_xml"]:
            return None
        from toe.cli.report import Reports

        return Reports(options)

    def _begins(self, execution_id: str) -> None:
        """From now on a signal does not end this process: it has the run stop."""
        self.execution_id = execution_id
        stop_on_signals(self._cancellation)


def asked(values: Mapping[str, Any], terminal: Terminal) -> Order:
    """The order of `toe run`. Raises ToeError."""
    terminal.execution_id = values["execution_id"] or ""
    order = order_of(values)
    terminal.execution_id = order.execution_id or ""
    options = order.options
    if options["html"]:
        from toe.report.html import require_template_library

        require_template_library()  # not after a run of an hour
    directory = state_directory(options["state_directory"] or "", options["log_directory"] or ".")
    return order._replace(state_directory=directory)


def run(values: Mapping[str, Any], ask: Callable[[Mapping[str, Any], Terminal], Order] = asked) -> int:
    """Carry out `toe run` with the values of its options (toe.cli.options.RUN) and return the exit code.

    `ask` makes the order of them.
    """
    terminal = Terminal(values["summary"])
    try:
        result = run_order(terminal.hooked(ask(values, terminal)))
    except ToeError as error:
        tell_nothing_was_run(error)
        tell_machines(nothing_run(error.message, terminal.execution_id), terminal.summary_file)
        return error.exit_code
    complete = tell_machines(summary_text(result), terminal.summary_file) and not terminal.lacks_report
    return result.exit_code or (EXIT_SUCCESS if complete else EXIT_FAILED)


def _sinks(options: Mapping[str, Any]) -> list[Sink]:
    """What people see while it runs."""
    if options["trace"]:
        from toe.sinks.trace import Trace

        return [Trace(lambda block: write_all(STDERR, block))]
    shown = options.get("show_output")
    if options["quiet"] and not shown:
        return []
    output = StepOutput() if shown else None
    if os.isatty(STDERR) and os.environ.get("TERM", "dumb") != "dumb":
        from toe.sinks.live_progress import LiveProgress

        return [LiveProgress(sys.stderr, output)]
    return [PlainProgress(lambda text: write(STDERR, text), output)]
