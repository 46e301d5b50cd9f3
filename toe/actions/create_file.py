"""CreateFile: write a text to a file, with owner, group and permissions."""

from __future__ import annotations

from typing import Annotated

from toe.actions.base import Context, Doc, action
from toe.actions.files.access import Group, Owner, Permissions, requested_access
from toe.actions.files.encodings import Encoding, encoded
from toe.errors import ActionError
from toe.records import NamedTuple
from toe.system.files.opening import explained, shown, write_all
from toe.system.files.writing import write_new, write_over


class Inputs(NamedTuple):
    path: Annotated[
        str,
        Doc(
            "File to create, with its missing folders. An existing link is written through.",
            path="file",
            examples=("/etc/app/app.conf",),
        ),
    ]
    content: Annotated[
        str, Doc("Text of the file, as it is: no line end is added, no escapes are read.", examples=("key=value\n",))
    ] = ""
    encoding: Encoding = "utf-8"
    owner: Owner = None
    group: Group = None
    permissions: Permissions = None
    overwrite: Annotated[
        bool,
        Doc(
            "Whether an existing file is replaced; it keeps owner and mode where none are given. "
            "If not, it is an error.",
            examples=(False,),
        ),
    ] = True


@action("CreateFile", Inputs, each=True)
def create_file(inputs: Inputs, ctx: Context) -> None:
    """Create a file with a text, or replace one.

    A new file has the mode 0666 less umask, or exactly `permissions`, never more for a moment. An existing one is
    replaced in one move: whoever reads it meanwhile sees the old text or the new one.
    """
    data = encoded(inputs.content, inputs.encoding, new=True)
    access = requested_access(inputs.owner, inputs.group, inputs.permissions)

    def fill(descriptor: int) -> None:
        write_all(descriptor, data)

    with explained("create", inputs.path):
        try:
            write_new(inputs.path, fill, access)
        except FileExistsError:
            if not inputs.overwrite:
                raise ActionError(f"'{shown(inputs.path)}' already exists, and 'overwrite' is false") from None
            write_over(inputs.path, fill, access)
