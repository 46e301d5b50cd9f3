"""SetFilePermissions: give a file its permissions."""

from __future__ import annotations

from typing import Annotated

from toe.actions.base import POSIX, Context, Doc, InputFault, action
from toe.actions.files.access import RequiredPermissions, parsed_mode
from toe.actions.files.paths import path_faults, require_path
from toe.model import Entry
from toe.records import NamedTuple
from toe.system.files.opening import explained, refuse_folder
from toe.system.files.writing import Access


class Inputs(NamedTuple):
    path: Annotated[str, Doc("File to change; links are followed.", examples=("/etc/app.conf",))]
    permissions: RequiredPermissions


def _faults(entry: Entry) -> list[InputFault]:
    return path_faults(entry, "path", files=("path",))


@action("SetFilePermissions", Inputs, each=True, platforms=POSIX, check=_faults)
def set_file_permissions(inputs: Inputs, ctx: Context) -> None:
    """Give a file its permissions."""
    require_path("path", inputs.path, file=True)
    access = Access(mode=parsed_mode(inputs.permissions))
    with explained("change the permissions of", inputs.path):
        refuse_folder(inputs.path)
        access.apply(inputs.path)
