"""One HTTP exchange that ends in time whatever the other side does: for the metadata service, which may not be there.

No proxies, no redirects, no TLS, no connection that is kept. Not for downloads.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException

from toe.records import NamedTuple

LARGEST_BODY_BYTES = 1024 * 1024


class Answer(NamedTuple):
    """What came back. The names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotConnectedError(OSError):
    """There was no connection: nobody listens, there is no way there, or the attempt ran out of time."""


class _BoundedSocket(socket.socket):
    """A socket whose reads, all together, end at `deadline`: a timeout of its own would start anew with each byte."""

    deadline = 0.0

    def recv_into(self, *arguments: object) -> int:
        self.settimeout(_left(self.deadline))
        return super().recv_into(*arguments)  # type: ignore[arg-type]


def exchange(
    method: str, host: str, port: int, path: str, headers: Mapping[str, str], timeout_seconds: float
) -> Answer:
    """Ask once. Raises NotConnectedError, TimeoutError once connected, and another OSError for what is no HTTP."""
    deadline = time.monotonic() + timeout_seconds
    connection = HTTPConnection(host, port)
    try:
        connection.sock = _connect(host, port, deadline)
        connection.request(method, path, headers=dict(headers))
        response = connection.getresponse()
        body = response.read(LARGEST_BODY_BYTES)
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)
    except HTTPException as error:
        raise OSError(f"no answer in HTTP ({error or type(error).__name__})") from error
    finally:
        connection.close()


def _connect(host: str, port: int, deadline: float) -> socket.socket:
    try:
        plain = socket.create_connection((host, port), timeout=_left(deadline))
    except TimeoutError as error:
        raise NotConnectedError("no connection in time") from error
    except OSError as error:
        raise NotConnectedError(error.strerror or str(error)) from error
    bounded = _BoundedSocket(fileno=plain.detach())
    bounded.deadline = deadline
    bounded.settimeout(_left(deadline))
    return bounded


def _left(deadline: float) -> float:
    """Seconds until then; a timeout of 0 would mean something else."""
    return max(deadline - time.monotonic(), 0.001)
