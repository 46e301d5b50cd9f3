"""CreateSymlink: make a symbolic link to a file or folder that exists."""

from __future__ import annotations

import os
from typing import Annotated

from toe.actions.base import POSIX, Context, Doc, action
from toe.errors import ActionError
from toe.records import NamedTuple
from toe.system.files.copying import put_link
from toe.system.files.opening import explained, shown


class Inputs(NamedTuple):
    path: Annotated[
        str, Doc("Link to create, with its missing folders.", path="file", examples=("/usr/local/bin/app",))
    ]
    target: Annotated[
        str,
        Doc(
            "File or folder that the link leads to; it must exist. It is stored as written: a relative one counts from "
            "the folder of the link.",
            path="any",
            examples=("/opt/app/bin/app",),
        ),
    ]
    force: Annotated[
        bool, Doc("Whether an existing link is replaced. A file or folder never is.", examples=(True,))
    ] = False


@action("CreateSymlink", Inputs, each=True, platforms=POSIX)
def create_symlink(inputs: Inputs, ctx: Context) -> None:
    """Create a symbolic link to an existing file or folder."""
    with explained("create the link", inputs.path):
        _refuse_target(inputs.path, inputs.target)
        if os.path.lexists(inputs.path):
            if not os.path.islink(inputs.path):
                raise ActionError(f"'{shown(inputs.path)}' exists and is not a link: it is never replaced")
            if not inputs.force:
                raise ActionError(f"the link '{shown(inputs.path)}' already exists, and 'force' is false")
        put_link(inputs.target, inputs.path, replace=inputs.force)


def _refuse_target(path: str, target: str) -> None:
    place = os.path.join(os.path.dirname(path), target)
    if not os.path.exists(_through_missing_folders(place)):
        hint = ""
        if os.path.exists(target):
            hint = " (a relative target counts from the link's folder)"
        raise ActionError(f"the target '{shown(target)}' of the link '{shown(path)}' does not exist{hint}")
    if os.path.abspath(place) == os.path.abspath(path):
        raise ActionError(f"the link '{shown(path)}' would lead to itself")


def _through_missing_folders(place: str) -> str:
    """`new/../there` as `there` while the link's folder `new` is still to be made."""
    return place if os.path.exists(place) else os.path.normpath(place)
