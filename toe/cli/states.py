"""`toe status` and `toe abandon`: the runs that did not end, and where each of them is."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from toe.cli.terminal import printed, say
from toe.engine.state.records import TOP_KEY
from toe.engine.state.store import SavedRun, put_aside, read_state, remove_empty, saved_runs
from toe.errors import EXIT_NOTHING_RUN, EXIT_SUCCESS, ToeError
from toe.execution_names import one_line, safe_name
from toe.session.going_on import clear_leftovers
from toe.sinks.terminal_text import printable_text
from toe.system.boot import boot_id
from toe.system.files.journal import is_busy
from toe.system.host import current_host
from toe.system.processes.leftovers import processes_of
from toe.system.resume.triggers import remove_triggers
from toe.system.state_directory import execution_ids, journal_path, state_directory
from toe.system.sudo import give_folder, sudo_caller
from toe.words import counted, whole_second_time


def status(options: Mapping[str, Any]) -> int:
    """Print the state of one execution, or of all. Raises ToeError for one that has none."""
    directory = state_directory(options["state_directory"] or "", ".")
    tidy(directory)
    wanted = named_execution(options["paths"], directory) if options["paths"] else None
    texts: list[str] = []
    unreadable = False
    for execution_id, saved in saved_runs(directory):
        if wanted not in (None, execution_id):
            continue
        if isinstance(saved, ToeError):
            unreadable = True
            texts.append(f"{execution_id}: {saved.message}\n")
        else:
            texts.append(described(saved))
    if not texts:
        say(f"no run is under way or was cut off: there is no state in '{directory}'")
    return printed(printable_text("\n".join(texts))) or (EXIT_NOTHING_RUN if unreadable else EXIT_SUCCESS)


def described(saved: SavedRun) -> str:
    """What is known of a run, as lines for people."""
    head, past = saved.head, saved.past
    finished = sorted(key for key in past.finished if len(key) == TOP_KEY)
    documents = ", ".join(document["path"] for document in head["identity"]["documents"])
    lines = [
        f"{one_line(saved.execution_id)}: {condition(saved)}",
        f"  documents: {documents} (in {head['directory']})",
        f"  started:   {whole_second_time(head['started_at'])}",
        f"  finished:  {counted(len(finished), 'step')}{_last(saved, finished)}",
    ]
    if past.reboots:
        lines.append(f"  reboots:   {past.reboots}")
    if head["folder"]:
        lines.append(f"  logs:      {head['folder']}")
    return "\n".join(lines) + "\n"


def condition(saved: SavedRun) -> str:
    """Whether a run is under way, waits for a reboot, or was cut off."""
    if is_busy(saved.path):
        return "running"
    resume = f"toe resume {safe_name(saved.execution_id)}"
    if saved.past.rebooting:
        rebooted = saved.past.asked is not None and saved.past.asked.boot != boot_id()
        return f"rebooted, not resumed yet: {resume}" if rebooted else "waits for a reboot"
    if saved.stopped_by:
        return f"stopped {saved.stopped_by}: {resume}"
    running = _still_running(saved)
    if running:
        return f"cut off, and its step still runs (process {running}), which this ends: {resume}"
    return f"cut off: {resume}"


def _still_running(saved: SavedRun) -> str:
    """The processes of the step that was running when `toe` was killed, "" for none."""
    if saved.past.running is None:
        return ""
    return ", ".join(map(str, processes_of(saved.past.running)))


def _last(saved: SavedRun, finished: list[tuple[int, ...]]) -> str:
    return f", the last one '{saved.past.finished[finished[-1]].result.name}'" if finished else ""


def abandon(options: Mapping[str, Any]) -> int:
    """Put a state aside and remove what would resume it at the next boot. Raises ToeError, also while it runs."""
    if not options["paths"]:
        raise ToeError("no execution to abandon", hint="'toe status' lists them")
    directory = state_directory(options["state_directory"] or "", ".")
    execution_id = named_execution(options["paths"], directory)
    path = journal_path(directory, execution_id)
    folder = _log_folder(path)
    new = put_aside(path, lambda: _clear(path))
    caller = sudo_caller(os.environ)
    if caller is not None and folder:
        with suppress(OSError):  # gone, or moved
            give_folder(folder, caller)
    remove_triggers(current_host(own_process=False), directory, execution_id)
    return printed(f"{execution_id} is abandoned; its state is kept as {new}\n")


def _log_folder(path: str) -> str:
    try:
        return str(read_state(path).head["folder"])
    except ToeError:
        return ""


def _clear(path: str) -> None:
    """End what a killed `toe` left running. A state that tells nothing any more is put aside all the same."""
    with suppress(ToeError):
        clear_leftovers(read_state(path).past, lambda line: say(f"toe: {line}"))


def tidy(directory: str) -> None:
    """Remove what a kill left of runs that had not begun, and say so."""
    for execution_id in remove_empty(directory):
        say(f"toe: removed the empty state of execution '{execution_id}': it was killed before anything ran")


def named_execution(names: Sequence[str], directory: str) -> str:
    """The name (toe.execution_names) of the execution given, or of the only one that has a state. Raises ToeError."""
    known = execution_ids(directory)
    if len(names) > 1:
        raise ToeError("one execution id at a time")
    if names and safe_name(names[0]) not in known:
        listed = f"executions there: {', '.join(known)}" if known else f"there is no state in '{directory}'"
        raise ToeError(f"no execution '{one_line(names[0])}' has a state in '{directory}'", hint=listed)
    if not names and len(known) != 1:
        listed = f"name one of {', '.join(known)}" if known else "only a run that did not end leaves one"
        there = "there are several states" if known else "there is no state"
        raise ToeError(f"{there} in '{directory}'", hint=listed)
    return safe_name(names[0]) if names else known[0]
