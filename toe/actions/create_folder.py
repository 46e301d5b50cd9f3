"""CreateFolder: make a folder, with owner, group and permissions."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Annotated

from toe.actions.base import Context, Doc, action
from toe.actions.files.access import Group, Owner, Permissions, requested_access
from toe.errors import ActionError
from toe.records import NamedTuple
from toe.system.files.opening import explained, make_folders, shown, without_separator
from toe.system.files.writing import Access


class Inputs(NamedTuple):
    path: Annotated[str, Doc("Folder to create, with its missing parents.", path="folder", examples=("/opt/app",))]
    owner: Owner = None
    group: Group = None
    permissions: Permissions = None
    overwrite: Annotated[
        bool,
        Doc(
            "Whether the folder may exist: it keeps its contents, and gets the owner and permissions asked for. "
            "If not, it is an error.",
            examples=(False,),
        ),
    ] = True


@action("CreateFolder", Inputs, each=True)
def create_folder(inputs: Inputs, ctx: Context) -> None:
    """Create a folder with its missing parents.

    Owner, group and permissions are those of the folder itself; parents get the defaults (0777 less umask).
    """
    access = requested_access(inputs.owner, inputs.group, inputs.permissions)
    path = without_separator(inputs.path)
    with explained("create", path):
        if os.path.isdir(path):
            if not inputs.overwrite:
                raise ActionError(f"'{shown(path)}' already exists, and 'overwrite' is false")
            access.apply(path)
        else:
            _create(path, access)


def _create(path: str, access: Access) -> None:
    if os.path.lexists(path):
        raise ActionError(f"'{shown(path)}' exists and is not a folder")
    make_folders(os.path.dirname(path))
    try:
        os.mkdir(path, 0o777 if access.mode is None else access.mode & 0o700)
    except FileExistsError:  # `new/.`: making its parent has made it
        if not os.path.isdir(path):
            raise
    try:
        access.apply(path)
    except BaseException:
        with suppress(OSError):
            os.rmdir(path)
        raise
