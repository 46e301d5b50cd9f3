"""DeleteFile: delete a file, or the files that a wildcard matches."""

from __future__ import annotations

import os
import stat
from typing import Annotated

from toe.actions.base import Context, Doc, action
from toe.actions.files.paths import has_wildcard, matching
from toe.errors import ActionError
from toe.records import NamedTuple
from toe.system.files.opening import explained, shown


class Inputs(NamedTuple):
    path: Annotated[
        str,
        Doc(
            "File to delete. A link is deleted itself.",
            path="any",
            wildcard=True,
            examples=("/tmp/setup.sh", "/var/log/*.old"),
        ),
    ]
    force: Annotated[bool, Doc("Without effect; accepted because documents have it.")] = False


@action("DeleteFile", Inputs, each=True)
def delete_file(inputs: Inputs, ctx: Context) -> None:
    """Delete a file, or all files that a wildcard matches (none is no error)."""
    if inputs.path.endswith("/"):  # not "file" in the definition: documents that AWS publishes have it
        raise ActionError(f"'{shown(inputs.path)}' ends in a separator, but 'path' is a file")
    if not has_wildcard(inputs.path):
        _delete(inputs.path)
        return
    for path in matching(inputs.path):
        ctx.check()
        if os.path.islink(path) or not os.path.isdir(path):
            _delete(path)


def _delete(path: str) -> None:
    with explained("delete", path):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            raise ActionError(f"cannot delete '{shown(path)}': it is a folder (DeleteFolder deletes folders)")
        os.unlink(path)
