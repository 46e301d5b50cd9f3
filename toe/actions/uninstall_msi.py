"""UninstallMSI: remove what a Windows Installer package installed (reference, section 6)."""

from __future__ import annotations

from toe.actions.base import WINDOWS, Context, Reboot, action
from toe.actions.msi.handling import Inputs, Outputs, check, handle_package


@action("UninstallMSI", Inputs, outputs=Outputs, platforms=(WINDOWS,), check=check)
def uninstall_msi(inputs: Inputs, ctx: Context) -> Outputs | Reboot:
    """Uninstall a Windows Installer package."""
    return handle_package("/x", inputs, ctx)
