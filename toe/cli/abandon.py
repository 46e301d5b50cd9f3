"""`toe abandon`: a run that did not end is not to be resumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.cli.state_options import named_execution, state_directory, state_path
from toe.cli.terminal import printed
from toe.engine.state_store import put_aside
from toe.errors import ToeError
from toe.system.host import current_host
from toe.system.resume.trigger import remove_triggers


def abandon(options: Mapping[str, Any]) -> int:
    """Put a state aside and remove what would resume it at the next boot. Raises ToeError, also while it runs."""
    if not options["paths"]:
        raise ToeError("no execution to abandon", hint="'toe status' lists them")
    directory = state_directory(options)
    execution_id = named_execution(options["paths"], directory)
    new = put_aside(state_path(directory, execution_id))
    remove_triggers(current_host(own_process=False), directory, execution_id)
    return printed(f"{execution_id} is abandoned; its state is kept as {new}\n")
