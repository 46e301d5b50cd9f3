"""SetFileOwner: give a file an owner and a group."""

from __future__ import annotations

from typing import Annotated

from toe.actions.base import POSIX, Context, Doc, action
from toe.actions.files.access import GroupOfOwner, RequiredOwner, requested_owner
from toe.records import NamedTuple
from toe.system.files.opening import explained, refuse_folder


class Inputs(NamedTuple):
    path: Annotated[str, Doc("File to change; links are followed.", examples=("/etc/app.conf",))]
    owner: RequiredOwner
    group: GroupOfOwner = None


@action("SetFileOwner", Inputs, each=True, platforms=POSIX)
def set_file_owner(inputs: Inputs, ctx: Context) -> None:
    """Give a file an owner and a group."""
    access = requested_owner(inputs.owner, inputs.group)
    with explained("change the owner of", inputs.path):
        refuse_folder(inputs.path)
        access.apply(inputs.path)
