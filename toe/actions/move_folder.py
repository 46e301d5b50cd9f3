"""MoveFolder: move or rename a folder, or the folders that a wildcard matches."""

from __future__ import annotations

import os
from typing import Annotated

from toe.actions.base import Context, Doc, action
from toe.actions.files.routes import Overwrite, routes
from toe.records import NamedTuple
from toe.system.files.opening import without_separator
from toe.system.files.tree_copying import move_tree, refuse_move


class Inputs(NamedTuple):
    source: Annotated[str, Doc("Folder to move.", path="folder", wildcard=True, examples=("/opt/app", "/opt/*"))]
    destination: Annotated[
        str,
        Doc(
            "New path. Missing folders are created, an existing one is merged.",
            path="destination",
            examples=("/opt/renamed", "/backup/"),
        ),
    ]
    overwrite: Overwrite = True


@action("MoveFolder", Inputs, each=True)
def move_folder(inputs: Inputs, ctx: Context) -> None:
    """Move or rename a folder, or all folders that a wildcard matches.

    Across file systems nothing is deleted before everything is copied. A link to a folder is moved as a link.
    """
    found = routes(without_separator(inputs.source), inputs.destination, os.path.isdir, "folder")
    for source, destination in found:
        refuse_move(source, destination, ctx.check, overwrite=inputs.overwrite)
    for source, destination in found:
        ctx.check()
        move_tree(source, destination, ctx.check, overwrite=inputs.overwrite)
