"""The tasks `toe.toe.run` and `toe.toe.validate`: from the arguments of a task to its result."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible.utils.display import Display

from toe.api import validate
from toe.errors import Problem, Severity, ToeError, first_of
from toe.events import Event, StepFinished
from toe.execution_names import safe_name
from toe.fleet.ansible_reboot import rebooter
from toe.fleet.fetched import unpack_logs
from toe.fleet.followed import Followed
from toe.fleet.host_run import HostResult, HostRun, LinkLostError
from toe.fleet.one_file import OneFile, given_file, own_file
from toe.fleet.parcel import Asked, parcel
from toe.fleet.task_values import documents_of, names, one_text, seconds, truth, values
from toe.fleet.windows_link import is_windows, link_of

OPTIONS = frozenset(
    (
        "documents parameters phases mask blocked_action_modules execution_id fetch_to executable installed extras"
        " remote_directory reboot reboot_timeout reboot_command boot_time_command max_reboots reconnect_timeout"
        " events_to options"
    ).split()
)
VALIDATE_OPTIONS = frozenset(("documents", "platforms", "profile", "lint"))
_SUCCESS = "success"


def run_task(action: Any, task_vars: Mapping[str, Any]) -> dict[str, Any]:
    """The result of `toe.toe.run` on one host; `action` is the ActionBase of the task."""
    try:
        args = action._task.args
        asked = _asked(args)
        platform = "windows" if is_windows(action) else "linux"
        _refuse_invalid(validate(asked.documents, platforms=(platform,), lint=False))
        if action._task.check_mode:
            return {"changed": False, "msg": "the documents are valid; nothing was run"}
        return _run(action, args, asked, task_vars)
    except ToeError as error:
        return _failed(error)


def validate_task(args: Mapping[str, Any]) -> dict[str, Any]:
    """The result of `toe.toe.validate`: every problem, as `toe validate` tells it."""
    try:
        problems = validate(
            names(args, "documents"),
            platforms=names(args, "platforms"),
            profile=one_text(args, "profile"),
            lint=truth(args, "lint", True),
        )
    except ToeError as error:
        return _failed(error)
    listed = {"changed": False, "problems": list(map(_problem, problems))}
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    return {**listed, "failed": True, "msg": first_of(errors)} if errors else listed


def _asked(args: Mapping[str, Any]) -> Asked:
    documents, own = documents_of(args, "documents")
    if not documents:
        raise ToeError("'documents' names no document", hint="documents: [component.yml]")
    return Asked(
        documents,
        values(args, "parameters"),
        names(args, "phases"),
        names(args, "mask"),
        names(args, "blocked_action_modules"),
        one_text(args, "execution_id"),
        one_text(args, "max_reboots"),
        own,
        names(args, "options"),
    )


def _refuse_invalid(problems: list[Problem]) -> None:
    errors = tuple(problem for problem in problems if problem.severity is Severity.ERROR)
    if errors:
        raise ToeError(f"nothing was run: {first_of(errors)}", problems=errors)


def _run(action: Any, args: Mapping[str, Any], asked: Asked, task_vars: Mapping[str, Any]) -> dict[str, Any]:
    host = str(task_vars.get("inventory_hostname", "host"))
    events_to = one_text(args, "events_to")
    if events_to:
        _write_hosts(events_to, task_vars)
    followed = Followed(_teller(action, host), _keeper(events_to, host))
    logs = Path(one_text(args, "fetch_to") or "toe-logs") / safe_name(host)
    link = link_of(action)
    run = HostRun(
        link,
        parcel(asked, for_windows=link.is_windows),
        store=lambda file: unpack_logs(file, logs),
        one_file=_one_file(one_text(args, "executable"), names(args, "extras")),
        installed=one_text(args, "installed"),
        base=one_text(args, "remote_directory"),
        reboot=rebooter(action, args, task_vars, of_windows=link.is_windows) if truth(args, "reboot", True) else None,
        listen=followed.take,
        patience_seconds=seconds(args, "reconnect_timeout", 60),
    )
    try:
        done = run.carry_out()
    except LinkLostError as error:
        told = f"{error}; where the run had begun it goes on, and the same order finds it again"
        return {"unreachable": True, "changed": False, "msg": told, "execution_id": run.execution_id}
    except ToeError as error:
        return {**_failed(error), "execution_id": run.execution_id}
    return {**_told(done, followed), "execution_id": run.execution_id}


def _told(done: HostResult, followed: Followed) -> dict[str, Any]:
    summary = {**done.summary, "logUrl": done.folder} if done.summary else {}
    result = {
        "changed": bool(summary.get("executedStepCount")),
        "exit_code": done.exit_code,
        "summary": summary,
        "failed_step": followed.failed_step,
        "reboots": followed.reboots,
        "log_folder": done.folder,
        "kept_on_host": done.kept,
        "found": done.found,
    }
    if done.exit_code:
        message = summary.get("failureMessage") or f"toe ended with {done.exit_code}"
        result.update(failed=True, msg=done.said.strip() if done.exit_code == 2 and done.said.strip() else message)
    return result


def _one_file(given: str, extras: tuple[str, ...]) -> Any:
    def find(processor: str) -> OneFile:
        return given_file(given, processor) if given else own_file(extras)

    return find


def _teller(action: Any, host: str) -> Any:
    """With -v a line for each step, as soon as it has ended."""
    display = Display()
    is_quiet = display.verbosity < 1 or action._task.no_log

    def tell(event: Event) -> None:
        if not is_quiet and isinstance(event, StepFinished) and not event.where.depth:
            display.v(f"{event.where.phase}.{event.result.name}: {event.result.status.value}", host=host)

    return tell


def _keeper(folder: str, host: str) -> Any:
    """Appends what comes to a file that others follow."""
    if not folder:
        return lambda data: None
    path = os.path.join(folder, f"{safe_name(host)}.jsonl")

    def keep(data: bytes) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(data)

    return keep


def _write_hosts(folder: str, task_vars: Mapping[str, Any]) -> None:
    """Name all hosts of the play, also those whose turn may never come, for who follows it; the first host does."""
    names_of_all = [str(name) for name in task_vars.get("ansible_play_hosts_all", ())]
    with suppress(FileExistsError):
        descriptor = os.open(os.path.join(folder, "hosts.json"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(names_of_all, file)


def _failed(error: ToeError) -> dict[str, Any]:
    result: dict[str, Any] = {"failed": True, "changed": False, "msg": error.in_one_line}
    if error.problems:
        result["problems"] = list(map(_problem, error.problems))
    return result


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "hint": problem.hint,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
    }
