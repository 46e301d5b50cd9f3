"""ExecutePowerShell: a script of commands, or a script file, by PowerShell (reference, section 6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from toe.actions.base import WINDOWS, Context, Doc, InputFault, action, holds_expression
from toe.errors import ActionError
from toe.model import Entry
from toe.records import NamedTuple


class Inputs(NamedTuple):
    """A script, as commands or as a file."""

    commands: Annotated[
        tuple[str, ...] | None,
        Doc("The lines of the script; not together with `file`.", examples=(["Write-Host 'Hello'"],)),
    ] = None
    file: Annotated[
        str | None, Doc("A script file, `.ps1`; not together with `commands`.", examples=(r"C:\scripts\setup.ps1",))
    ] = None


class Outputs(NamedTuple):
    """What the script printed."""

    stdout: Annotated[str, Doc("The script's standard output.")]


def check(entry: Entry) -> Iterator[InputFault]:
    """Exactly one of `commands` and `file`; the file is a `.ps1`."""
    if "commands" in entry and "file" in entry:
        yield InputFault("file", "'commands' and 'file' exclude each other", "remove one of them")
    if "commands" not in entry and "file" not in entry:
        yield InputFault("", "'commands' is missing", "give 'commands' (a list) or 'file' (a .ps1 file)")
    file = entry.get("file")
    if isinstance(file, str) and not holds_expression(file) and not file.lower().endswith(".ps1"):
        yield InputFault("file", f"'{file}' is no PowerShell script", "the file's name ends in .ps1")


@action("ExecutePowerShell", Inputs, outputs=Outputs, platforms=(WINDOWS,), check=check)
def execute_powershell(inputs: Inputs, ctx: Context) -> None:
    """Run PowerShell commands or a PowerShell script."""
    raise ActionError("ExecutePowerShell is not available in this version of toe yet")
