"""UninstallMSI: remove what a Windows Installer package installed (reference, section 6)."""

from __future__ import annotations

from toe.actions.base import WINDOWS, Context, action
from toe.actions.install_msi import Inputs, Outputs, check
from toe.errors import ActionError


@action("UninstallMSI", Inputs, outputs=Outputs, platforms=(WINDOWS,), check=check)
def uninstall_msi(inputs: Inputs, ctx: Context) -> None:
    """Uninstall a Windows Installer package."""
    raise ActionError("UninstallMSI is not available in this version of toe yet")
