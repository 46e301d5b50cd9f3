"""CopyFile: copy a file, or the files that a wildcard matches."""

from __future__ import annotations

from typing import Annotated

from toe.actions.base import Context, Doc, action
from toe.actions.files.transfer import Overwrite, is_file, refuse_file_conflicts, transfer_faults, transfers
from toe.records import NamedTuple
from toe.system.files.copying import copy_file as copy_one_file
from toe.system.files.opening import explained, shown


class Inputs(NamedTuple):
    source: Annotated[
        str,
        Doc("File to copy; after the last separator `*` stands for any characters.", examples=("/opt/a.txt", "logs/*")),
    ]
    destination: Annotated[
        str,
        Doc(
            "Path of the copy; one that ends in a separator is a folder in which the file keeps its name. "
            "Missing folders are created.",
            examples=("/opt/b.txt", "/backup/"),
        ),
    ]
    overwrite: Overwrite = True


@action("CopyFile", Inputs, each=True, check=transfer_faults)
def copy_file(inputs: Inputs, ctx: Context) -> None:
    """Copy a file, or all files that a wildcard matches."""
    found = transfers(inputs.source, inputs.destination, is_file, "file")
    refuse_file_conflicts(found, overwrite=inputs.overwrite)
    for source, destination in found:
        ctx.check()
        with explained(f"copy '{shown(source)}' to", destination):
            copy_one_file(source, destination, ctx.check, overwrite=inputs.overwrite)
