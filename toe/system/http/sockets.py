"""Connections for urllib3 on which a timeout or a cancellation ends every wait: made in a thread, read in slices.

Not by urllib3's pools: they make and read their connections themselves, and a wait inside of them cannot be ended.
"""

from __future__ import annotations

import io
import socket
import ssl
from functools import partial
from http.client import HTTPResponse
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from toe.system.files.opening import reason
from toe.system.http.address import Address
from toe.system.http.terms import Patience, Terms
from toe.waiting import SLICE_SECONDS, in_slices, waited_for
from toe.words import counted


class ConnectError(OSError):
    """No connection to a host; the text says which, and why."""


class Line:
    """The way to a server, through a proxy if there is one. `excess`: it sent more than it had announced."""

    def __init__(self, address: Address, proxy: Address | None, terms: Terms) -> None:
        self.excess = False
        self.terms = terms
        first = proxy or address
        # The timeout holds from the request on; until then it is that of `_connected`.
        if address.scheme == "http":
            self.connection = HTTPConnection(first.host, first.port, timeout=SLICE_SECONDS)
        else:
            context = tls_context(any_certificate=terms.any_certificate)
            self.connection = HTTPSConnection(first.host, first.port, timeout=SLICE_SECONDS, ssl_context=context)
        if proxy is not None and address.scheme == "https":
            login = {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}
            self.connection.set_tunnel(address.host, address.port, login)
        # urllib3 calls this for the bare socket, and puts tunnel and TLS on top of it.
        self.connection._new_conn = partial(  # type: ignore[method-assign]
            _connected, first.host, first.port, terms.patience
        )

    def connect(self) -> None:
        """Connect, with TLS and tunnel. Sending is not waited for: a request fits into the system's buffers."""
        waited_for(self.connection.connect, self.terms.check)
        if isinstance(self.connection.sock, ssl.SSLSocket):
            # An end without a goodbye may be somebody cutting the answer off.
            self.connection.sock.suppress_ragged_eofs = False  # type: ignore[attr-defined]
        # Not before: the answer of a proxy that makes a tunnel is read in the thread.
        self.connection.response_class = self._response  # type: ignore[assignment]

    def _response(self, connected: socket.socket, *arguments: Any, **options: Any) -> HTTPResponse:
        """What http.client makes of a socket to read an answer from."""
        response = HTTPResponse(connected, *arguments, **options)
        response.fp = _AnswerReader(_Incoming(response.fp, connected, self.terms), connected, self)
        return response


class _Incoming(io.RawIOBase):
    """Reads a socket in slices. `opened`, a file made of the socket, keeps that open until `close`."""

    def __init__(self, opened: io.BufferedIOBase, connected: socket.socket, terms: Terms) -> None:
        self._opened = opened
        self._connected = connected
        self._terms = terms

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """As a socket's file, but that it may also raise what the terms' `check` raises."""
        if self._connected.gettimeout() == 0:
            return self._connected.recv_into(buffer)
        receive = partial(self._connected.recv_into, buffer)
        return in_slices(receive, self._terms.check, self._terms.patience.silence)

    def close(self) -> None:
        self._opened.close()
        super().close()


class _AnswerReader(io.BufferedReader):
    """Reads one answer; looks, when it is closed after the announced length, whether more has come."""

    def __init__(self, raw: _Incoming, connected: socket.socket, line: Line) -> None:
        super().__init__(raw)
        self._connected = connected
        self._line = line

    def close(self) -> None:
        if not self.closed:
            self._line.excess = self._has_more()
        super().close()

    def _has_more(self) -> bool:
        timeout = self._connected.gettimeout()
        try:
            self._connected.settimeout(0)
            return bool(self.peek(1))
        except OSError:
            return False
        finally:
            self._connected.settimeout(timeout)


def tls_context(*, any_certificate: bool) -> ssl.SSLContext:
    """The system's certificates (SSL_CERT_FILE and SSL_CERT_DIR are honoured), or any that a server shows."""
    context = ssl.create_default_context()
    # Some versions of Python set it for OpenSSL 3 (3.11.2 does): a body that was cut off would count as whole.
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    if any_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _connected(host: str, port: int, patience: Patience) -> socket.socket:
    """A connection to the first of a host's addresses that takes one. Raises ConnectError."""
    shown = f"[{host}]" if ":" in host else host
    try:
        connected = socket.create_connection((host, port), patience.connecting)
    except UnicodeError as error:
        raise ConnectError(f"cannot resolve '{host}': it is no possible name") from error
    except socket.gaierror as error:
        raise ConnectError(f"cannot resolve '{host}': {reason(error)}") from error
    except TimeoutError as error:
        silence = f"no answer within {counted(patience.connecting, 'second')}"
        raise ConnectError(f"cannot connect to {shown}:{port}: {silence}") from error
    except OSError as error:
        raise ConnectError(f"cannot connect to {shown}:{port}: {reason(error)}") from error
    connected.settimeout(patience.silence)
    return connected
