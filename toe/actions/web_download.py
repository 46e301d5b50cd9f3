"""WebDownload: a file from an http(s) server, with an optional checksum (reference, section 6)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from toe.actions.base import WINDOWS, Context, Doc, InputFault, action
from toe.actions.files.paths import ends_in_separator
from toe.actions.files.routes import Route, refuse_file_conflicts
from toe.errors import ActionError
from toe.expressions.resolve import holds_expression
from toe.model import Entry
from toe.records import NamedTuple
from toe.system.files.opening import shown
from toe.words import counted

if TYPE_CHECKING:
    from toe.system.http.terms import Terms

#: Algorithm -> hex digits of its checksum.
CHECKSUM_DIGITS = {"MD5": 32, "SHA1": 40, "SHA256": 64, "SHA512": 128}


class Inputs(NamedTuple):
    """What to download, where to, and how it is verified."""

    source: Annotated[
        str, Doc("The http or https address.", path="unchecked", examples=("https://example.com/package.zip",))
    ]
    destination: Annotated[
        str,
        Doc(
            "The file to write; the name of the source is the last segment of its address.",
            path="destination",
            examples=("/tmp/package.zip", "/tmp/"),
        ),
    ]
    overwrite: Annotated[bool, Doc("Replace an existing file; when false, an existing file fails the step.")] = True
    checksum: Annotated[
        str | None,
        Doc("The checksum of the file in hex, unpacked where the server sends it by gzip; it needs `algorithm`."),
    ] = None
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
    destination = entry.get("destination")
    if isinstance(destination, str) and ("\n" in destination or "\r" in destination):  # the output has a path a line
        hint = "'|' and '>' add a line break at the end, '|-' and '>-' do not"
        yield InputFault("destination", "'destination' holds a line break", hint)
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
def web_download(inputs: Inputs, ctx: Context) -> Outputs:
    """Download a file over http or https."""
    from toe.system.http.terms import HttpError

    given: Entry = {"destination": inputs.destination, "checksum": inputs.checksum, "algorithm": inputs.algorithm}
    for fault in check(given):
        raise ActionError(f"{fault.message} ({fault.hint})")
    try:
        return Outputs(destination=_download(inputs, ctx))
    except HttpError as error:
        raise ActionError(error.message) from error


def _download(inputs: Inputs, ctx: Context) -> str:
    """Download the file unless it is there already; its path."""
    from toe.system.files.checksums import Checksum, file_matches
    from toe.system.http.address import file_name, parse_address
    from toe.system.http.download import download

    address = parse_address(inputs.source)
    destination = inputs.destination
    if ends_in_separator(destination):
        destination = os.path.join(destination, file_name(address, windows=ctx.host.platform == WINDOWS))
    refuse_file_conflicts([Route(inputs.source, destination)], overwrite=inputs.overwrite)
    checksum = Checksum(inputs.algorithm, inputs.checksum) if inputs.algorithm and inputs.checksum else None
    if checksum and file_matches(destination, checksum, ctx.check):
        ctx.log(f"'{shown(destination)}' has the expected {checksum.algorithm.upper()} already, nothing to download")
        return destination
    started = time.monotonic()
    ctx.log(f"Downloading '{address.shown}' to '{shown(destination)}'")
    size = download(address, destination, _terms(inputs, ctx), checksum=checksum, overwrite=inputs.overwrite)
    ctx.log(f"Downloaded {counted(size, 'byte')} in {time.monotonic() - started:.1f} s")
    return destination


def _terms(inputs: Inputs, ctx: Context) -> Terms:
    from toe.system.http.terms import Terms

    if inputs.ignore_certificate_errors:
        ctx.log("Warning: the server's certificate is not verified (ignoreCertificateErrors)")
    remaining = ctx.remaining_seconds
    return Terms(
        environment=ctx.host.environment,
        check=ctx.check,
        log=ctx.log,
        deadline=None if remaining is None else time.monotonic() + remaining,
        any_certificate=inputs.ignore_certificate_errors,
        progress=ctx.progress,
        warn=ctx.warn,
    )
