"""msiexec's exit codes: what they mean, and whether a reboot follows. Pure (reference, section 6)."""

from __future__ import annotations

SUCCESS, UNKNOWN_PRODUCT, UNINSTALLED_ALREADY = 0, 1605, 1614
REBOOT_STARTED, REBOOT_REQUIRED = 1641, 3010
REBOOT_CODES = (REBOOT_STARTED, REBOOT_REQUIRED)

_MEANINGS = {
    1601: "the Windows Installer service cannot be reached",
    1602: "the installation was cancelled",
    1603: "a fatal error during the installation",
    1605: "the product is not installed",
    1612: "the installation's source is not to be had",
    1613: "this Windows Installer is too old for the package",
    1618: "another installation is running",
    1619: "the package cannot be opened",
    1620: "the file is no Windows Installer package, or a damaged one",
    1622: "the log file cannot be opened",
    1623: "the package's language is not supported by this system",
    1624: "a transform cannot be applied",
    1625: "a policy of this system forbids it",
    1632: "the temporary folder is full or cannot be reached",
    1633: "the package is not for this kind of processor",
    1636: "the patch cannot be opened",
    1638: "another version of the product is installed",
    1639: "msiexec does not understand its command line",
    1640: "installing is not permitted in a remote session",
    1642: "there is no product that the patch is for",
    1654: "this system is not supported by the package",
}


def is_success(code: int, *, uninstalling: bool) -> bool:
    """Whether an exit code counts as success; uninstalling what is not installed does."""
    return code in (SUCCESS, UNINSTALLED_ALREADY, *REBOOT_CODES) or (uninstalling and code == UNKNOWN_PRODUCT)


def meaning(code: int) -> str:
    """An exit code for people: "exit status 1619 (the package cannot be opened)"."""
    known = _MEANINGS.get(code)
    return f"exit status {code} ({known})" if known else f"exit status {code}"
