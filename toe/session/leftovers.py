"""What a killed `toe` left running and lying about, before its run goes on or is given up."""

from __future__ import annotations

from collections.abc import Callable

from toe.engine.state.past import Past


def clear_leftovers(past: Past, report: Callable[[str], None], is_urgent: Callable[[], bool] = lambda: False) -> None:
    """End what still runs of the step that was running, and remove its script; `report` is told of both.

    A second one beside it would do the same at the same time: two package managers. `is_urgent` ends the grace.
    """
    if past.running is None:
        return
    from toe.system.processes.leftovers import end_processes, processes_of, remove_folder

    pids = ", ".join(str(pid) for pid in processes_of(past.running))
    if pids:
        report(f"warning: what the step that was cut off had started still runs (process {pids}) and is ended")
        end_processes(past.running, is_urgent)
        left = ", ".join(str(pid) for pid in processes_of(past.running))
        if left:
            report(f"warning: process {left} could not be ended and runs beside the step")
    if remove_folder(past.running):
        report(f"warning: the script of the step that was cut off was removed with '{past.running.folder}'")
