"""`toe abandon`: a run that did not end is not to be resumed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from toe.cli.state_options import named_execution, state_directory
from toe.cli.terminal import printed, say
from toe.engine.state.store import put_aside, read_state
from toe.errors import ToeError
from toe.session.going_on import clear_leftovers
from toe.system.host import current_host
from toe.system.resume.triggers import remove_triggers
from toe.system.state_directory import journal_path
from toe.system.sudo import give_folder, sudo_caller


def abandon(options: Mapping[str, Any]) -> int:
    """Put a state aside and remove what would resume it at the next boot. Raises ToeError, also while it runs."""
    if not options["paths"]:
        raise ToeError("no execution to abandon", hint="'toe status' lists them")
    directory = state_directory(options)
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
