"""SetFileOwner: give a file an owner and a group."""

from __future__ import annotations

from toe.actions.base import POSIX, Context, action
from toe.actions.files.access import ChangedFile, GroupOfOwner, RequiredOwner, requested_owner
from toe.records import NamedTuple
from toe.system.files.ownership import apply_to_file


class Inputs(NamedTuple):
    path: ChangedFile
    owner: RequiredOwner
    group: GroupOfOwner = None


@action("SetFileOwner", Inputs, each=True, platforms=POSIX)
def set_file_owner(inputs: Inputs, ctx: Context) -> None:
    """Give a file an owner and a group."""
    access = requested_owner(inputs.owner, inputs.group)
    apply_to_file(inputs.path, access, "change the owner of")
