"""Parameters and constants that nothing refers to."""

from __future__ import annotations

from toe import codes
from toe.check.lint.report import Report
from toe.check.references import expression_scalars
from toe.errors import Severity
from toe.expressions.parse import NameRef, SsmResolveRef, references
from toe.model import Constant, Document, Parameter


def check_declarations(document: Document, report: Report) -> None:
    """Report the parameters and constants whose name no expression of a step uses."""
    phases = document.node.get("phases") if document.node is not None else None
    if phases is None or not (document.parameters or document.constants):
        return
    used = {
        reference.name
        for scalar in expression_scalars(phases)
        for reference in references(scalar.text)
        if isinstance(reference, (NameRef, SsmResolveRef))
    }
    for kind, declarations in (("parameter", document.parameters), ("constant", document.constants)):
        for declared in declarations:
            if declared.name not in used:
                message = f"{kind} '{declared.name}' is never used"
                hint = f"use it as '{{{{ {declared.name} }}}}', or remove it"
                report.at(declared.node, codes.UNUSED_DECLARATION, message, hint, severity=_severity(declared))


def _severity(declared: Parameter | Constant) -> Severity | None:
    """A parameter with a default asks nobody for anything: whole families of components declare the same ones."""
    has_default = isinstance(declared, Parameter) and declared.default is not None
    return Severity.INFO if has_default else None
