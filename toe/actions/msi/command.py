"""The command line of msiexec, which splits it by rules of its own, and what its exit codes mean. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from toe.actions.base import InputFault
from toe.errors import ActionError
from toe.system.windows.command_line import CommandLine

#: Properties that the `reboot` input and the module itself decide.
FORBIDDEN_PROPERTIES = ("REBOOT", "REINSTALLMODE", "REINSTALL")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
LOG_OPTIONS = "iwearucmopvx+!*"
_LOG_OPTIONS = re.compile(f"(?i)[{LOG_OPTIONS}]+")
# Blanks stand between double quotes only, where a quote is written twice: anything else would end the value, and what
# follows would be another property or an option. A quote that closes is not followed by another one, so that there is
# one reading only: with several, a value of 59 quotes took 47 seconds. Windows cuts the whole text off at a NUL.
_VALUE = re.compile(r'(?:[^\s"\0]|"(?:[^"\r\n\0]|"")*"(?!"))*')

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


def msiexec_command(
    msiexec: str, option: str, package: str, log_options: str, log_file: str, properties: Mapping[str, str]
) -> CommandLine:
    r"""`"msiexec.exe" /x "C:\a.msi" /qn /norestart /L*VX "C:\a.log" KEY=value`; no log without a file.

    `option` is `/i` or `/x`. Values stand as they were written, quotes included. Raises ActionError for what would be
    read as something else.
    """
    for fault in property_faults(properties):
        raise ActionError(f"{fault.message} ({fault.hint})")
    if log_file and not _LOG_OPTIONS.fullmatch(log_options):  # an expression's value, which no check has seen
        raise ActionError(f"'logOptions' must be letters of '{LOG_OPTIONS}', not '{log_options}'")
    for what, path in (("package", package), ("log file", log_file)):
        if any(character in path for character in '"\r\n\0'):
            raise ActionError(f"the path of the {what} has a double quote or a line break")
    words = [f'"{msiexec}"', option, f'"{package}"', "/qn", "/norestart"]
    if log_file:
        words += [f"/L{log_options}", f'"{log_file}"']
    return CommandLine(" ".join([*words, *(f"{name}={value}" for name, value in properties.items())]))


def property_faults(properties: Mapping[str, str]) -> Iterator[InputFault]:
    """What is wrong with properties whose values hold no expressions."""
    for name, value in properties.items():
        if name.upper() in FORBIDDEN_PROPERTIES:
            hint = "use the input 'reboot'" if name.upper() == "REBOOT" else "remove it"
            yield InputFault("properties", f"the property '{name}' may not be set", hint)
        elif not _NAME.fullmatch(name):
            yield InputFault("properties", f"'{name}' is no property's name", "letters, digits, '_' and '.'")
        elif not _VALUE.fullmatch(value):
            yield InputFault(
                "properties",
                f"the value of the property '{name}' would be read as more than one",
                """a value with blanks stands in double quotes: '"two words"'; a quote within is written twice""",
            )


def is_success(code: int, *, uninstalling: bool) -> bool:
    """Whether an exit code counts as success; uninstalling what is not installed does."""
    return code in (SUCCESS, UNINSTALLED_ALREADY, *REBOOT_CODES) or (uninstalling and code == UNKNOWN_PRODUCT)


def meaning(code: int) -> str:
    """An exit code for people: "exit status 1619 (the package cannot be opened)"."""
    known = _MEANINGS.get(code)
    return f"exit status {code} ({known})" if known else f"exit status {code}"
