"""ExecutePowerShell: a script of commands, or a script file, by PowerShell (reference, section 6).

A script asks for a reboot by `exit 3010` on Windows. Elsewhere a run has this action where `pwsh` is installed, [ours]:
there exit codes are taken modulo 256, so that `exit 3010` is seen as 194, which is what asks for a reboot there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Annotated

from toe.actions.base import WINDOWS, Context, Doc, InputFault, Reboot, action
from toe.actions.programs import Outputs, new_script, stdout_or_failure
from toe.actions.programs.powershell import PROGRAM_ELSEWHERE, powershell_text, run_powershell
from toe.errors import ActionError
from toe.expressions.resolve import holds_expression
from toe.model import Entry
from toe.records import NamedTuple


class Inputs(NamedTuple):
    """A script, as commands or as a file."""

    commands: Annotated[
        tuple[str, ...] | None,
        Doc(
            "The lines of one script; not together with `file`. A failing program does not fail the script unless it "
            "ends with `exit $LASTEXITCODE`; an error that nothing catches (`throw`) ends it with 1.",
            examples=(["$ErrorActionPreference = 'Stop'", "Write-Host 'Hello'"],),
        ),
    ] = None
    file: Annotated[
        str | None,
        Doc(
            "A script file, `.ps1`; not together with `commands`.",
            path="unchecked",
            examples=(r"C:\scripts\setup.ps1",),
        ),
    ] = None


def check(entry: Entry) -> Iterator[InputFault]:
    """Exactly one of `commands` and `file`; the file is a `.ps1`."""
    if "commands" in entry and "file" in entry:
        yield InputFault("file", "'commands' and 'file' exclude each other", "remove one of them")
    if "commands" not in entry and "file" not in entry:
        yield InputFault("", "'commands' is missing", "give 'commands' (a list) or 'file' (a .ps1 file)")
    file = entry.get("file")
    if isinstance(file, str) and not holds_expression(file) and not file.lower().endswith(".ps1"):
        yield InputFault("file", f"'{file}' is no PowerShell script", "the file's name ends in .ps1")


@action(
    "ExecutePowerShell",
    Inputs,
    outputs=Outputs,
    platforms=(WINDOWS,),
    check=check,
    starts_process=True,
    elsewhere_by=PROGRAM_ELSEWHERE,
)
def execute_powershell(inputs: Inputs, ctx: Context) -> Outputs | Reboot:
    """Run PowerShell commands or a PowerShell script."""
    given: Entry = {"commands": list(inputs.commands)} if inputs.commands is not None else {}
    if inputs.file is not None:
        given["file"] = inputs.file
    for fault in check(given):
        raise ActionError(f"{fault.message}: {fault.hint}")
    if inputs.file is not None:
        return _run(_existing(inputs.file), ctx)
    with ctx.temporary_directory() as folder:
        text = powershell_text("\n".join(inputs.commands or ()) + "\n", ctx.host)
        return _run(new_script(folder, ".ps1", text, ctx), ctx)


def _existing(file: str) -> str:
    """The script file, if it exists; PowerShell's own message would be another one. Raises ActionError."""
    if not os.path.isfile(file):
        raise ActionError(f"the script '{file}' {'is no file' if os.path.lexists(file) else 'does not exist'}")
    return file


def _run(script: str, ctx: Context) -> Outputs | Reboot:
    return stdout_or_failure(run_powershell(script, ctx), ctx)
