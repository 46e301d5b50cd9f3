"""The inputs `owner`, `group` and `permissions`: their form, and what they mean on this machine."""

from __future__ import annotations

import re
from typing import Annotated

from toe.actions.base import POSIX, Doc
from toe.errors import ActionError
from toe.system.files.opening import shown
from toe.system.files.ownership import group_id, primary_group, user_id
from toe.system.files.writing import UNCHANGED, Access

_MODE = "0?[0-7]{3,4}"
_MODE_SAYS = "three or four octal digits such as 0644 or 755"

_OWNER = Doc("Owner, by name or numeric id.", examples=("root", "1000"))
_PERMISSIONS = Doc(
    "Permissions in octal digits, whatever the umask; a fourth digit sets setuid, setgid and sticky bit.",
    pattern=_MODE,
    pattern_says=_MODE_SAYS,
    examples=("0644", "755"),
)

# Of actions that make something, on every platform.
Owner = Annotated[str | None, _OWNER._replace(platforms=POSIX)]
Group = Annotated[str | None, _OWNER._replace(text="Group, by name or numeric id.", platforms=POSIX)]
Permissions = Annotated[str | None, _PERMISSIONS._replace(platforms=POSIX)]
# Of actions that change what is there.
ChangedFile = Annotated[str, Doc("File to change; links are followed.", path="file", examples=("/etc/app.conf",))]
ChangedFolder = Annotated[
    str, Doc("Folder to change; a link to one is followed.", path="folder", examples=("/opt/app",))
]
RequiredOwner = Annotated[str, _OWNER]
GroupOfOwner = Annotated[
    str | None, _OWNER._replace(text="Group, by name or numeric id; the owner's primary group by default.")
]
RequiredPermissions = Annotated[str, _PERMISSIONS]


def requested_access(owner: str | None, group: str | None, permissions: str | None) -> Access:
    """What a file or folder is to get; an empty text asks for nothing. Raises ActionError for unknown names."""
    if not (owner or group or permissions):
        return UNCHANGED
    return Access(
        user_id(owner) if owner else -1,
        group_id(group) if group else -1,
        parsed_mode(permissions) if permissions else None,
    )


def requested_owner(owner: str, group: str | None) -> Access:
    """Owner and group of SetFileOwner and SetFolderOwner: without a group, the owner's primary one.

    An id that no user of this machine has leaves the group as it is. Raises ActionError for unknown names.
    """
    uid = user_id(owner)
    return Access(uid, group_id(group) if group else primary_group(uid))


def parsed_mode(permissions: str) -> int:
    """The mode that octal digits stand for. Raises ActionError for anything else."""
    if re.fullmatch(_MODE, permissions) is None:
        raise ActionError(f"'permissions' must be {_MODE_SAYS}, not '{shown(permissions)}'")
    return int(permissions, 8)
