"""`toe run --hosts`: one document on many hosts, by Ansible; one JSON object, one report, a log folder a host."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from toe.cli.events import tell_refused
from toe.cli.for_hosts import judged
from toe.cli.host_events import HostEvents
from toe.cli.hosts_options import RESULTS_FILE, inventory_of, limit_of, number_of, password_file_of
from toe.cli.hosts_reports import written
from toe.cli.hosts_view import host_view
from toe.cli.order import order_of, reboots_of
from toe.cli.signals import stop_on_signals
from toe.cli.summary import harmless_json, nothing_run, refused_run, tell_machines, tell_nothing_was_run
from toe.cli.terminal import say_error, say_line, write_file
from toe.errors import EXIT_FAILED, EXIT_NOTHING_RUN, EXIT_SIGNAL_BASE, EXIT_SUCCESS, ToeError
from toe.fleet.fleet_order import FleetOrder
from toe.fleet.fleet_run import run_fleet
from toe.fleet.one_file import made_file
from toe.fleet.parcel import Asked
from toe.results import Status
from toe.session.order import EXIT, NEVER, Order
from toe.sinks.event_stream import is_stdout
from toe.system.cancellation import Cancellation
from toe.words import counted

#: Options that the hosts' own `toe` gets.
_PASSED = (
    "only",
    "start_at",
    "log_s3_bucket_name",
    "log_s3_bucket_owner",
    "log_s3_key_prefix",
    "cw_log_group",
    "cw_log_stream",
    "cw_log_region",
    "cw_ignore_failures",
    "document_s3_bucket_owner",
)
#: All others are about the machine here.
_TAKEN = (
    *_PASSED,
    *("hosts", "limit", "forks", "serial", "become", "become_password_file", "retry", "executable"),
    *("paths", "documents", "config", "phases", "parameters", "mask", "blocked_action_modules"),
    *("execution_id", "log_directory", "reboot", "max_reboots", "summary", "html", "quiet"),
    *("events", "junit_xml", "show_output"),
)
_NOT_RUN = {"status": "notRun", "failureMessage": "its turn did not come"}


def run_on_hosts(values: Mapping[str, Any]) -> int:
    """Carry out `toe run --hosts` and return the exit code: 0 all succeeded, 1 a host failed, 2 nothing was run."""
    events: HostEvents | None = None
    has_stdout = is_stdout(values["events"])
    try:
        order = _fleet_order(values)
        if values["html"]:
            from toe.report.html import require_template_library

            require_template_library()
        if not order.executable:
            order = order._replace(made=made_file())
            if not order.made:
                say_line("toe: where hosts need it, the file that they get is made first: once, half a minute")
        cancellation = Cancellation()
        stop_on_signals(cancellation)
        _make_folder(order.logs)
        events = HostEvents(values["events"]) if values["events"] else None
        results = _run(order, cancellation, values, events)
        if not results and cancellation.requested:
            raise ToeError("stopped before any host had an answer", exit_code=EXIT_SIGNAL_BASE + cancellation.signal)
    except ToeError as error:
        tell_nothing_was_run(error)
        tell_machines(nothing_run(error.message), values["summary"], to_stdout=not has_stdout)
        if values["events"]:
            refused = refused_run(error.message, values["execution_id"] or "", error.exit_code)
            tell_refused(values["events"], events.stream if events else None, refused, anew=True)
        if events:
            events.discard()
        return error.exit_code
    hosts = {host: _summary(result) for host, result in results.items()}
    code = _exit_code(results, hosts)
    text = harmless_json({"hosts": hosts, "status": Status.SUCCESS.value if code == EXIT_SUCCESS else "failed"})
    complete = _kept(order.logs, text)
    complete = tell_machines(text, values["summary"], to_stdout=not has_stdout) and complete
    if events:
        complete = events.finish(lambda: cancellation.is_urgent) and complete
    if values["html"] or values["junit_xml"]:
        folders = {host: str(result.get("log_folder") or "") for host, result in results.items()}
        complete = written(values, folders, hosts, order) and complete
    _tell_people(hosts, quiet=bool(values["quiet"]))
    if cancellation.requested:
        say_line("toe: stopped; what had begun on hosts goes on there, and the same command finds it again")
        return EXIT_SIGNAL_BASE + cancellation.signal
    return code or (EXIT_SUCCESS if complete else EXIT_FAILED)


def _run(
    order: FleetOrder, cancellation: Cancellation, values: Mapping[str, Any], events: HostEvents | None
) -> dict[str, dict[str, Any]]:
    view = host_view(quiet=bool(values["quiet"]), output=bool(values["show_output"]))
    keep = events.take if events else lambda host, data: None
    try:
        return run_fleet(order, view.hear, view.ended, lambda: cancellation.requested, keep)
    finally:
        view.close()


def _fleet_order(values: Mapping[str, Any]) -> FleetOrder:
    """What is asked of the hosts. Raises ToeError: wrong options, documents with errors."""
    for name, value in values.items():
        if value and name not in _TAKEN:
            raise ToeError(f"--{name.replace('_', '-')} does not go with --hosts")
    order = judged(order_of(values), ("linux", "windows"))
    mode, _ = reboots_of(order.options)
    logs = order.options["log_directory"] or "."
    return FleetOrder(
        _asked(order),
        inventory=inventory_of(values["hosts"]),
        logs=os.path.abspath(logs),
        limit=limit_of(values, logs),
        serial=number_of(values, "serial", "%"),
        forks=number_of(values, "forks"),
        become=bool(values["become"]),
        become_password_file=password_file_of(values),
        executable=values["executable"] or "",
        reboot=mode not in (NEVER, EXIT),
    )


def _asked(order: Order) -> Asked:
    options = {**order.options, "only": order.only, "start_at": order.start_at}
    return Asked(
        tuple(request.path for request in order.requests),
        order.parameters,
        order.phases,
        order.mask,
        order.blocked,
        options["execution_id"] or "",
        options["max_reboots"] or "",
        {request.path: request.parameters for request in order.requests if request.parameters},
        tuple(_passed(options, order.bucket_owner)),
    )


def _passed(options: Mapping[str, Any], bucket_owner: str) -> Iterable[str]:
    for name in _PASSED:
        value = bucket_owner if name == "document_s3_bucket_owner" else options.get(name)
        option = f"--{name.replace('_', '-')}"
        if value is True:
            yield option
        elif value:
            yield f"{option}={value if isinstance(value, str) else ','.join(value)}"


def _summary(result: Mapping[str, Any]) -> dict[str, Any]:
    """A host's summary, as the host's own `toe` made it, with where its logs are here."""
    if not result:
        return dict(_NOT_RUN)
    summary = dict(result.get("summary") or {})
    if not summary:
        status = "unreachable" if result.get("unreachable") else "failed"
        summary = {"executionId": result.get("execution_id", ""), "status": status}
        summary["failureMessage"] = str(result.get("msg", ""))
    if result.get("failed_step"):
        step = result["failed_step"]
        summary["failedStep"] = {key: step[key] for key in ("document", "phase", "step", "message", "exit_code")}
        summary["failedStep"]["exitCode"] = summary["failedStep"].pop("exit_code")
    return {**summary, "reboots": result.get("reboots", 0)}


def _exit_code(results: Mapping[str, Mapping[str, Any]], hosts: Mapping[str, Mapping[str, Any]]) -> int:
    if all(summary["status"] == Status.SUCCESS.value for summary in hosts.values()):
        return EXIT_SUCCESS
    has_run = any(result.get("changed") or result.get("exit_code") in (0, 1) for result in results.values())
    return EXIT_FAILED if has_run else EXIT_NOTHING_RUN


def _make_folder(logs: str) -> None:
    try:
        os.makedirs(logs, exist_ok=True)
    except OSError as error:
        raise ToeError(
            f"cannot make the log directory '{logs}': {error.strerror}", hint="--log-directory DIR"
        ) from error


def _kept(logs: str, text: str) -> bool:
    """Keep the results for `--retry`; false, with a message, when that is not possible."""
    try:
        write_file(os.path.join(logs, RESULTS_FILE), [text])
    except ToeError as error:
        say_error(error)
        return False
    return True


def _tell_people(hosts: Mapping[str, Mapping[str, Any]], *, quiet: bool) -> None:
    statuses = [str(summary["status"]) for summary in hosts.values()]
    if not quiet or set(statuses) != {Status.SUCCESS.value}:
        listed = ", ".join(f"{statuses.count(status)} {status}" for status in dict.fromkeys(statuses))
        say_line(f"{counted(len(hosts), 'host')}: {listed}")
