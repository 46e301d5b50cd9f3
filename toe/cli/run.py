"""`toe run`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from toe.cli.carry_out import carry_out, prepare_order, tell_nothing_run, tell_stopped_before
from toe.cli.order import order_of
from toe.cli.signals import end_on_signals
from toe.cli.state_options import state_directory
from toe.cli.terminal import say
from toe.errors import ToeError
from toe.execution_names import one_line, safe_name
from toe.session.prepare import Prepared, new_execution_id
from toe.system.state_directory import execution_ids, journal_path

if TYPE_CHECKING:
    from toe.engine.state.store import SavedRun


def run(values: Mapping[str, Any]) -> int:
    """Carry out `toe run` with the values of its options (toe.cli.options.RUN) and return the exit code."""
    execution_id = values["execution_id"] or ""
    end_on_signals(lambda signal_name: tell_stopped_before(signal_name, execution_id))
    try:
        order = order_of(values)
        given = order.options["execution_id"]
        execution_id = new_execution_id() if given is None else given
        directory = state_directory(order.options)
        prepared = prepare_order(order, execution_id)
        saved = _state_to_resume(directory, given, prepared) if execution_ids(directory) else None
        if saved is None:
            return carry_out(prepared, order, directory)
        execution_id = saved.execution_id
        return carry_out(prepared._replace(execution_id=execution_id), order, directory, saved.path)
    except ToeError as error:
        return tell_nothing_run(error, execution_id)


def _state_to_resume(directory: str, given_id: str | None, prepared: Prepared) -> SavedRun | None:
    """The state that waits for the reboot that has just happened, None for none (reference, section 8).

    Raises ToeError when the execution id given has a state that this run may not go on with.
    """
    from toe.engine.state.store import read_state, remove_if_empty, require_same, waiting_for_this_boot, why_not_now

    if given_id is None:
        found, notes = waiting_for_this_boot(directory, prepared.identity, os.environ)
        for note in notes:
            say(f"toe: warning: {note}")
            say("  this is a new run: 'toe resume' goes on with that one, 'toe abandon' puts it aside")
        return found
    path = journal_path(directory, given_id)
    if not os.path.lexists(path) or remove_if_empty(path):
        return None
    saved = read_state(path)
    require_same(saved, prepared.identity)
    why = why_not_now(saved, os.environ)
    if not why:
        return saved
    story = f"it waits for a reboot, and {why}" if saved.past.rebooting else "that run did not end"
    name = safe_name(given_id)
    raise ToeError(
        f"execution '{one_line(given_id)}' has a state already: {story}",
        hint=f"toe resume {name} goes on with it, toe abandon {name} puts it aside",
    )
