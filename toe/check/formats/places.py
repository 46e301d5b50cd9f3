"""Where a problem lies, as machines want it: ordered bounds, paths of a repository, URIs."""

from __future__ import annotations

import os
import posixpath
import re

from toe.document.source import is_remote
from toe.errors import Problem
from toe.records import NamedTuple
from toe.sinks.safe_text import encodable

_WINDOWS = "\\"


class Span(NamedTuple):
    """At least one character of a file. Lines and columns count from 1; the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


def span_of(problem: Problem) -> Span:
    """The place of a problem; a problem without an end, or with one before its start, marks one character."""
    line, column = max(1, problem.line), max(1, problem.column)
    if (problem.end_line, problem.end_column) > (line, column):
        return Span(line, column, problem.end_line, max(1, problem.end_column))
    return Span(line, column, line, column + 1)


def repository_path(path: str, separator: str = os.sep) -> str:
    """A document's name as version control writes it: with `/`, without `.` and inner `..`. Addresses stay.

    `separator` is that of the host the name comes from.
    """
    if is_remote(path):
        return path
    return posixpath.normpath(path.replace(separator, "/").removeprefix("//?/"))


def uri_of(path: str, separator: str = os.sep) -> str:
    """The URI of a document: `file:` for an absolute path, otherwise a relative reference.

    An address (`s3://...`) becomes a relative reference as well: code scanning rejects a whole upload for one absolute
    URI of another scheme than that of the checkout.
    """
    name = repository_path(path, separator)
    if separator == _WINDOWS and re.match("[A-Za-z]:/", name):
        return f"file:///{name[:2]}{_quoted(name[2:])}"
    if separator == _WINDOWS and name.startswith("//"):
        return f"file:{_quoted(name)}"
    if name.startswith("/"):
        return f"file:///{_quoted(name.lstrip('/'))}"
    return _quoted(name)


def _quoted(name: str) -> str:
    from urllib.parse import quote

    try:
        data = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = encodable(name).encode()
    return quote(data)
