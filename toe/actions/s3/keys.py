"""Where the keys below a prefix go: paths inside of the destination, never outside, no two of them at odds.

Looks at the file system and changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from toe.actions.base import LINUX, WINDOWS, Context
from toe.aws.s3_bucket import S3Object
from toe.errors import ActionError
from toe.records import NamedTuple
from toe.system.files.opening import explained, shown
from toe.system.files.writing import behind_link, status_to_replace
from toe.system.windows.paths import is_windows_name

#: What AWSTOE says (reference, section 6).
EXISTS = (
    'S3Download: File already exists and "overwrite" property for "destination" file is set to false. Cannot download.'
)


class Arrival(NamedTuple):
    """An object and the file that it becomes."""

    found: S3Object
    path: str


def safe_path(relative: str, platform: str) -> tuple[str, ...]:
    """The segments of a key as names of folders and a file. Raises ValueError with the reason where there are none.

    Empty segments and `.` are left out, as every file system does.
    """
    if relative.startswith("/"):
        raise ValueError("it would be an absolute path")
    names = tuple(name for name in relative.split("/") if name not in ("", os.curdir))
    for name in names:
        if name == os.pardir:
            raise ValueError("'..' leads out of the destination")
        if "\0" in name:
            raise ValueError("it holds a NUL character")
        if platform == WINDOWS and not is_windows_name(name):
            raise ValueError(f"'{shown(name)}' is no file name on Windows")
    return names


def last_name(key: str, url: str, platform: str) -> str:
    """The name of the file that a key becomes inside of a folder. Raises ActionError where it has none."""
    try:
        names = safe_path(key.rpartition("/")[2], platform)
        if not names:
            raise ValueError("it ends without a name")
    except ValueError as error:
        raise ActionError(_refusal(url, str(error))) from error
    return names[0]


class Landscape:
    """The paths below one destination, as they fill up: `arrival` for an object, `folders` for those to be made."""

    def __init__(self, destination: str, ctx: Context, *, overwrite: bool, url: Callable[[str], str]) -> None:
        self.folders: list[str] = []
        self._destination = destination
        self._root = os.path.realpath(destination)
        self._ctx = ctx
        self._overwrite = overwrite
        self._url = url
        self._key_of: dict[tuple[str, ...], str] = {}
        self._folder_keys: dict[tuple[str, ...], str] = {(): ""}
        if os.path.lexists(destination) and not os.path.isdir(destination):
            raise ActionError(f"'{shown(destination)}' exists and is not a folder")

    def arrival(self, found: S3Object, relative: str) -> Arrival | None:
        """Where the object goes, whose key ends in `relative`; None for a folder. Raises ActionError naming the key."""
        try:
            names = safe_path(relative, self._ctx.host.platform)
            if not names and relative.strip("/"):
                raise ValueError("it names no file")
            is_folder = not names or relative.endswith("/")
            if is_folder and found.size:
                raise ValueError("it names a folder, but has content")
            return self._placed(found, names, is_folder=is_folder)
        except ValueError as error:
            raise ActionError(_refusal(self._url(found.key), str(error))) from error

    def _placed(self, found: S3Object, names: tuple[str, ...], *, is_folder: bool) -> Arrival | None:
        known = names if self._ctx.host.platform == LINUX else tuple(name.casefold() for name in names)
        path = os.path.join(self._destination, *names)
        if is_folder:
            self._claim_folder(known, path, found.key)
            self.folders.append(path)
            return None
        self._claim_folder(known[:-1], os.path.dirname(path), found.key)
        other = self._key_of.setdefault(known, found.key)
        if other != found.key or known in self._folder_keys:
            other = other if other != found.key else self._folder_keys[known]
            raise ValueError(f"'{shown(self._url(other))}' needs the same path")
        if os.path.islink(path):
            self._refuse_outside(path)
        with explained("download to", path):
            return Arrival(found, landing_path(path, self._ctx, overwrite=self._overwrite))

    def _claim_folder(self, known: tuple[str, ...], path: str, key: str) -> None:
        """Note a folder and all above it, each only once."""
        while known not in self._folder_keys:
            if known in self._key_of:
                raise ValueError(f"'{shown(self._url(self._key_of[known]))}' is a file where it needs a folder")
            self._folder_keys[known] = key
            self._refuse_outside(path)
            if os.path.lexists(path) and not os.path.isdir(path):
                raise ValueError(f"'{shown(path)}' exists and is not a folder")
            known, path = known[:-1], os.path.dirname(path)

    def _refuse_outside(self, path: str) -> None:
        place = os.path.realpath(path)
        if os.path.commonpath([place, self._root]) != self._root:
            raise ValueError(f"'{shown(path)}' leads out of the destination to '{shown(place)}'")


def landing_path(path: str, ctx: Context, *, overwrite: bool) -> str:
    """The path at which a download's file is put in place; a link at its end is followed.

    Raises ActionError for a folder, a special file, a file without `overwrite`; OSError for one that is read-only.
    """
    if not os.path.lexists(path):
        return path
    if os.path.isdir(path):
        raise ActionError(f"'{shown(path)}' is a folder (end the destination in a separator to go into it)")
    if not overwrite:
        ctx.log(f"'{shown(path)}' already exists")
        raise ActionError(EXISTS)
    path = behind_link(path)
    status_to_replace(path)
    return path


def _refusal(url: str, reason: str) -> str:
    return f"cannot download '{shown(url)}': {reason}"
