"""InstallMSI: a Windows Installer package, quietly (reference, section 6). UninstallMSI has the same inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from toe.actions.base import WINDOWS, Context, Doc, InputFault, action, holds_expression
from toe.errors import ActionError
from toe.model import Entry
from toe.records import NamedTuple

#: Properties that the `reboot` input and the module itself decide.
FORBIDDEN_PROPERTIES = ("REBOOT", "REINSTALLMODE", "REINSTALL")
LOG_OPTIONS = "iwearucmopvx+!*"


class Inputs(NamedTuple):
    """The package, and how it is handled."""

    path: Annotated[
        str,
        Doc(
            "The package: a local path, or an s3:// or http(s) address.",
            examples=(r"C:\sample.msi", "s3://my-bucket/sample.msi", "https://example.com/sample.msi"),
        ),
    ]
    reboot: Annotated[
        Literal["Allow", "Force", "Skip"],
        Doc("`Allow`: reboot when the package asks for it. `Force`: always. `Skip`: never, only log it."),
    ] = "Allow"
    log_options: Annotated[
        str,
        Doc(
            "msiexec's options for the log file.",
            pattern=f"(?i)[{LOG_OPTIONS}]+",
            pattern_says=f"letters of '{LOG_OPTIONS}'",
        ),
    ] = "*VX"
    log_file: Annotated[str | None, Doc("Where msiexec writes its log.", examples=(r"C:\logs\install.log",))] = None
    properties: Annotated[
        dict[str, str] | None,
        Doc("Properties of the package, `KEY: value`.", examples=({"COMPANYNAME": '"Amazon Web Services"'},)),
    ] = None
    ignore_authenticode_signature_errors: Annotated[bool, Doc("Go on when the signature cannot be verified.")] = False
    allow_unsigned_installer: Annotated[bool, Doc("Accept a package without a signature.")] = False


class Outputs(NamedTuple):
    """How msiexec ended."""

    log_file: Annotated[str, Doc("msiexec's log file.")]
    msi_exit_code: Annotated[int, Doc("msiexec's exit code.")]
    stdout: Annotated[str, Doc("msiexec's standard output.")]


def check(entry: Entry) -> Iterator[InputFault]:
    """Properties that would work against the module are refused, and so are addresses of an unknown scheme."""
    path, properties = entry.get("path"), entry.get("properties")
    if isinstance(path, str) and not holds_expression(path) and "://" in path:
        scheme = path.partition("://")[0].lower()
        if scheme not in ("s3", "http", "https"):
            yield InputFault("path", f"'{path}' has the unknown scheme '{scheme}'", "use s3://, http:// or https://")
    for name in properties if isinstance(properties, dict) else ():
        if name.upper() in FORBIDDEN_PROPERTIES:
            hint = "use the input 'reboot'" if name.upper() == "REBOOT" else "remove it"
            yield InputFault("properties", f"the property '{name}' may not be set", hint)


@action("InstallMSI", Inputs, outputs=Outputs, platforms=(WINDOWS,), check=check)
def install_msi(inputs: Inputs, ctx: Context) -> None:
    """Install a Windows Installer package."""
    raise ActionError("InstallMSI is not available in this version of toe yet")
