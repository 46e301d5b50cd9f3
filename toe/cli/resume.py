"""`toe resume`: goes on with a run that asked for a reboot, was stopped, or was cut off."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from toe.cli.carry_out import carry_out, prepare_order, tell_nothing_run, tell_stopped_before
from toe.cli.lists import split_parameters
from toe.cli.options import RUN
from toe.cli.plain import unset
from toe.cli.signals import end_on_signals
from toe.cli.state_options import named_execution, state_directory, state_path, tidy
from toe.cli.terminal import say
from toe.engine.state.store import SavedRun, keep_damaged, read_begun
from toe.errors import ToeError
from toe.session.order import Order, order_from_plain
from toe.system.boot import boot_id
from toe.system.files.journal_lines import JournalDamagedError

#: Options of `toe resume` that replace those of the run.
OWN_OPTIONS = ("trace", "show_output", "quiet", "reboot")


def resume(values: Mapping[str, Any]) -> int:
    """Carry out `toe resume` with the values of its options (toe.cli.options.RESUME) and return the exit code."""
    execution_id = ""
    end_on_signals(lambda signal_name: tell_stopped_before(signal_name, execution_id))
    try:
        directory = state_directory(values)
        tidy(directory)
        execution_id = named_execution(values["paths"], directory)
        path = state_path(directory, execution_id)
        saved = _read(path)
        execution_id = saved.execution_id
        _enter(saved)
        order = _order(saved, values)
        prepared = prepare_order(order, execution_id)
        return carry_out(prepared, order, directory, path)
    except ToeError as error:
        return tell_nothing_run(error, execution_id)


def _read(path: str) -> SavedRun:
    try:
        saved = read_begun(path)
    except JournalDamagedError as error:
        raise keep_damaged(path, error) from error
    if saved.past.rebooting and saved.past.asked is not None and saved.past.asked.boot == boot_id():
        say("toe: warning: the machine has not been rebooted since the run asked for it")
    return saved


def _enter(saved: SavedRun) -> None:
    """Paths of documents and scripts count from the working directory of the run."""
    try:
        os.chdir(saved.head["directory"])
    except OSError as error:
        raise ToeError(f"cannot go on in '{saved.head['directory']}': {error.strerror}") from error


def _order(saved: SavedRun, values: Mapping[str, Any]) -> Order:
    order = order_from_plain(saved.head["order"], split_parameters(values["parameters"]))
    own = {name: values[name] for name in OWN_OPTIONS if values[name] is not None}
    # A run that a program began with `toe.run` has no options of a command line.
    return order._replace(options={**unset(RUN), **order.options, **own})
