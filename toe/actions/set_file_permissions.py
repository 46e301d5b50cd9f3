"""SetFilePermissions: give a file its permissions."""

from __future__ import annotations

from toe.actions.base import POSIX, Context, action
from toe.actions.files.access import ChangedFile, RequiredPermissions, parsed_mode
from toe.records import NamedTuple
from toe.system.files.ownership import apply_to_file
from toe.system.files.writing import Access


class Inputs(NamedTuple):
    path: ChangedFile
    permissions: RequiredPermissions


@action("SetFilePermissions", Inputs, each=True, platforms=POSIX)
def set_file_permissions(inputs: Inputs, ctx: Context) -> None:
    """Give a file its permissions."""
    access = Access(mode=parsed_mode(inputs.permissions))
    apply_to_file(inputs.path, access, "change the permissions of")
