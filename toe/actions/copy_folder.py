"""CopyFolder: copy the contents of a folder, or the folders that a wildcard matches."""

from __future__ import annotations

import os
from typing import Annotated

from toe.actions.base import Context, Doc, action
from toe.actions.files.routes import Overwrite, Route, routes
from toe.records import NamedTuple
from toe.system.files.opening import explained, shown, without_separator
from toe.system.files.tree_copying import Item, copy_items, survey


class Inputs(NamedTuple):
    source: Annotated[str, Doc("Folder to copy.", path="folder", wildcard=True, examples=("/opt/app", "/opt/*"))]
    destination: Annotated[
        str,
        Doc(
            "Folder that gets the contents. Missing folders are created, existing ones are merged.",
            path="destination",
            examples=("/opt/copy", "/backup/"),
        ),
    ]
    overwrite: Overwrite = True


@action("CopyFolder", Inputs, each=True)
def copy_folder(inputs: Inputs, ctx: Context) -> None:
    """Copy a folder with all that is in it, or all folders that a wildcard matches.

    Symbolic links in the folder are copied as links. Whatever can be seen to go wrong is refused before the first copy.
    """
    found = routes(without_separator(inputs.source), inputs.destination, os.path.isdir, "folder")
    surveys = [_survey(route, inputs, ctx) for route in found]
    for items in surveys:
        copy_items(items, ctx.check, overwrite=inputs.overwrite)


def _survey(route: Route, inputs: Inputs, ctx: Context) -> list[Item]:
    source, destination = route
    with explained(f"copy '{shown(source)}' to", destination):
        return survey(source, destination, ctx.check, overwrite=inputs.overwrite)
