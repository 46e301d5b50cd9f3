"""`toe run`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from toe.cli.carry_out import carry_out, prepare_order, tell_nothing_run, tell_stopped_before
from toe.cli.order import order_of
from toe.cli.signals import end_on_signals
from toe.cli.state_options import state_directory
from toe.errors import ToeError
from toe.session.prepare import Prepared, new_execution_id
from toe.system.state_directory import execution_ids, journal_path


def run(values: Mapping[str, Any]) -> int:
    """Carry out `toe run` with the values of its options (toe.cli.options.RUN) and return the exit code."""
    execution_id = values["execution_id"] or ""
    end_on_signals(lambda signal_name: tell_stopped_before(signal_name, execution_id))
    try:
        order = order_of(values)
        given = order.options["execution_id"]
        execution_id = given or new_execution_id()
        directory = state_directory(order.options)
        prepared = prepare_order(order, execution_id)
        resume = ""
        if execution_ids(directory):
            resume = _state_to_resume(directory, given, prepared)
            if resume:
                execution_id = os.path.basename(resume).rpartition(".")[0]
                prepared = prepared._replace(execution_id=execution_id)
        return carry_out(prepared, order, directory, resume)
    except ToeError as error:
        return tell_nothing_run(error, execution_id)


def _state_to_resume(directory: str, given_id: str | None, prepared: Prepared) -> str:
    """The state that waits for the reboot that has just happened, "" for none (reference, section 8).

    Raises ToeError when the execution id given has a state that this run may not go on with.
    """
    from toe.engine.state_store import read_state, require_same, waiting_for_this_boot
    from toe.system.boot import boot_id

    identity, boot = prepared.identity, boot_id()
    if given_id is None:
        found = waiting_for_this_boot(directory, identity, boot)
        return found.path if found else ""
    path = journal_path(directory, given_id)
    if not os.path.lexists(path):
        return ""
    saved = read_state(path)
    require_same(saved, identity)
    if saved.past.rebooting and saved.past.boot != boot:
        return path
    raise ToeError(
        f"execution '{given_id}' has a state already: that run did not end",
        hint=f"toe resume {given_id} goes on with it, toe abandon {given_id} puts it aside",
    )
