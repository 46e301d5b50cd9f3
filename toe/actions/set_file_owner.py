"""SetFileOwner: give a file an owner and a group."""

from __future__ import annotations

from typing import Annotated

from toe.actions.base import POSIX, Context, Doc, InputFault, action
from toe.actions.files.access import GroupOfOwner, RequiredOwner, requested_owner
from toe.actions.files.paths import path_faults, require_path
from toe.model import Entry
from toe.records import NamedTuple
from toe.system.files.opening import explained, refuse_folder


class Inputs(NamedTuple):
    path: Annotated[str, Doc("File to change; links are followed.", examples=("/etc/app.conf",))]
    owner: RequiredOwner
    group: GroupOfOwner = None


def _faults(entry: Entry) -> list[InputFault]:
    return path_faults(entry, "path", files=("path",))


@action("SetFileOwner", Inputs, each=True, platforms=POSIX, check=_faults)
def set_file_owner(inputs: Inputs, ctx: Context) -> None:
    """Give a file an owner and a group."""
    require_path("path", inputs.path, file=True)
    access = requested_owner(inputs.owner, inputs.group)
    with explained("change the owner of", inputs.path):
        refuse_folder(inputs.path)
        access.apply(inputs.path)
