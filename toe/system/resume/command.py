"""What is to be started after a reboot, and where the script for it lies. Not the script's text."""

from __future__ import annotations

import os
from collections.abc import Mapping

from toe.execution_names import safe_name
from toe.records import NamedTuple

_ENDING = ".resume"


class ResumeCommand(NamedTuple):
    """The program that goes on with a run. Arguments and environment may hold secrets: they go into the script alone.

    `argv[0]` and all paths are absolute. What the program prints is appended to `output_path`; where that cannot be
    opened it goes where the trigger's does, the journal or a mail to root.
    """

    execution_id: str
    argv: tuple[str, ...]
    working_directory: str
    environment: Mapping[str, str]
    script_path: str
    output_path: str
    umask: int = 0o022


def resume_script_path(state_directory: str, execution_id: str) -> str:
    """Where the script of an execution lies: beside its state, in a folder that only its owner may read."""
    return os.path.join(os.path.abspath(state_directory), safe_name(execution_id) + _ENDING)
