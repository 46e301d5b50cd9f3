"""The resume script on the disk: for its owner alone, and gone when what should start it cannot be installed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from toe.errors import ToeError
from toe.system.resume.command import ResumeCommand
from toe.system.resume.durable_files import remove_durably, write_durably
from toe.system.resume.script import script_text

if TYPE_CHECKING:
    from toe.system.resume.trigger import Trigger

_MODE = 0o700


def write_script(command: ResumeCommand) -> None:
    """Write the script of a command where it says. Raises ToeError."""
    write_durably(command.script_path, os.fsencode(script_text(command)), _MODE)


@contextmanager
def installing(trigger: Trigger, command: ResumeCommand) -> Iterator[None]:
    """Write the script; if the rest of the installation fails, take trigger and script away. Raises ToeError."""
    write_script(command)
    try:
        yield
    except BaseException:
        with suppress(ToeError):
            trigger.remove(command.execution_id)
        with suppress(ToeError):
            remove_durably(command.script_path)
        raise
