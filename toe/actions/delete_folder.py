"""DeleteFolder: delete a folder, with its contents when forced to."""

from __future__ import annotations

import errno
import os
import stat
from typing import Annotated

from toe.actions.base import Context, Doc, action
from toe.errors import ActionError
from toe.records import NamedTuple
from toe.system.files.opening import explained, is_root, shown, without_separator
from toe.system.files.trees import leads_elsewhere, remove_tree


class Inputs(NamedTuple):
    path: Annotated[
        str,
        Doc(
            "Folder to delete. A link to a folder is deleted itself, never what it leads to.",
            path="folder",
            examples=("/tmp/app",),
        ),
    ]
    force: Annotated[
        bool,
        Doc("Whether a folder that is not empty is deleted with its contents, and a file as well.", examples=(True,)),
    ] = False


@action("DeleteFolder", Inputs, each=True)
def delete_folder(inputs: Inputs, ctx: Context) -> None:
    """Delete an empty folder, or with `force` one with all that is in it.

    Links are deleted and never followed. The root of the file system, `.` and `..` are refused.
    """
    path = without_separator(inputs.path)
    with explained("delete", path):
        status = os.lstat(path)
        if not stat.S_ISDIR(status.st_mode) or leads_elsewhere(status):
            link_to_folder = leads_elsewhere(status) and os.path.isdir(path)
            if not (link_to_folder or inputs.force):
                raise ActionError(f"cannot delete '{shown(path)}': it is not a folder, and 'force' is false")
            os.unlink(path)
            return
        _refuse_roots(path)
        _delete(path, inputs, ctx)


def _refuse_roots(path: str) -> None:
    if is_root(path) or os.path.basename(path) in (os.curdir, os.pardir):
        raise ActionError(f"refusing to delete '{shown(path)}'")


def _delete(path: str, inputs: Inputs, ctx: Context) -> None:
    if inputs.force:
        remove_tree(path, ctx.check)
        return
    try:
        os.rmdir(path)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise ActionError(f"cannot delete '{shown(path)}': it is not empty, and 'force' is false") from error
        raise
