"""`toe resume`: goes on with a run that asked for a reboot, was stopped, or was cut off."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from toe.cli.command import unset
from toe.cli.options.running import RUN
from toe.cli.order import split_parameters
from toe.cli.run import Terminal, run
from toe.cli.states import named_execution, tidy
from toe.cli.terminal import say
from toe.engine.state.store import SavedRun, keep_damaged, read_begun
from toe.errors import ToeError
from toe.session.given import Piece
from toe.session.going_on import order_again
from toe.session.order import Order
from toe.system.boot import boot_id
from toe.system.files.journal_lines import JournalDamagedError
from toe.system.state_directory import journal_path, state_directory

#: Options of `toe resume` that replace those of the run.
OWN_OPTIONS = ("summary", "events", "otel", "trace", "show_output", "quiet", "reboot")


def resume(values: Mapping[str, Any]) -> int:
    """Carry out `toe resume` with the values of its options (toe.cli.options) and return the exit code."""
    return run(values, asked_again, anew=False)


def asked_again(values: Mapping[str, Any], terminal: Terminal) -> Order:
    """The order of the run that is to go on. Raises ToeError."""
    directory = state_directory(values["state_directory"] or "", ".")
    tidy(directory)
    pieces = (*split_parameters(values["parameters"]), *_pieces_of_file(values["config"]))
    terminal.execution_id = named_execution(values["paths"], directory)
    saved = _read(journal_path(directory, terminal.execution_id))
    terminal.execution_id = saved.execution_id
    # Paths of documents and scripts count from the working directory of the run.
    try:
        os.chdir(saved.head["directory"])
    except OSError as error:
        raise ToeError(f"cannot go on in '{saved.head['directory']}': {error.strerror}") from error
    order = order_again(saved, pieces)
    own = {name: values[name] for name in OWN_OPTIONS if values[name] is not None}
    # A run that a program began with `toe.run` has no options of a command line.
    return order._replace(options={**unset(RUN), **order.options, **own}, state_directory=directory)


def _pieces_of_file(config_file: str | None) -> list[Piece]:
    """The parameters of a config file, so that secrets need not stand on a command line. Raises ToeError."""
    if config_file is None:
        return []
    from toe.cli.config import read_config

    config = read_config(config_file)
    named = {name: value for request in config.requests for name, value in request.parameters.items()}
    return [Piece(name, value) for name, value in {**named, **config.parameters}.items()]


def _read(path: str) -> SavedRun:
    try:
        saved = read_begun(path)
    except JournalDamagedError as error:
        raise keep_damaged(path, error) from error
    if saved.past.rebooting and saved.past.asked is not None and saved.past.asked.boot == boot_id():
        say("toe: warning: the machine has not been rebooted since the run asked for it")
    return saved
