"""What InstallMSI and UninstallMSI are: the same inputs, and msiexec called quietly (reference, section 6).

Under Wine its msiexec installs and removes a real package; on Windows itself it has not run yet.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Annotated, Literal

from toe.actions.base import Context, Doc, InputFault, Reboot
from toe.actions.msi.command import LOG_OPTIONS, REBOOT_CODES, is_success, meaning, msiexec_command, property_faults
from toe.actions.msi.package import SCHEMES, local_package, scheme_of
from toe.actions.msi.signature import require_signature
from toe.expressions.resolve import holds_expression
from toe.model import Entry
from toe.records import NamedTuple
from toe.system.files.opening import explained, make_folders
from toe.system.windows.program import system_program


class Inputs(NamedTuple):
    """The package, and how it is handled."""

    path: Annotated[
        str,
        Doc(
            "The package: a local path, or an s3:// or http(s) address.",
            path="unchecked",
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
    log_file: Annotated[
        str | None,
        Doc(
            "Where msiexec writes its log, missing folders created; without it none.",
            path="unchecked",
            examples=(r"C:\logs\a.log",),
        ),
    ] = None
    properties: Annotated[
        dict[str, str] | None,
        Doc(
            "Properties of the package, `KEY: value`, as msiexec reads them: a value with blanks has double quotes.",
            examples=({"COMPANYNAME": '"Amazon Web Services"'},),
        ),
    ] = None
    ignore_authenticode_signature_errors: Annotated[bool, Doc("Go on when the signature cannot be verified.")] = False
    allow_unsigned_installer: Annotated[bool, Doc("Accept a package without a signature.")] = False


class Outputs(NamedTuple):
    """How msiexec ended."""

    log_file: Annotated[str, Doc("msiexec's log file, empty where none was asked for.")]
    msi_exit_code: Annotated[int, Doc("msiexec's exit code.")]
    stdout: Annotated[str, Doc("msiexec's standard output.")]


def check(entry: Entry) -> Iterator[InputFault]:
    """Refuse properties that would work against the module, and addresses of an unknown scheme."""
    path, properties = entry.get("path"), entry.get("properties")
    if isinstance(path, str) and not holds_expression(path) and scheme_of(path) not in ("", *SCHEMES):
        yield InputFault(
            "path", f"'{path}' has the unknown scheme '{scheme_of(path)}'", "use s3://, http:// or https://"
        )
    if isinstance(properties, dict):
        known = {name: "" if holds_expression(value) else str(value) for name, value in properties.items()}
        yield from property_faults(known)


def handle_package(option: str, inputs: Inputs, ctx: Context) -> Outputs | Reboot:
    """Have msiexec install (`/i`) or uninstall (`/x`) a package. Raises ActionError."""
    properties = {name: str(value) for name, value in (inputs.properties or {}).items()}
    msiexec = system_program("msiexec.exe", ctx.host.environment)
    log_file = os.path.abspath(inputs.log_file) if inputs.log_file else ""
    with local_package(inputs.path, ctx) as package:
        command = msiexec_command(msiexec, option, package, inputs.log_options, log_file, properties)
        require_signature(
            package,
            ctx,
            ignore_errors=inputs.ignore_authenticode_signature_errors,
            allow_unsigned=inputs.allow_unsigned_installer,
        )
        if log_file:
            with explained("create the folder of the log", log_file):
                make_folders(os.path.dirname(log_file))
        completed = ctx.run(command)
    outputs = Outputs(log_file=log_file, msi_exit_code=completed.exit_code, stdout=completed.stdout)
    if not is_success(completed.exit_code, uninstalling=option == "/x"):
        log = f"; log: {log_file}" if log_file else "; 'logFile' would have msiexec write a log"
        answer: Entry = {"logFile": log_file, "msiExitCode": completed.exit_code, "stdout": completed.stdout}
        raise completed.failure(f"msiexec: {meaning(completed.exit_code)}{log}", answer)
    return _answer(inputs.reboot, outputs, ctx)


def _answer(reboot: str, outputs: Outputs, ctx: Context) -> Outputs | Reboot:
    """Allow runs the step again after the boot, which finds the package in place. Force would then boot for ever: it
    goes on with the next step.
    """
    is_wanted = outputs.msi_exit_code in REBOOT_CODES
    if reboot == "Force":
        return Reboot(ctx.host.reboot_exit_code, same_step=False, outputs=outputs)
    if is_wanted and reboot == "Allow":
        return Reboot(ctx.host.reboot_exit_code, same_step=True, outputs=outputs)
    if is_wanted:
        ctx.log(f"A reboot is required ({outputs.msi_exit_code}); it is skipped, as the document says")
    return outputs
