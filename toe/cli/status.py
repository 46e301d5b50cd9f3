"""`toe status`: the runs that did not end, and where each of them is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.cli.state_options import named_execution, state_directory, tidy
from toe.cli.terminal import printed, say
from toe.engine.state.records import TOP_KEY
from toe.engine.state.store import SavedRun, saved_runs
from toe.errors import EXIT_NOTHING_RUN, EXIT_SUCCESS, ToeError
from toe.execution_names import one_line, safe_name
from toe.sinks.terminal_text import printable_text
from toe.system.boot import boot_id
from toe.system.files.journal import is_busy
from toe.words import counted, whole_second_time


def status(options: Mapping[str, Any]) -> int:
    """Print the state of one execution, or of all. Raises ToeError for one that has none."""
    directory = state_directory(options)
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
    from toe.system.processes.leftovers import processes_of

    return ", ".join(map(str, processes_of(saved.past.running)))


def _last(saved: SavedRun, finished: list[tuple[int, ...]]) -> str:
    return f", the last one '{saved.past.finished[finished[-1]].result.name}'" if finished else ""
