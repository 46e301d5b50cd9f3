"""`--format sarif`: a SARIF 2.1.0 log, with what GitHub's code scanning asks for beyond the standard."""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256

from toe.check.explanations import EXPLANATIONS, explanation_text
from toe.check.formats.json_report import json_line
from toe.check.formats.places import repository_path, span_of, uri_of
from toe.check.formats.report import Report
from toe.codes import CODES
from toe.document.source import is_remote
from toe.errors import Problem, Severity
from toe.version import __version__

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#: The name that GitHub and Microsoft's tools give the root of the checkout.
SOURCE_ROOT = "%SRCROOT%"
#: The version belongs to the way in which it is made.
FINGERPRINT = "problemHash/v1"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(report: Report) -> str:
    """The log, with one run, on one line."""
    codes = sorted({problem.code for problem in report.problems})
    indexes = {code: index for index, code in enumerate(codes)}
    prints = _fingerprints(report.problems)
    run = {
        "tool": {"driver": {"name": "toe", "version": __version__, "rules": [_rule(code) for code in codes]}},
        "invocations": [_invocation(report)],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(problem, indexes[problem.code], fingerprint)
            for problem, fingerprint in zip(report.problems, prints, strict=True)
        ],
    }
    return json_line({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str) -> dict[str, object]:
    """The reportingDescriptor of a code. GitHub wants all of these texts, none of them empty."""
    known = CODES.get(code)
    if known is None:
        text = {"text": f"Problem {code}."}
        return {"id": code, "shortDescription": text, "fullDescription": text, "help": text}
    # The examples are indented by four spaces, so that the text is Markdown as it stands.
    help_text = explanation_text(code)
    return {
        "id": code,
        "name": _rule_name(known.title),
        "shortDescription": {"text": f"{known.title[0].upper()}{known.title[1:]}."},
        "fullDescription": {"text": EXPLANATIONS[code].text},
        "defaultConfiguration": {"level": _LEVELS[known.severity]},
        "help": {"text": help_text, "markdown": help_text},
    }


def _rule_name(title: str) -> str:
    """A title as one word: `UnknownAction`."""
    return "".join(word.capitalize() for word in re.split("[^A-Za-z0-9]", title))


def _result(problem: Problem, index: int, fingerprint: str) -> dict[str, object]:
    span = span_of(problem)
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    text = f"{problem.message}\nhint: {problem.hint}" if problem.hint else problem.message
    return {
        "ruleId": problem.code,
        "ruleIndex": index,
        "level": _LEVELS[problem.severity],
        "message": _message(text),
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(problem.file), "region": region}}],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }


def _invocation(report: Report) -> dict[str, object]:
    invocation: dict[str, object] = {"executionSuccessful": not report.unreadable}
    if report.unreadable:
        invocation["toolExecutionNotifications"] = [
            {
                "level": "error",
                "message": _message(f"{document}: {reason}"),
                "locations": [{"physicalLocation": {"artifactLocation": _artifact(document)}}],
            }
            for document, reason in report.reasons
        ]
    return invocation


def _message(text: str) -> dict[str, str]:
    """A message without links: `[x](1)` in a document's text would be one, and to a place that does not exist.

    Braces stay single although the standard wants them doubled: readers undouble them only beside `arguments`.
    """
    return {"text": text.replace("](", "] (")}


def _artifact(path: str) -> dict[str, str]:
    uri = uri_of(path)
    outside = is_remote(path) or uri.startswith("file:") or repository_path(path).split("/", 1)[0] == ".."
    return {"uri": uri} if outside else {"uri": uri, "uriBaseId": SOURCE_ROOT}


def _fingerprints(problems: tuple[Problem, ...]) -> list[str]:
    """For each problem a hash that stays when lines above come or go: of its code, its line's text, and which of those.

    `primaryLocationLineHash` is left to GitHub's upload action: it makes one from the file, and warns about others.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    found: list[str] = []
    for problem in problems:
        key = problem.file, problem.code, problem.source_line.strip() or problem.message
        seen[key] += 1
        text = "\0".join((*key[1:], str(seen[key])))
        found.append(sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32])
    return found
