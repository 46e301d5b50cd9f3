"""An HTTP server on loopback that misbehaves as it is told, byte by byte; it can also be a proxy.

    server.answers["/file"] = [status(500), whole(b"data")]

Each request to a path takes the next of its answers, the last one is repeated.
"""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

Answer = Callable[["Client"], None]


class Request(NamedTuple):
    """What a client asked for; the names of `headers` are in lower case."""

    method: str
    target: str
    headers: dict[str, str]


class Client:
    """The other end of one connection, and what it asked for."""

    def __init__(self, connection: socket.socket, request: Request, server: FaultServer) -> None:
        self.connection = connection
        self.request = request
        self.server = server

    def send(self, status: str, headers: dict[str, object], body: bytes = b"") -> None:
        """Send a head, which says nothing but this, and a body in one piece."""
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode("utf-8") + body)

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def wait_for_end(self) -> None:
        """Do nothing until the client goes away."""
        self.server.silent.set()
        with suppress(OSError):
            while self.connection.recv(65536):  # the body of the request may be under way
                pass


class FaultServer:
    """Serves each connection in a thread of its own. `requests` are all requests so far.

    `tunnels` are the addresses ("host:port") that it connects to 127.0.0.1 as a proxy, by their ports there. `silent`
    is set when an answer has begun to wait for its client's end.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Sequence[Answer]] = {}
        self.requests: list[Request] = []
        self.tunnels: dict[str, int] = {}
        self.silent = threading.Event()
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        """The address of the root, without its slash."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def close(self) -> None:
        """End all connections and wait for the threads. A second call does nothing."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._listener.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        connection = plain
        try:
            if self._tls:
                connection = self._tls.wrap_socket(plain, server_side=True)
                self._open.add(connection)
            elif plain.recv(1, socket.MSG_PEEK) == b"\x16":  # a TLS greeting: servers of plain http answer it so
                plain.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return
            request = _read_request(connection)
            if request is not None:
                self.requests.append(request)
                self._answer(Client(connection, request, self))
        except OSError:  # the client went away, or did not like our certificate
            pass
        finally:
            self._open -= {plain, connection}
            connection.close()

    def _answer(self, client: Client) -> None:
        if client.request.method == "CONNECT" and client.request.target in self.tunnels:
            self._tunnel(client)
            return
        answers = self.answers.get(client.request.target.partition("?")[0], [status(404)])
        asked = sum(
            request.target.partition("?")[0] == client.request.target.partition("?")[0] for request in self.requests
        )
        answers[min(asked, len(answers)) - 1](client)

    def _tunnel(self, client: Client) -> None:
        with socket.create_connection(("127.0.0.1", self.tunnels[client.request.target])) as target:
            self._open.add(target)
            client.send("200 Connected", {})
            back = threading.Thread(target=_pump, args=(target, client.connection))
            back.start()
            _pump(client.connection, target)
            back.join()
            self._open.discard(target)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _read_request(connection: socket.socket) -> Request | None:
    with connection.makefile("rb") as reader:
        method, _, rest = reader.readline().decode("latin-1").partition(" ")
        headers = {}
        while line := reader.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
    return Request(method, rest.split(" ")[0], headers) if rest else None


def whole(data: bytes, **headers: object) -> Answer:
    """The file as it should be sent. `headers` in Python's spelling: `Last_Modified=...`."""

    def answer(client: Client) -> None:
        client.send("200 OK", {"Content-Length": len(data), **_named(headers)}, data)

    return answer


def status(code: int, **headers: object) -> Answer:
    """A status with a short body."""

    def answer(client: Client) -> None:
        client.send(f"{code} Whatever", {"Content-Length": 3, **_named(headers)}, b"no!")

    return answer


def redirect(location: str, code: int = 302) -> Answer:
    """A redirect."""
    return status(code, Location=location)


def ranged(data: bytes, **headers: object) -> Answer:
    """The file, or the rest of it where the client asks for that and If-Range names this version."""

    def answer(client: Client) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", client.request.headers.get("range", ""))
        known = client.request.headers.get("if-range") in (headers.get("ETag"), headers.get("Last_Modified"))
        if asked is None or not known:
            whole(data, **headers)(client)
        else:
            rest(data, int(asked[1]), **headers)(client)

    return answer


def rest(data: bytes, start: int, **headers: object) -> Answer:
    """The file from `start` on as a part, whatever was asked for; `Content_Range` may say something else."""

    def answer(client: Client) -> None:
        content_range = f"bytes {start}-{len(data) - 1}/{len(data)}"
        usual: dict[str, object] = {"Content-Length": len(data) - start, "Content-Range": content_range}
        client.send("206 Partial Content", {**usual, **_named(headers)}, data[start:])

    return answer


def cut(data: bytes, length: int, **headers: object) -> Answer:
    """The head of the whole file, its first bytes, and the end of the connection."""

    def answer(client: Client) -> None:
        client.send("200 OK", {"Content-Length": len(data), **_named(headers)}, data[:length])

    return answer


def reset_after(data: bytes, length: int, **headers: object) -> Answer:
    """The same with a TCP reset, which may overtake some of the bytes."""

    def answer(client: Client) -> None:
        cut(data, length, **headers)(client)
        client.reset()

    return answer


def silent_after(data: bytes, length: int, **headers: object) -> Answer:
    """The same with silence: the connection stays open and nothing comes."""

    def answer(client: Client) -> None:
        cut(data, length, **headers)(client)
        client.wait_for_end()

    return answer


def silent(client: Client) -> None:
    """No answer at all."""
    client.wait_for_end()


def dripping(client: Client) -> None:
    """An answer that comes byte by byte and does not end: no single byte is long in coming."""
    client.server.silent.set()
    client.connection.settimeout(0.02)
    with suppress(OSError):
        while True:
            with suppress(TimeoutError):
                if not client.connection.recv(65536):
                    return
            client.connection.sendall(b"H")


def raw(data: bytes) -> Answer:
    """These bytes and the end of the connection."""

    def answer(client: Client) -> None:
        client.connection.sendall(data)

    return answer


def _named(headers: dict[str, object]) -> dict[str, object]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
