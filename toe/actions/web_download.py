"""WebDownload: a file from an http(s) server, with an optional checksum (reference, section 6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from toe.actions.base import Context, Doc, InputFault, action, holds_expression
from toe.errors import ActionError
from toe.model import Entry
from toe.records import NamedTuple

#: Algorithm -> hex digits of its checksum.
CHECKSUM_DIGITS = {"MD5": 32, "SHA1": 40, "SHA256": 64, "SHA512": 128}


class Inputs(NamedTuple):
    """What to download, where to, and how it is verified."""

    source: Annotated[str, Doc("The http or https address.", examples=("https://example.com/package.zip",))]
    destination: Annotated[
        str,
        Doc(
            "The file to write. A folder, where it ends in a separator: the address's last segment names the file.",
            examples=("/tmp/package.zip", "/tmp/"),
        ),
    ]
    overwrite: Annotated[bool, Doc("Replace an existing file; when false, an existing file fails the step.")] = True
    checksum: Annotated[str | None, Doc("The checksum of the file in hex; it needs `algorithm`.")] = None
    algorithm: Annotated[
        str | None, Doc("The checksum's algorithm; it needs `checksum`.", choices=tuple(CHECKSUM_DIGITS), any_case=True)
    ] = None
    ignore_certificate_errors: Annotated[bool, Doc("Accept any TLS certificate.")] = False


class Outputs(NamedTuple):
    """Where it is now."""

    destination: Annotated[str, Doc("The files that were written, one a line.")]


def check(entry: Entry) -> Iterator[InputFault]:
    """The address must be http(s); checksum and algorithm come together, and the checksum has the right length."""
    source = entry.get("source")
    if isinstance(source, str) and not holds_expression(source) and not _is_web_address(source):
        yield InputFault("source", f"'{source}' is no web address", "write http://... or https://...")
    checksum, algorithm = entry.get("checksum"), entry.get("algorithm")
    if checksum and not algorithm:
        yield InputFault("checksum", "'checksum' needs 'algorithm'", f"one of {', '.join(CHECKSUM_DIGITS)}")
    elif algorithm and not checksum:
        yield InputFault("algorithm", "'algorithm' needs 'checksum'", "give both or neither")
    elif isinstance(checksum, str) and isinstance(algorithm, str):
        yield from _check_checksum(checksum, algorithm)


def _is_web_address(text: str) -> bool:
    scheme, separator, rest = text.partition("://")
    return scheme.lower() in ("http", "https") and bool(separator) and rest[:1] not in ("", "/")


def _check_checksum(checksum: str, algorithm: str) -> Iterator[InputFault]:
    digits = CHECKSUM_DIGITS.get(algorithm.upper())
    if digits is None or holds_expression(checksum):
        return
    if len(checksum) != digits or not set(checksum.lower()) <= set("0123456789abcdef"):
        yield InputFault("checksum", f"'{checksum}' is no {algorithm.upper()} checksum", f"it has {digits} hex digits")


@action("WebDownload", Inputs, outputs=Outputs, each=True, check=check)
def web_download(inputs: Inputs, ctx: Context) -> None:
    """Download a file over http or https."""
    raise ActionError("WebDownload is not available in this version of toe yet")
