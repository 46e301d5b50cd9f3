"""ExecuteBinary: a program with its arguments, without a shell (reference, section 6)."""

from __future__ import annotations

from typing import Annotated

from toe.actions.base import Context, Doc, Reboot, action
from toe.actions.programs import Outputs, stdout_or_failure
from toe.records import NamedTuple


class Inputs(NamedTuple):
    path: Annotated[
        str,
        Doc("The program: a path, or a name that is looked up in PATH.", path="unchecked", examples=("/usr/bin/env",)),
    ]
    arguments: Annotated[tuple[str, ...], Doc("Its arguments, each as it is: nothing is split or expanded.")] = ()


@action("ExecuteBinary", Inputs, outputs=Outputs, starts_process=True)
def execute_binary(inputs: Inputs, ctx: Context) -> Outputs | Reboot:
    """Run a program without a shell."""
    return stdout_or_failure(ctx.run([inputs.path, *inputs.arguments]), ctx)
