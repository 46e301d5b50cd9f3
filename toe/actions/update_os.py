"""UpdateOS: the operating system's updates (reference, section 6)."""

from __future__ import annotations

from typing import Annotated

from toe.actions.base import LINUX, WINDOWS, Context, Doc, action
from toe.errors import ActionError
from toe.records import NamedTuple


class Inputs(NamedTuple):
    """Which updates."""

    include: Annotated[
        tuple[str, ...],
        Doc(
            "Packages to update; none: all. On Windows KB ids or wildcards of titles.",
            examples=(["openssl"], ["KB1234567", "*Security*"]),
        ),
    ] = ()
    exclude: Annotated[tuple[str, ...], Doc("Packages or updates to leave out.", examples=(["kernel"],))] = ()


@action("UpdateOS", Inputs, platforms=(LINUX, WINDOWS))
def update_os(inputs: Inputs, ctx: Context) -> None:
    """Install the operating system's updates."""
    raise ActionError("UpdateOS is not available in this version of toe yet")
