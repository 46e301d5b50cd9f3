"""CopyFile: copy a file, or the files that a wildcard matches."""

from __future__ import annotations

from typing import Annotated

from toe.actions.base import Context, Doc, action
from toe.actions.files.routes import Overwrite, is_file, refuse_file_conflicts, routes
from toe.records import NamedTuple
from toe.system.files.copying import copy_file as copy_one_file
from toe.system.files.opening import explained, shown


class Inputs(NamedTuple):
    source: Annotated[str, Doc("File to copy.", path="any", wildcard=True, examples=("/opt/a.txt", "logs/*"))]
    destination: Annotated[
        str,
        Doc("Path of the copy. Missing folders are created.", path="destination", examples=("/opt/b.txt", "/backup/")),
    ]
    overwrite: Overwrite = True


@action("CopyFile", Inputs, each=True)
def copy_file(inputs: Inputs, ctx: Context) -> None:
    """Copy a file, or all files that a wildcard matches."""
    found = routes(inputs.source, inputs.destination, is_file, "file")
    refuse_file_conflicts(found, overwrite=inputs.overwrite)
    for source, destination in found:
        ctx.check()
        with explained(f"copy '{shown(source)}' to", destination):
            copy_one_file(source, destination, ctx.check, overwrite=inputs.overwrite)
