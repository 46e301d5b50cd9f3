"""Values of parameters: required ones, and those that `allowedValues` limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from toe.check import codes
from toe.check.findings import Findings
from toe.errors import Severity
from toe.model import Document, Parameter
from toe.string_lists import list_of

GivenValue: TypeAlias = "str | tuple[str, ...]"


def check_values(document: Document, given: Mapping[str, GivenValue] | None, findings: Findings) -> None:
    """Report missing and unlisted values. `given` None: nobody runs the document, so a missing one is information."""
    for parameter in document.parameters:
        if given is not None and parameter.name in given:
            _check_allowed(parameter, given[parameter.name], "the value", findings)
        elif parameter.default is not None:
            _check_allowed(parameter, parameter.default, "the default", findings)
        else:
            _report_required(parameter, findings, Severity.INFO if given is None else Severity.ERROR)


def _check_allowed(parameter: Parameter, value: GivenValue, what: str, findings: Findings) -> None:
    if parameter.allowed_values is None:
        return
    for text in _items(parameter, value):
        if text not in parameter.allowed_values:
            near = findings.suggestion(text, parameter.allowed_values)
            message = f"{what} of parameter '{parameter.name}' is not one of its allowedValues: '{text}'{near}"
            findings.at(parameter.node, codes.NOT_ALLOWED, message, f"one of {', '.join(parameter.allowed_values)}")


def _items(parameter: Parameter, value: GivenValue) -> tuple[str, ...]:
    """What allowedValues is compared with: each item of a list, or the whole text."""
    if parameter.type == "stringList":
        return list_of(value) if isinstance(value, str) else value
    return (value,) if isinstance(value, str) else (",".join(value),)


def _report_required(parameter: Parameter, findings: Findings, severity: Severity) -> None:
    message = f"parameter '{parameter.name}' is required: it has no default"
    if severity is Severity.ERROR:
        message = f"parameter '{parameter.name}' has no default and no value was given"
    findings.at(
        parameter.node, codes.REQUIRED_PARAMETER, message, f"--parameters {parameter.name}=...", severity=severity
    )
