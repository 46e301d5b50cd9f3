"""Values of parameters: required ones, and those that `allowedValues` limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from toe import codes
from toe.check.findings import Findings
from toe.document.suggest import suggest
from toe.errors import Severity
from toe.model import Document, Parameter, ParameterValue

MOST_COMPARED = 100


def check_values(
    document: Document, given: Mapping[str, ParameterValue] | None, findings: Findings, others: Iterable[str] = ()
) -> None:
    """Report missing and unlisted values. `given` None: nobody runs the document, so a missing one is information.

    Of the names in `given` and `others` that the document does not declare, one may be meant for a missing one.
    """
    declared = {parameter.name for parameter in document.parameters}
    undeclared = [name for name in (*(given or ()), *others) if name not in declared]
    for parameter in document.parameters:
        if given is not None and parameter.name in given:
            _check_allowed(parameter, given[parameter.name], "the value", findings)
        elif parameter.default is not None:
            _check_allowed(parameter, parameter.default, "the default", findings)
        else:
            _report_required(parameter, findings, undeclared, Severity.INFO if given is None else Severity.ERROR)


def _check_allowed(parameter: Parameter, value: ParameterValue, what: str, findings: Findings) -> None:
    if parameter.allowed_values is None:
        return
    for text in _items(parameter, value):
        if text not in parameter.allowed_values:
            near = findings.suggestion(text, parameter.allowed_values)
            message = f"{what} of parameter '{parameter.name}' is not one of its allowedValues: '{text}'{near}"
            findings.at(parameter.node, codes.NOT_ALLOWED, message, f"one of {', '.join(parameter.allowed_values)}")


def _items(parameter: Parameter, value: ParameterValue) -> tuple[str, ...]:
    """What allowedValues is compared with: each item of a list, or the whole text."""
    if parameter.type == "stringList":
        from toe.document.declarations import list_of

        return list_of(value) if isinstance(value, str) else value
    return (value,) if isinstance(value, str) else (",".join(value),)


def _report_required(parameter: Parameter, findings: Findings, undeclared: Sequence[str], severity: Severity) -> None:
    message = f"parameter '{parameter.name}' is required: it has no default"
    if severity is Severity.ERROR:
        message = f"parameter '{parameter.name}' has no default and no value was given"
        message += given_instead(parameter.name, undeclared)
    findings.at(
        parameter.node, codes.REQUIRED_PARAMETER, message, f"--parameters {parameter.name}=...", severity=severity
    )


def given_instead(name: str, undeclared: Sequence[str]) -> str:
    """That a name which was given, and is not declared, is nearly this one; nothing when none is."""
    near = suggest(name, undeclared[:MOST_COMPARED])
    return f"; '{near}' was given, which the document does not declare" if near else ""
