"""ListFiles: the paths of the files in a folder."""

from __future__ import annotations

import os
from typing import Annotated

from toe.actions.base import Context, Doc, action
from toe.actions.files.paths import name_matches
from toe.records import NamedTuple
from toe.system.files.opening import explained, require_folder
from toe.system.files.trees import is_folder_itself


class Inputs(NamedTuple):
    path: Annotated[str, Doc("Folder to list; it must exist.", path="folder", examples=("/var/log",))]
    file_name_pattern: Annotated[
        str, Doc("Which names to list; `*` stands for any characters. All by default.", examples=("*.log",))
    ] = "*"
    recursive: Annotated[
        bool, Doc("Whether folders in the folder are listed too; links to folders are not followed.", examples=(True,))
    ] = False


class Outputs(NamedTuple):
    files: Annotated[str, Doc("The files' paths, each beginning with `path`, sorted and joined with commas.")]


@action("ListFiles", Inputs, outputs=Outputs, each=True)
def list_files(inputs: Inputs, ctx: Context) -> Outputs:
    """List the files in a folder.

    Files are regular ones and links to such; folders, broken links, fifos and devices are not listed.
    """
    pattern = inputs.file_name_pattern or "*"
    found: list[str] = []
    folders = [inputs.path]
    with explained("list", inputs.path):
        require_folder(inputs.path)
        for folder in folders:  # grows while it is read
            ctx.check()
            with os.scandir(folder) as entries:
                for entry in entries:
                    if inputs.recursive and is_folder_itself(entry):
                        folders.append(os.path.join(folder, entry.name))
                    elif name_matches(pattern, entry.name) and os.path.isfile(os.path.join(folder, entry.name)):
                        found.append(os.path.join(folder, entry.name))
    return Outputs(files=",".join(sorted(found)))
