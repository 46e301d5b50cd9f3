"""`toe run`."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from toe.api import Request, execute, new_execution_id, prepare
from toe.cli.dispatch import say_error
from toe.cli.lists import split_names, split_parameters
from toe.cli.signals import stop_on_signals
from toe.cli.summary import nothing_run, summary_text
from toe.cli.terminal import STDERR, STDOUT, say, write
from toe.document.source import is_remote
from toe.engine.plan import ParameterValue
from toe.errors import EXIT_FAILED, ToeError
from toe.events import Sink
from toe.records import NamedTuple
from toe.results import RunResult, Status
from toe.system.cancellation import Cancellation
from toe.system.host import current_host

NEEDS_AWS = (
    "log_s3_bucket_name",
    "log_s3_bucket_owner",
    "log_s3_key_prefix",
    "cw_log_group",
    "cw_log_stream",
    "cw_log_region",
    "cw_ignore_failures",
    "document_s3_bucket_owner",
)


class Order(NamedTuple):
    """What the command line and the config file together ask for."""

    requests: tuple[Request, ...]
    parameters: Mapping[str, ParameterValue]
    phases: tuple[str, ...]
    options: Mapping[str, Any]


def run(values: Mapping[str, Any]) -> int:
    """Carry out `toe run` with the values of its options (toe.cli.options.RUN) and return the exit code."""
    options, quiet = dict(values), bool(values["quiet"])
    execution_id = options["execution_id"] or ""
    try:
        order = _order(options)
        execution_id = order.options["execution_id"] or new_execution_id()
        result = _run(order, execution_id, quiet)
    except ToeError as error:
        _tell(error)
        write(STDOUT, nothing_run(error.message, execution_id))
        return error.exit_code
    if result.status is not Status.SUCCESS:
        _tell_failure(result)
    elif not quiet:
        say(_success_line(result))
    if not write(STDOUT, summary_text(result)):
        say("toe: error: cannot write the summary to stdout")
        return result.exit_code or EXIT_FAILED
    return result.exit_code


def _order(options: dict[str, Any]) -> Order:
    """Put the command line and the config file together: the command line wins."""
    documents = [*split_names(options["documents"]), *options["paths"]]
    parameters: Mapping[str, ParameterValue] = split_parameters(options["parameters"])
    requests = tuple(Request(path) for path in documents)
    if options["config"] is not None:
        if documents or parameters:
            raise ToeError("--config and documents or --parameters exclude each other", hint="put them into the file")
        from toe.cli.config import read_config

        config = read_config(options["config"])
        requests, parameters = config.requests, config.parameters
        options = {name: config.options.get(name) if value is None else value for name, value in options.items()}
    _refuse_remote(requests, options)
    _check_execution_id(options["execution_id"])
    phases = tuple(split_names([options["phases"]])) if options["phases"] is not None else ()
    if options["phases"] is not None and not phases:
        raise ToeError("--phases names no phase", hint="leave it out to run all phases")
    return Order(requests, parameters, phases, options)


def _refuse_remote(requests: Sequence[Request], options: Mapping[str, Any]) -> None:
    for name in NEEDS_AWS:
        if options[name]:
            option = name.replace("_", "-")
            raise ToeError(f"--{option} needs toe[aws]", hint="this version writes its logs to local folders only")
    for request in requests:
        if is_remote(request.path):
            raise ToeError(f"'{request.path}' needs toe[aws]", hint="this version runs local documents only")


def _check_execution_id(execution_id: str | None) -> None:
    """The id becomes part of a folder's name."""
    import re

    if execution_id is not None and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", execution_id):
        raise ToeError(
            f"'{execution_id}' is no execution id", hint="letters, digits, '-', '_' and '.', 128 at most, no '/'"
        )


def _run(order: Order, execution_id: str, quiet: bool) -> RunResult:
    prepared = prepare(
        order.requests,
        parameters=order.parameters,
        phases=order.phases,
        execution_id=execution_id,
        blocked_actions=split_names(order.options["blocked_action_modules"]),
    )
    for warning in prepared.warnings:
        say(f"toe: warning: {warning}")
    cancellation = Cancellation()
    stop_on_signals(cancellation)
    host = current_host(own_process=True)
    directory = order.options["log_directory"] or "."
    return execute(prepared, host, cancellation, directory, lambda: _terminal_sinks(order, quiet), say)


def _terminal_sinks(order: Order, quiet: bool) -> list[Sink]:
    """What people see while it runs."""
    if order.options["trace"]:
        from toe.sinks.trace import Trace

        return [Trace(lambda block: os.write(STDERR, block))]
    if quiet:
        return []
    if os.isatty(STDERR) and os.environ.get("TERM", "dumb") != "dumb":
        import sys

        from toe.sinks.live_progress import LiveProgress

        return [LiveProgress(sys.stderr)]
    from toe.sinks.plain_progress import PlainProgress

    return [PlainProgress(lambda text: write(STDERR, text))]


def _tell(error: ToeError) -> None:
    """One message, or every problem with its place."""
    if not error.problems:
        say_error(error)
        return
    from toe.check.text import problem_text

    for problem in error.problems:
        say(problem_text(problem))
    count = len(error.problems)
    say(f"toe: nothing was run: {count} {'error' if count == 1 else 'errors'}")


def _tell_failure(result: RunResult) -> None:
    if result.reboot:
        say(f"toe: {result.failure_message}")
        return
    from toe.sinks.failure_block import failure_text

    say(failure_text(result))


def _success_line(result: RunResult) -> str:
    seconds = (result.ended_at_ns - result.started_at_ns) / 1e9
    counts = result.counts
    extra = f", {counts.ignored} with an ignored failure" if counts.ignored else ""
    extra += f", {counts.skipped} skipped" if counts.skipped else ""
    steps = "1 step" if counts.executed == 1 else f"{counts.executed} steps"
    return f"success: {steps}{extra} in {seconds:.1f} s; logs: {result.log_url}"
