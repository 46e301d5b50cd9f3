"""ExecuteBash: the commands as one script for bash, to the letter of AWSTOE (reference, section 6)."""

from __future__ import annotations

import os
from typing import Annotated

from toe.actions.base import POSIX, Completed, Context, Doc, Reboot, action
from toe.errors import ActionError
from toe.records import NamedTuple


class Inputs(NamedTuple):
    commands: Annotated[
        tuple[str, ...],
        Doc(
            "Lines of one bash script. No -e and no pipefail: the last command decides, unless you `set -e`.",
            examples=(["set -euo pipefail", "echo hello"],),
        ),
    ]


class Outputs(NamedTuple):
    stdout: Annotated[str, Doc("What the script printed, without trailing newlines.")]


@action("ExecuteBash", Inputs, outputs=Outputs, platforms=POSIX, starts_process=True)
def execute_bash(inputs: Inputs, ctx: Context) -> Outputs | Reboot:
    """Run commands as one bash script."""
    with ctx.temporary_directory() as folder:
        path = os.path.join(folder, f"script-{int.from_bytes(os.urandom(4), 'big')}.sh")
        write_script(path, "\n".join(inputs.commands) + "\n")
        ctx.log(f"Created temporary script file at: {path}")
        return stdout_or_failure(ctx.run(["bash", path]), ctx)


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
        raise ActionError(
            f"exit status {completed.exit_code}",
            exit_code=completed.exit_code,
            stderr=completed.stderr,
            outputs={"stdout": completed.stdout},
        )
    return outputs
