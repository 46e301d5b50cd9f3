"""What can go wrong between two machines, in one line each, and whether another attempt makes sense."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException, IncompleteRead, RemoteDisconnected

from urllib3.exceptions import HTTPError, ProtocolError

from toe.system.files.opening import reason
from toe.system.http.address import Address
from toe.system.http.sockets import ConnectError
from toe.system.http.terms import HttpError, Patience
from toe.words import counted

_TRANSIENT_STATUSES = (408, 429)
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")


@contextmanager
def http_faults(address: Address, patience: Patience) -> Iterator[None]:
    """Turn what sockets, TLS and urllib3 raise inside into an HttpError whose message is the cause alone."""
    try:
        yield
    except (OSError, HTTPException, HTTPError) as error:
        raise _fault(_root(error), address, patience) from error


def status_fault(status: int, retry_after: float | None) -> HttpError:
    """The error for an answer that is not what was asked for."""
    transient = status in _TRANSIENT_STATUSES or status >= 500
    return HttpError(f"the server answered {_status_text(status)}", transient=transient, retry_after=retry_after)


def _status_text(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _root(error: BaseException) -> BaseException:
    """The error that the others are wrapped around."""
    while not isinstance(error, ConnectError):
        inner = error.__cause__ or next((part for part in error.args[::-1] if isinstance(part, BaseException)), None)
        if inner is None:
            break
        error = inner
    return error


def _fault(root: BaseException, address: Address, patience: Patience) -> HttpError:
    if isinstance(root, ConnectError):
        return HttpError(str(root), transient=True)
    if isinstance(root, ssl.SSLError):
        return _tls_fault(root, address)
    if isinstance(root, TimeoutError):
        return HttpError(f"nothing came for {counted(patience.silence, 'second')}", transient=True)
    if isinstance(root, RemoteDisconnected):
        return HttpError("the server closed the connection without an answer", transient=True)
    if isinstance(root, OSError):
        return _tunnel_fault(root) or HttpError(f"the connection failed: {reason(root)}", transient=True)
    if isinstance(root, IncompleteRead | ProtocolError):
        return HttpError("the connection ended before the answer did", transient=True)
    return HttpError(f"the server's answer is not HTTP ({type(root).__name__})", transient=True)


def _tls_fault(error: ssl.SSLError, address: Address) -> HttpError:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message.rstrip(".")
        return HttpError(f"the certificate of '{address.host}' is not accepted: {why}")
    broke_off = isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError)
    if broke_off or error.reason == "UNEXPECTED_EOF_WHILE_READING":  # the latter in Python 3.11.2
        return HttpError("the TLS connection broke off", transient=True)
    text = (error.reason or str(error)).replace("_", " ").lower()
    return HttpError(f"no TLS connection with '{address.host}': {text}")


def _tunnel_fault(error: OSError) -> HttpError | None:
    """A proxy that refuses to connect us, which http.client says in the text of an OSError."""
    refused = _TUNNEL.match(str(error))
    if refused is None:
        return None
    status = int(refused[1])
    fault = status_fault(status, None)
    return HttpError(f"the proxy answered {_status_text(status)}", transient=fault.transient)
