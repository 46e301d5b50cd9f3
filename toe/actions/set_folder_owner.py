"""SetFolderOwner: give a folder, and all that is in it, an owner and a group."""

from __future__ import annotations

from typing import Annotated

from toe.actions.base import POSIX, Context, Doc, action
from toe.actions.files.access import ChangedFolder, GroupOfOwner, RequiredOwner, requested_owner
from toe.records import NamedTuple
from toe.system.files.ownership import apply_to_folder


class Inputs(NamedTuple):
    path: ChangedFolder
    owner: RequiredOwner
    group: GroupOfOwner = None
    recursive: Annotated[
        bool,
        Doc("Whether all in the folder is changed too; links in it are changed themselves.", examples=(False,)),
    ] = True


@action("SetFolderOwner", Inputs, each=True, platforms=POSIX)
def set_folder_owner(inputs: Inputs, ctx: Context) -> None:
    """Give a folder, and all that is in it, an owner and a group.

    Links in the folder are never followed out of it. The root of the file system is refused with `recursive`.
    """
    access = requested_owner(inputs.owner, inputs.group)
    apply_to_folder(inputs.path, access, "change the owner of", ctx.check, recursive=inputs.recursive)
