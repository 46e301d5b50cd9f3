"""MoveFile: move or rename a file, or the files that a wildcard matches."""

from __future__ import annotations

import os
import stat
from typing import Annotated

from toe.actions.base import Context, Doc, action
from toe.actions.files.routes import Overwrite, Route, is_file, refuse_file_conflicts, routes
from toe.errors import ActionError
from toe.records import NamedTuple
from toe.system.files.copying import move_file as move_one_file
from toe.system.files.copying import refuse_loss
from toe.system.files.opening import explained, shown


class Inputs(NamedTuple):
    source: Annotated[str, Doc("File to move.", path="any", wildcard=True, examples=("/opt/a.txt", "logs/*"))]
    destination: Annotated[
        str, Doc("New path. Missing folders are created.", path="destination", examples=("/opt/b.txt", "/backup/"))
    ]
    overwrite: Overwrite = True


@action("MoveFile", Inputs, each=True)
def move_file(inputs: Inputs, ctx: Context) -> None:
    """Move or rename a file, or all files that a wildcard matches."""
    found = routes(inputs.source, inputs.destination, is_file, "file")
    for route in found:
        _refuse(route)
    refuse_file_conflicts(found, overwrite=inputs.overwrite)
    for source, destination in found:
        ctx.check()
        with explained(f"move '{shown(source)}' to", destination):
            move_one_file(source, destination, ctx.check)


def _refuse(route: Route) -> None:
    source, destination = route
    with explained(f"move '{shown(source)}' to", destination):
        if stat.S_ISDIR(os.lstat(source).st_mode):
            raise ActionError(f"'{shown(source)}' is a folder, not a file")
        refuse_loss(source, destination)
