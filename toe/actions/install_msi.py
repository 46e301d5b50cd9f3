"""InstallMSI: install a Windows Installer package, quietly (reference, section 6)."""

from __future__ import annotations

from toe.actions.base import WINDOWS, Context, Reboot, action
from toe.actions.msi.handling import Inputs, Outputs, check, handle_package


@action("InstallMSI", Inputs, outputs=Outputs, platforms=(WINDOWS,), check=check)
def install_msi(inputs: Inputs, ctx: Context) -> Outputs | Reboot:
    """Install a Windows Installer package."""
    return handle_package("/i", inputs, ctx)
