"""CopyFolder: copy the contents of a folder, or the folders that a wildcard matches."""

from __future__ import annotations

import os
from typing import Annotated

from toe.actions.base import Context, Doc, action
from toe.actions.files.transfer import Overwrite, Transfer, transfer_faults, transfers
from toe.records import NamedTuple
from toe.system.files.opening import explained, shown, without_separator
from toe.system.files.tree_copying import Item, copy_items, survey


class Inputs(NamedTuple):
    source: Annotated[
        str,
        Doc("Folder to copy; after the last separator `*` stands for any characters.", examples=("/opt/app", "/opt/*")),
    ]
    destination: Annotated[
        str,
        Doc(
            "Folder that gets the contents; one that ends in a separator gets a folder with the source's name. "
            "Missing folders are created, existing ones are merged.",
            examples=("/opt/copy", "/backup/"),
        ),
    ]
    overwrite: Overwrite = True


@action("CopyFolder", Inputs, each=True, check=transfer_faults)
def copy_folder(inputs: Inputs, ctx: Context) -> None:
    """Copy a folder with all that is in it, or all folders that a wildcard matches.

    Symbolic links in the folder are copied as links. Whatever can be seen to go wrong is refused before the first copy.
    """
    found = transfers(without_separator(inputs.source), inputs.destination, os.path.isdir, "folder")
    surveys = [_survey(transfer, inputs, ctx) for transfer in found]
    for items in surveys:
        copy_items(items, ctx.check, overwrite=inputs.overwrite)


def _survey(transfer: Transfer, inputs: Inputs, ctx: Context) -> list[Item]:
    source, destination = transfer
    with explained(f"copy '{shown(source)}' to", destination):
        return survey(source, destination, ctx.check, overwrite=inputs.overwrite)
