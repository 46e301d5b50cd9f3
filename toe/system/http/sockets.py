"""Sockets whose waits are cut into slices, so that a timeout or a cancellation ends them soon.

urllib3 reads from them as from any other. Sending is not sliced: a request fits into the system's buffers.
"""

from __future__ import annotations

import io
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from urllib3.util.wait import wait_for_write

from toe.system.http.terms import SLICE_SECONDS, Terms
from toe.words import counted

T = TypeVar("T")


class ConnectError(OSError):
    """No connection to a host; the text says which, and why."""


class Line:
    """One connection's terms, and what came of it. `excess`: the server sent more than it had announced."""

    def __init__(self, terms: Terms) -> None:
        self.check = terms.check
        self.patience = terms.patience
        self.excess = False

    def sliced(self, seconds: float, operation: Callable[[], T]) -> T:
        """Repeat an operation that gives up after a slice. Raises TimeoutError when it took `seconds` in all."""
        end = time.monotonic() + seconds
        while True:
            self.check()
            try:
                return operation()
            except TimeoutError:
                if time.monotonic() >= end:
                    raise


class PlainSocket(socket.socket):
    """A TCP connection, whose `line` is set once it is made."""

    line: Line

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        """As a socket's, but that it may also raise what the terms' `check` raises."""
        receive = super().recv_into
        if self.gettimeout() == 0:
            return receive(*arguments, **options)
        return self.line.sliced(self.line.patience.silence, lambda: receive(*arguments, **options))

    def makefile(self, *_: Any, **__: Any) -> Any:
        """The reader of an answer; http.client asks for no other."""
        return _AnswerReader(super().makefile("rb", buffering=0), self)


class TlsSocket(PlainSocket, ssl.SSLSocket):
    """A TLS connection. The ssl module makes it itself, of the class that its context names: see `tls_context`."""

    def do_handshake(self, block: bool = False) -> None:
        """As an SSLSocket's, in slices."""
        self.suppress_ragged_eofs = False  # an end without TLS's goodbye may be somebody cutting the answer off
        handshake = super().do_handshake
        try:
            self.line.sliced(self.line.patience.silence, lambda: handshake(block))
        except BaseException:
            self.close()
            raise


class _AnswerReader(io.BufferedReader):
    """Reads one answer; looks, when it is closed after the announced length, whether more has come."""

    def __init__(self, raw: Any, connection: PlainSocket) -> None:
        super().__init__(raw)
        self._connection = connection

    def close(self) -> None:
        if not self.closed:
            self._connection.line.excess = self._has_more()
        super().close()

    def _has_more(self) -> bool:
        timeout = self._connection.gettimeout()
        try:
            self._connection.settimeout(0)
            return bool(self.peek(1))
        except OSError:
            return False
        finally:
            self._connection.settimeout(timeout)


def tls_context(line: Line, *, any_certificate: bool) -> ssl.SSLContext:
    """The system's certificates (SSL_CERT_FILE and SSL_CERT_DIR are honoured), or any that a server shows."""
    context = ssl.create_default_context()
    # Some versions of Python set it for OpenSSL 3 (3.11.2 does): a body that was cut off would count as whole.
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    if any_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.sslsocket_class = type("TlsSocketOfLine", (TlsSocket,), {"line": line})
    return context


def connected(host: str, port: int, line: Line) -> PlainSocket:
    """A connection to the first of a host's addresses that takes one. Raises ConnectError."""
    failure = OSError("the name has no address")
    for family, kind, protocol, _, place in _places(host, port, line):
        connection = PlainSocket(family, kind, protocol)
        connection.line = line
        try:
            _connect(connection, place, line)
            connection.settimeout(SLICE_SECONDS)
            return connection
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:
            connection.close()
            raise
    shown = f"[{host}]" if ":" in host else host
    raise ConnectError(f"cannot connect to {shown}:{port}: {reason(failure)}") from failure


def reason(error: OSError) -> str:
    """What the operating system says, in lower case."""
    text = error.strerror or str(error) or type(error).__name__
    return text[:1].lower() + text[1:]


def _connect(connection: PlainSocket, place: Any, line: Line) -> None:
    connection.settimeout(0)
    try:
        connection.connect(place)
        return
    except BlockingIOError:
        pass
    end = time.monotonic() + line.patience.connecting
    while not wait_for_write(connection, timeout=SLICE_SECONDS):
        line.check()
        if time.monotonic() >= end:
            raise TimeoutError(f"no answer within {counted(line.patience.connecting, 'second')}")
    failure = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if failure:
        raise OSError(failure, os.strerror(failure))


def _places(host: str, port: int, line: Line) -> list[Any]:
    """The socket addresses of a host. The system's resolver cannot be interrupted, hence the thread."""
    found: list[Any] = []
    failures: list[Exception] = []

    def resolve() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failures.append(error)

    resolver = threading.Thread(target=resolve, name="toe resolver", daemon=True)
    resolver.start()
    while resolver.is_alive():
        resolver.join(SLICE_SECONDS)
        line.check()
    if failures:
        cause = failures[0]
        why = reason(cause) if isinstance(cause, OSError) else "it is no possible name"
        raise ConnectError(f"cannot resolve '{host}': {why}") from cause
    return found
