"""Whether a package is signed by somebody whom Windows trusts: what PowerShell is asked, and what its answer means.

The script was checked by a grammar of PowerShell and against the documentation of Get-AuthenticodeSignature; it has not
run on Windows yet.
"""

from __future__ import annotations

import base64
import re

from toe.actions.base import Completed, Context
from toe.actions.programs.powershell import run_own_script
from toe.errors import ActionError

_SCRIPT = """\
$ErrorActionPreference = 'Stop'
$path = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('@PATH@'))
$signature = Get-AuthenticodeSignature -LiteralPath $path
Write-Output "AuthenticodeStatus: $($signature.Status)"
Write-Output $signature.StatusMessage
exit 0
"""
_STATUS = re.compile(r"^AuthenticodeStatus: (\w+)\r?$", re.MULTILINE)


def require_signature(package: str, ctx: Context, *, ignore_errors: bool, allow_unsigned: bool) -> None:
    """Raise ActionError unless the package's signature is valid, or its fault is one that the author allows.

    With both allowed there is nothing that could be found, and PowerShell is not asked.
    """
    if ignore_errors and allow_unsigned:
        ctx.log("The signature is not checked: 'ignoreAuthenticodeSignatureErrors' and 'allowUnsignedInstaller'")
        return
    status = signature_status(run_own_script("signature.ps1", signature_script(package), ctx))
    if status == "Valid":
        return
    refusal = signature_refusal(status, ignore_errors=ignore_errors, allow_unsigned=allow_unsigned)
    if refusal:
        raise ActionError(refusal)
    ctx.log(f"The signature's status {status} is ignored, as the document says")


def signature_script(package: str) -> str:
    """The script, in ASCII. The path stands in it in base64: no text of a document is ever read as PowerShell."""
    return _SCRIPT.replace("@PATH@", base64.b64encode(package.encode("utf-8", "surrogatepass")).decode("ascii"))


def signature_status(completed: Completed) -> str:
    """The status that was printed, in Windows' words: "Valid", "NotSigned", "HashMismatch"... Raises ActionError."""
    found = _STATUS.search(completed.stdout)
    if completed.exit_code != 0 or found is None:
        raise completed.failure(f"the signature cannot be checked: exit status {completed.exit_code}")
    return found[1]


def signature_refusal(status: str, *, ignore_errors: bool, allow_unsigned: bool) -> str:
    """Why a package with this status is not run, "" when it is. Each of the two inputs allows its own fault alone."""
    if status == "Valid":
        return ""
    if status == "NotSigned":
        return "" if allow_unsigned else "the package is not signed ('allowUnsignedInstaller: true' allows that)"
    if ignore_errors:
        return ""
    return f"the package's signature is not valid: {status} ('ignoreAuthenticodeSignatureErrors: true' allows that)"
