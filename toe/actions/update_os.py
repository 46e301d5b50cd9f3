"""UpdateOS: the operating system's updates (reference, section 6). The package managers are in toe.actions.packages."""

from __future__ import annotations

from typing import Annotated

from toe.actions.base import LINUX, WINDOWS, Context, Doc, Reboot, action
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
def update_os(inputs: Inputs, ctx: Context) -> Reboot | None:
    """Install the operating system's updates."""
    if ctx.host.platform == WINDOWS:
        if not ctx.host.is_root:
            raise ActionError("UpdateOS needs an administrator")
        from toe.actions.packages.windows_update import install_updates

        return install_updates(inputs.include, inputs.exclude, ctx)
    if not ctx.host.is_root:
        raise ActionError("UpdateOS needs root")
    from toe.actions.packages.upgrade import Selection, upgrade_packages

    upgrade_packages(Selection(inputs.include, inputs.exclude), ctx)
    return None
