"""A run that goes on: which state it goes on with, what that was asked for, and what is done before its next step."""

from __future__ import annotations

import os
from binascii import a2b_base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from toe.engine.plan import FormerStep
from toe.engine.state.reading import understood
from toe.engine.state.records import TOP_KEY, Past
from toe.engine.state.store import (
    SavedRun,
    read_state,
    remove_if_empty,
    reopen,
    require_same,
    require_same_machine,
    require_same_nested,
    waiting_for_this_boot,
    why_not_now,
)
from toe.errors import ToeError
from toe.execution_names import one_line, safe_name
from toe.expressions.scope import StepRecord
from toe.model import ParameterValue
from toe.session.given import Piece, bound
from toe.session.order import COPIES, OF_ANY_ID, Order, Request
from toe.session.prepare import Prepared
from toe.system.files.journal import Journal
from toe.system.state_directory import journal_path
from toe.words import counted, whole_second_time


def order_again(saved: SavedRun, pieces: Sequence[Piece]) -> Order:
    """What the run of a state was asked for. Raises ToeError when a value is missing that was not kept in it."""
    with understood():
        order = order_of_data(saved.head["order"], pieces)
        return order._replace(execution_id=saved.execution_id, resume=saved.path)


def order_of_data(data: Mapping[str, Any], pieces: Sequence[Piece] = ()) -> Order:
    """What `Order.kept` made into data. Raises ToeError as `order_again`, KeyError and the like for other data."""
    secret_values = bound(pieces, [*data["missing"], *data["parameters"]]).values
    streams = {path: a2b_base64(text) for path, text in data.get("streams", {}).items()}
    for name in data["missing"]:
        if name not in secret_values:
            raise ToeError(
                f"the parameter '{name}' is masked, and its value is not kept in the state",
                hint=f"give it again: --parameters {name}=...",
            )
    return Order(
        requests=tuple(
            Request(_text(path), _values(parameters), streams.get(path, b"")) for path, parameters in data["requests"]
        ),
        parameters={**_values(data["parameters"]), **secret_values},
        phases=_texts(data["phases"]),
        blocked=_texts(data["blocked"]),
        mask=_texts(data["mask"]),
        bucket_owner=data["bucket_owner"],
        copies={path: a2b_base64(text) for path, text in data[COPIES].items()},
        options=data["options"],
        **(_part(data) if "former" in data else {}),
    )


def _part(data: Mapping[str, Any]) -> dict[str, Any]:
    """Of a run that leaves steps out: which ones, and what was known of them when it began."""
    former = [
        {
            (_text(phase), _text(step)): FormerStep(StepRecord(tuple(inputs), tuple(outputs), skipped), _text(folder))
            for phase, step, inputs, outputs, skipped, folder in document
        }
        for document in data["former"]
    ]
    return {
        "only": _texts(data["only"]),
        "start_at": _text(data["start_at"]),
        "outputs_of": _texts(data["outputs_of"]),
        "former": tuple(former),
    }


def _texts(items: Iterable[Any]) -> tuple[str, ...]:
    return tuple(map(_text, items))


def _text(item: Any) -> str:
    if not isinstance(item, str):
        raise TypeError(f"{item!r} is no text")
    return item


def _values(parameters: Mapping[str, Any]) -> dict[str, ParameterValue]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in parameters.items()}


def taking_up(prepared: Prepared) -> Prepared:
    """What is prepared, as a run that goes on where a state waits for the reboot that has just happened.

    Raises ToeError when the execution id given has a state that this run may not go on with.
    """
    order = prepared.order
    if order.takes_up == OF_ANY_ID:
        found, notes = waiting_for_this_boot(order.state_directory, prepared.identity, os.environ)
        for note in notes:
            order.report(f"toe: warning: {note}")
            order.report("  this is a new run: 'toe resume' goes on with that one, 'toe abandon' puts it aside")
        return prepared if found is None else _with_state(prepared, found)
    path = journal_path(order.state_directory, prepared.execution_id)
    if not os.path.lexists(path) or remove_if_empty(path):
        return prepared
    saved = read_state(path)
    require_same(saved, prepared.identity)
    why = why_not_now(saved, os.environ)
    if not why:
        return _with_state(prepared, saved)
    story = f"it waits for a reboot, and {why}" if saved.past.rebooting else "that run did not end"
    name = safe_name(prepared.execution_id)
    raise ToeError(
        f"execution '{one_line(prepared.execution_id)}' has a state already: {story}",
        hint=f"toe resume {name} goes on with it, toe abandon {name} puts it aside",
    )


def _with_state(prepared: Prepared, saved: SavedRun) -> Prepared:
    return prepared._replace(execution_id=saved.execution_id, order=prepared.order._replace(resume=saved.path))


def open_again(
    prepared: Prepared, report: Callable[[str], None], is_urgent: Callable[[], bool]
) -> tuple[Journal, SavedRun]:
    """Open the state of a run that goes on, and tell people so: nothing is taken up without a word.

    What a killed process left is cleared away before that is forgotten. Raises ToeError: the state is in use, damaged,
    of another run or of another machine.
    """

    def require(saved: SavedRun) -> None:
        require_same_machine(saved)
        require_same(saved, prepared.identity)
        require_same_nested(saved, prepared.loader.reader.read)
        clear_leftovers(saved.past, report, is_urgent)

    journal, saved = reopen(prepared.order.resume, require)
    done = counted(sum(len(key) == TOP_KEY for key in saved.past.finished), "step")
    report(f"toe: going on with execution '{one_line(saved.execution_id)}', which {_story(saved)}: {done} done")
    return journal, saved


def _story(saved: SavedRun) -> str:
    asked = saved.past.asked
    if saved.past.rebooting and asked is not None:
        return f"asked for a reboot at {whole_second_time(asked.at_ns)}"
    return f"was stopped {saved.stopped_by}" if saved.stopped_by else "was cut off"


def clear_leftovers(past: Past, report: Callable[[str], None], is_urgent: Callable[[], bool] = lambda: False) -> None:
    """End what still runs of the step that was running, and remove its script; `report` is told of both.

    A second one beside it would do the same at the same time: two package managers. `is_urgent` ends the grace.
    """
    if past.running is None:
        return
    # here: a new run loads this module where any state lies in the directory, and clears nothing away
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
