"""ExecuteBash: the commands as one script for bash, to the letter of AWSTOE (reference, section 6)."""

from __future__ import annotations

from toe.actions.base import POSIX, Context, Doc, Reboot, action
from toe.actions.programs import Outputs, new_script, stdout_or_failure
from toe.quick_typing import Annotated
from toe.records import NamedTuple


class Inputs(NamedTuple):
    commands: Annotated[
        tuple[str, ...],
        Doc(
            "Lines of one bash script. No -e and no pipefail: the last command decides, unless you `set -e`.",
            examples=(["set -euo pipefail", "echo hello"],),
        ),
    ]


@action("ExecuteBash", Inputs, outputs=Outputs, platforms=POSIX, starts_process=True)
def execute_bash(inputs: Inputs, ctx: Context) -> Outputs | Reboot:
    """Run commands as one bash script."""
    with ctx.temporary_directory() as folder:
        path = new_script(folder, ".sh", "\n".join(inputs.commands) + "\n", ctx)
        return stdout_or_failure(ctx.run(["bash", path]), ctx)
