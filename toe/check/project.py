"""Which file of settings holds for the documents of a folder: `.toe.toml` or pyproject.toml, there or above."""

from __future__ import annotations

import os
import re
from functools import cache

from toe.check.settings import NO_SETTINGS, Settings

#: In one folder the first of them counts.
FILES = (".toe.toml", "pyproject.toml")
#: What a pyproject.toml has in some line if it has a table `tool.toe`, in any of TOML's spellings.
_TABLE = rb"""(?m)tool["']?[ \t]*(?:\.[ \t]*["']?toe["']?[ \t]*[].=]|=)|^[ \t]*\[[ \t]*["']?tool["']?[ \t]*\]"""


@cache
def settings_of(folder: str) -> Settings:
    """The settings that hold for the documents in a folder, an absolute path: its own, else those of the folder above.

    The search ends at the root of the repository. Cached: a tree's folders share their parents. Raises ToeError for a
    file that cannot be read or is wrong.
    """
    for name in FILES:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and _may_say_something(path):
            from toe.check.settings_file import read_settings

            settings = read_settings(path)
            if settings is not None:
                return settings
    parent = os.path.dirname(folder)
    if parent == folder or os.path.exists(os.path.join(folder, ".git")):
        return NO_SETTINGS
    return settings_of(parent)


def is_excluded(path: str) -> bool:
    """Whether the settings of its project exclude a file. Raises ToeError as `settings_of`."""
    return settings_of(os.path.dirname(os.path.abspath(path))).excludes(path)


def _may_say_something(path: str) -> bool:
    """Whether it is worth loading a reader of TOML: most projects say nothing of toe. The reader tells of errors."""
    if not path.endswith(FILES[1]):
        return True
    try:
        with open(path, "rb") as file:
            return re.search(_TABLE, file.read()) is not None
    except OSError:
        return True
