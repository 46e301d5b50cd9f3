"""The state directory that a command line means, and the execution in it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from toe.cli.terminal import say
from toe.errors import ToeError
from toe.execution_names import one_line, safe_name
from toe.system.host import is_root
from toe.system.state_directory import default_state_directory, execution_ids


def state_directory(options: Mapping[str, Any]) -> str:
    """`--state-directory`, else the default for this user."""
    if options["state_directory"]:
        return os.path.abspath(str(options["state_directory"]))
    return default_state_directory(os.environ, options.get("log_directory") or ".", is_root=is_root())


def tidy(directory: str) -> None:
    """Remove what a kill left of runs that had not begun, and say so."""
    from toe.engine.state.store import remove_empty

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
