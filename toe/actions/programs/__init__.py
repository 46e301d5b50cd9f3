"""Programs that actions run: the file of a script, and what the end of a process means for the step.

How PowerShell is called stands in toe.actions.programs.powershell.
"""

from __future__ import annotations

import os

from toe.actions.base import Completed, Context, Doc, Reboot
from toe.errors import ActionError
from toe.quick_typing import Annotated
from toe.records import NamedTuple


class Outputs(NamedTuple):
    stdout: Annotated[str, Doc("What the program printed, without trailing newlines.")]


def new_script(folder: str, ending: str, text: str, ctx: Context) -> str:
    """The path of a new script in a temporary folder, with AWSTOE's name and log line. Raises ActionError."""
    path = os.path.join(folder, f"script-{int.from_bytes(os.urandom(4), 'big')}{ending}")
    write_script(path, text)
    ctx.log(f"Created temporary script file at: {path}")
    return path


def write_script(path: str, text: str) -> None:
    """Write a script that its owner alone may read. Raises ActionError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb", buffering=0) as file:
            file.write(text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise ActionError(f"cannot write the script '{path}': {error.strerror}") from error


def stdout_or_failure(completed: Completed, ctx: Context) -> Outputs | Reboot:
    """A process's end as an action's answer: its stdout, or a request to reboot. Raises ActionError on a failure."""
    outputs = Outputs(stdout=completed.stdout)
    if completed.exit_code == ctx.host.reboot_exit_code:
        return Reboot(completed.exit_code, same_step=True, outputs=outputs)
    if completed.exit_code != 0:
        raise completed.failure(f"exit status {completed.exit_code}", {"stdout": completed.stdout})
    return outputs
