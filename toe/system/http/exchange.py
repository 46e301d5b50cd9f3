"""One request and its answer, redirects followed. The only place that speaks HTTP, by urllib3's connections."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone

from urllib3.response import HTTPResponse

from toe.records import NamedTuple
from toe.system.files.opening import shown
from toe.system.http.address import Address, redirected
from toe.system.http.attempts import retry_after_seconds
from toe.system.http.encoding import is_gzip
from toe.system.http.faults import http_faults, status_fault
from toe.system.http.proxies import proxy_for
from toe.system.http.sockets import Line
from toe.system.http.terms import HttpError, Terms
from toe.version import __version__

BLOCK_BYTES = 256 * 1024
MOST_REDIRECTS = 10
_LENGTH = re.compile(r"[0-9]+(?:\s*,\s*[0-9]+)*")
_REDIRECTS = (301, 302, 303, 307, 308)
# Servers must send the bytes of the file, and end the connection after them.
_HEADERS = {"User-Agent": f"toe/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}


class Answer(NamedTuple):
    """The answer of the server that `address` names, its body not yet read."""

    address: Address
    response: HTTPResponse
    line: Line

    def close(self) -> None:
        """Read no more of it."""
        self.response.close()
        self.line.connection.close()

    @property
    def status(self) -> int:
        """The answer's status code."""
        return self.response.status

    @property
    def length(self) -> int | None:
        """The number of bytes that the body is said to have, as long as it is not read."""
        return self.response.length_remaining

    @property
    def is_gzip(self) -> bool:
        """Whether the body is packed. Raises HttpError for another packing than gzip."""
        return is_gzip(self.header("Content-Encoding"))

    def header(self, name: str) -> str:
        """A header's value, "" where there is none."""
        return self.response.headers.get(name, "")

    def refusal(self) -> HttpError:
        """The error that this answer is, where it does not bring what was asked for."""
        header = self.header("Retry-After")
        return status_fault(self.status, retry_after_seconds(header, datetime.now(timezone.utc)) if header else None)

    def blocks(self) -> Iterator[bytes]:
        """The body as it comes, as it was sent. Raises HttpError where it has not the announced length."""
        while True:
            with http_faults(self.address, self.line.terms.patience):
                block = self.response.read1(BLOCK_BYTES, decode_content=False)
            if not block:
                break
            yield block
        if self.line.excess:
            raise HttpError("the server sent more bytes than it had announced")


@contextmanager
def answer_to(address: Address, headers: Mapping[str, str], terms: Terms) -> Iterator[Answer]:
    """The answer to a GET after at most ten redirects, whatever its status; closed at the end.

    Raises HttpError. One that is raised meanwhile gets the address that the redirects led to.
    """
    visited = [address]
    while True:
        with _located(visited):
            answer = _ask(visited[-1], headers, terms)
        try:
            with _located(visited):
                _require_length(answer)
            target = _redirect(answer, visited, terms)
            if target is None:
                with _located(visited):
                    yield answer
                return
        finally:
            answer.close()
        visited.append(target)


@contextmanager
def answer_to_post(address: Address, headers: Mapping[str, str], body: bytes, terms: Terms) -> Iterator[Answer]:
    """The answer to a POST, whatever its status; closed at the end. Redirects are not followed. Raises HttpError."""
    answer = _ask(address, headers, terms, body)
    try:
        yield answer
    finally:
        answer.close()


@contextmanager
def _located(visited: list[Address]) -> Iterator[None]:
    try:
        yield
    except HttpError as error:
        if len(visited) == 1:
            raise
        raise error.saying(f"{error.message}, redirected to '{visited[-1].shown}'") from error


def _require_length(answer: Answer) -> None:
    """Raise HttpError for a length that is none: urllib3 would read whatever comes up to the connection's end."""
    if "chunked" in answer.header("Transfer-Encoding").lower():
        return
    length = answer.response.headers.get("Content-Length")
    if length is not None and not _LENGTH.fullmatch(length.strip()):
        raise HttpError(f"the server announces a length that is none (Content-Length: {shown(length)})")


def _redirect(answer: Answer, visited: list[Address], terms: Terms) -> Address | None:
    """Where an answer sends us on to, None when it is the last one."""
    location = answer.header("Location")
    if answer.status not in _REDIRECTS or not location:
        return None
    target = redirected(answer.address, location)
    if target.url in [address.url for address in visited]:
        path = " -> ".join(f"'{address.shown}'" for address in [*visited, target])
        raise HttpError(f"the redirects go round in a circle: {path}")
    if len(visited) > MOST_REDIRECTS:
        raise HttpError(f"more than {MOST_REDIRECTS} redirects, the last one to '{target.shown}'")
    if answer.address.scheme == "https" and target.scheme == "http":
        if not terms.downgrades:
            raise HttpError(f"'{answer.address.shown}' redirects from https to http, to '{target.shown}'")
        terms.warned(
            f"Warning: redirected from https to http, the rest is neither encrypted nor authenticated: '{target.shown}'"
        )
    else:
        terms.log(f"Redirected to '{target.shown}'")
    return target


def _ask(address: Address, headers: Mapping[str, str], terms: Terms, body: bytes | None = None) -> Answer:
    """One request, a POST where there is a body, with the logins that belong to the address and to the proxy."""
    proxy = proxy_for(address, terms.environment)
    sent = {**_HEADERS, **headers}
    if address.authorization:
        sent["Authorization"] = address.authorization
    target = address.target
    if proxy is not None and address.scheme == "http":
        target = address.url
        if proxy.authorization:
            sent["Proxy-Authorization"] = proxy.authorization
    line = Line(address, proxy, terms)
    with http_faults(address, terms.patience):
        try:
            line.connect()
            method = "GET" if body is None else "POST"
            line.connection.request(
                method, target, body=body, headers=sent, preload_content=False, decode_content=False
            )
            return Answer(address, line.connection.getresponse(), line)
        except BaseException:
            line.connection.close()
            raise
