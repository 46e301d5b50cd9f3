"""SetFolderPermissions: give a folder, and all that is in it, permissions."""

from __future__ import annotations

from typing import Annotated

from toe.actions.base import POSIX, Context, Doc, action
from toe.actions.files.access import ChangedFolder, RequiredPermissions, parsed_mode
from toe.records import NamedTuple
from toe.system.files.ownership import apply_to_folder
from toe.system.files.writing import Access


class Inputs(NamedTuple):
    path: ChangedFolder
    permissions: RequiredPermissions
    recursive: Annotated[
        bool,
        Doc("Whether all files and folders in the folder get them too; links are left alone.", examples=(False,)),
    ] = True


@action("SetFolderPermissions", Inputs, each=True, platforms=POSIX)
def set_folder_permissions(inputs: Inputs, ctx: Context) -> None:
    """Give a folder, and all files and folders in it, the same permissions.

    Links in the folder are never followed out of it. The root of the file system is refused with `recursive`.
    """
    access = Access(mode=parsed_mode(inputs.permissions))
    apply_to_folder(inputs.path, access, "change the permissions of", ctx.check, recursive=inputs.recursive)
