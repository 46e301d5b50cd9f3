"""SetFilePermissions: give a file its permissions."""

from __future__ import annotations

from typing import Annotated

from toe.actions.base import POSIX, Context, Doc, action
from toe.actions.files.access import RequiredPermissions, parsed_mode
from toe.records import NamedTuple
from toe.system.files.opening import explained, refuse_folder
from toe.system.files.writing import Access


class Inputs(NamedTuple):
    path: Annotated[str, Doc("File to change; links are followed.", examples=("/etc/app.conf",))]
    permissions: RequiredPermissions


@action("SetFilePermissions", Inputs, each=True, platforms=POSIX)
def set_file_permissions(inputs: Inputs, ctx: Context) -> None:
    """Give a file its permissions."""
    access = Access(mode=parsed_mode(inputs.permissions))
    with explained("change the permissions of", inputs.path):
        refuse_folder(inputs.path)
        access.apply(inputs.path)
