"""Environment variables by their names, which have no case on Windows."""

from __future__ import annotations

from collections.abc import Mapping


def variable(environment: Mapping[str, str], name: str, platform: str) -> str | None:
    """The value of a variable, None where it is not set. `platform` is AWSTOE's word for the operating system.

    On Windows `ProgramFiles` is found also where `environment` is a plain dict that writes it `PROGRAMFILES`, as that
    of a process does; a name that is written the same way wins.
    """
    found = environment.get(name)
    if found is None and platform == "windows":
        wanted = name.upper()
        found = next((value for key, value in environment.items() if key.upper() == wanted), None)
    return found
