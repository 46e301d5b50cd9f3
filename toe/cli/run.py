"""`toe run`, and with another order `toe resume`: the terminal asks for a run, sees it, and stops it with signals."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from signal import Signals

from toe.cli.order import order_of, with_options
from toe.cli.signals import end_on_signals, stop_on_signals
from toe.cli.summary import refused_run, summary_text, tell_machines, tell_nothing_was_run, tell_people
from toe.cli.terminal import STDERR, can_redraw, say, say_line, write
from toe.errors import EXIT_FAILED, EXIT_SIGNAL_BASE, EXIT_SUCCESS, ToeError
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
    from toe.sinks.event_stream import EventStream
    from toe.sinks.otel_spans import OtelSpans


class Terminal:
    """Who asks for a run. `execution_id` is the run's as far as it is known, for the summary when nothing is run.

    `lacks_report`: a report that was asked for could not be written. `anew`: not to go on with a run.
    """

    def __init__(self, values: Mapping[str, Any], *, anew: bool) -> None:
        self.execution_id = ""
        self.lacks_report = False
        self._summary_file, self._events = values["summary"], values["events"]
        self._anew = anew
        self._stream: EventStream | None = None
        self._cancellation = Cancellation()
        end_on_signals(self._stopped_before)

    def _stopped_before(self, signal_name: str) -> None:
        say(f"toe: stopped by {signal_name}: nothing was run")
        self.tell_refused(f"interrupted by {signal_name}", EXIT_SIGNAL_BASE + Signals[signal_name])

    def hooked(self, order: Order) -> Order:
        """The order with what its options say of how it is run, and with the terminal told of the run."""
        options = order.options
        order = with_options(order)
        self._summary_file = options["summary"]
        self._open_stream(options["events"])
        stream, spans, reports = self._stream, self._spans(options), self._reports(options)

        def ends(result: RunResult) -> None:
            resumable = bool(order.state_directory) and not options["in"]
            tell_people(result, quiet=bool(options["quiet"]), resumable=resumable)
            self.lacks_report = reports is not None and not reports.written()
            if stream is not None and not stream.finish(say_line, lambda: self._cancellation.is_urgent):
                self.lacks_report = True
            if spans is not None:
                spans.finish(say_line)

        return order._replace(
            # A plain dict that never changes: it is encoded for the first process alone.
            environment=dict(os.environ),
            own_process=True,
            cancellation=self._cancellation,
            begins=self._begins,
            ends=ends,
            listeners=lambda: [*progress_sinks(options), *(sink for sink in (stream, spans, reports) if sink)],
            report=say_line,
        )

    @property
    def stopped_by(self) -> int | None:
        """The number of the signal that was to stop the run, None for none."""
        return self._cancellation.signal if self._cancellation.requested else None

    def close(self) -> None:
        """Give back what it holds, for whoever runs again: its signals must have other handlers by now."""
        self._cancellation.close()

    def tell(self, result: RunResult) -> bool:
        """Tell machines what came of the run; false when not all of it could be written."""
        written = tell_machines(summary_text(result), self._summary_file, to_stdout=not self._has_stdout())
        return written and not self.lacks_report

    def tell_refused(self, message: str, exit_code: int) -> None:
        """Tell machines that nothing was run."""
        refused = refused_run(message, self.execution_id, exit_code)
        tell_machines(summary_text(refused), self._summary_file, to_stdout=not self._has_stdout())
        if self._events is not None:
            from toe.cli.events import tell_refused

            tell_refused(self._events, self._stream, refused, anew=self._anew)

    def _has_stdout(self) -> bool:
        """Whether stdout belongs to the events: it has one JSON object a line then, and no summary."""
        if not self._events:
            return False
        from toe.sinks.event_stream import is_stdout

        return is_stdout(self._events)

    def _open_stream(self, target: str | None) -> None:
        is_kept, self._events = self._events is None, None
        if target is not None:
            from toe.cli.events import opened

            self._stream = opened(target, is_kept=is_kept)
            self._events = target

    def _spans(self, options: Mapping[str, Any]) -> OtelSpans | None:
        """The spans. What they need may be gone after a reboot, which stops no run."""
        try:
            return _spans(options)
        except ToeError as error:
            if self._anew:
                raise
            say_line(f"toe: warning: {error.message}")
            return None

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
    if values["fetch"]:
        raise ToeError("--fetch belongs to --dry-run", hint="a run fetches what it needs anyway")
    _refuse_without(
        values,
        "hosts",
        ("limit", "forks", "serial", "become", "become_password_file", "retry", "executable"),
        "INVENTORY",
    )
    _refuse_without(values, "in", ("engine", "isolation", "network", "mount", "env", "keep", "shell"), "IMAGE")
    terminal.execution_id = values["execution_id"] or ""
    order = order_of(values)
    terminal.execution_id = order.execution_id or ""
    options = order.options
    if options["html"]:
        from toe.report.html import require_template_library

        require_template_library()  # not after a run of an hour
    directory = state_directory(options["state_directory"] or "", options["log_directory"] or ".")
    return order._replace(state_directory=directory)


def _refuse_without(values: Mapping[str, Any], option: str, names: tuple[str, ...], metavar: str) -> None:
    """Raises ToeError for one of the options `names`, which go with this option alone."""
    for name in names:
        if values[name] and not values[option]:
            raise ToeError(f"--{name} belongs to --{option}", hint=f"toe run --{option} {metavar} ...")


def run(
    values: Mapping[str, Any], ask: Callable[[Mapping[str, Any], Terminal], Order] = asked, *, anew: bool = True
) -> int:
    """Carry out `toe run` with the values of its options (toe.cli.options) and return the exit code.

    `ask` makes the order of them; not `anew`: of a run that goes on.
    """
    if values.get("hosts"):
        from toe.cli.hosts import run_on_hosts

        return run_on_hosts(values)
    if values.get("watch"):
        from toe.cli.watch import watch

        return watch(values, _watched)
    if values.get("dry_run"):
        if values["in"]:
            raise ToeError("--dry-run and --in exclude each other", hint="a plan says what would run on this machine")
        from toe.cli.plan import plan

        return plan({**values, "format": None})
    terminal = Terminal(values, anew=anew)
    try:
        order = terminal.hooked(ask(values, terminal))
        result = _runner(order)(order)
    except ToeError as error:
        tell_nothing_was_run(error)
        terminal.tell_refused(error.message, error.exit_code)
        return error.exit_code
    complete = terminal.tell(result)
    return result.exit_code or (EXIT_SUCCESS if complete else EXIT_FAILED)


def _runner(order: Order) -> Callable[[Order], RunResult]:
    """What carries the order out: here, or in a container."""
    if not order.options["in"]:
        return run_order
    from toe.cli.contained import run_contained

    return run_contained


def _watched(values: Mapping[str, Any], adapted: Callable[[Order], Order]) -> tuple[int, Terminal | None]:
    """One of the runs of `--watch`: its exit code, and the terminal that saw it, None where it came to nothing before.

    `adapted` gives the order that is carried out for the one that is asked for.
    """
    terminals: list[Terminal] = []

    def ask(values: Mapping[str, Any], terminal: Terminal) -> Order:
        terminals.append(terminal)
        return adapted(asked(values, terminal))

    exit_code = run({**values, "watch": None}, ask)
    return exit_code, terminals[0] if terminals else None


def _spans(options: Mapping[str, Any]) -> OtelSpans | None:
    if not options["otel"]:
        return None
    try:
        from toe.sinks.otel_spans import OtelSpans

        return OtelSpans(os.environ)
    except ImportError as error:
        raise ToeError("--otel needs toe[otel]", hint="pip install 'toe-executor[otel]'") from error
    except Exception as error:  # the SDK's, for a variable that it cannot read
        raise ToeError(f"--otel cannot start: {error}", hint="look at the variables OTEL_...") from error


def progress_sinks(options: Mapping[str, Any]) -> list[Sink]:
    """What people see while it runs."""
    if options.get("trace"):
        from toe.sinks.trace import Trace

        return [Trace(lambda block: write_all(STDERR, block)), *github_sinks(quiet=True)]
    shown = options.get("show_output")
    if options["quiet"] and not shown:
        return github_sinks(quiet=True)
    output = StepOutput() if shown else None
    if can_redraw():
        from toe.cli.live import live_view

        return [live_view(output)]
    return github_sinks() or [PlainProgress(lambda text: write(STDERR, text), output)]


def github_sinks(*, quiet: bool = False) -> list[Sink]:
    """What the log of GitHub Actions gets in place of plain lines; nothing elsewhere. `quiet`: annotations alone."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return []
    from toe.sinks.github_log import GithubLog

    return [GithubLog(lambda text: write(STDERR, text), os.environ.get("GITHUB_WORKSPACE", ""), quiet=quiet)]
