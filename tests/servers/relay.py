"""A link that can be cut: what comes is passed on, or goes nowhere, without a word to either side."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread


class Relay:
    """Listens on 127.0.0.1 at `port` and passes connections on to another port there."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._cut = Event()
        self._lost: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.accepted = 0
        self._threads: list[Thread] = []
        self._begin(self._accept)

    def cut(self) -> None:
        """All connections of now are lost for ever, and new ones get no answer."""
        self._cut.set()

    def mend(self) -> None:
        """New connections come through."""
        self._cut = Event()

    def close(self) -> None:
        """End all threads, then close: a call that waits may be begun anew, on whatever has its descriptor by then."""
        self._cut.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        for lost in self._lost:
            with suppress(OSError):
                lost.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for one in (self._listener, *self._lost):
            one.close()

    def _begin(self, work: Callable[..., None], *words: object) -> None:
        self._threads.append(Thread(target=work, args=words, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._lost.append(near)
            cut = self._cut
            if cut.is_set():
                continue
            far = socket.create_connection(("127.0.0.1", self._target_port))
            self._lost.append(far)
            self._begin(_pass_on, near, far, cut)
            self._begin(_pass_on, far, near, cut)


def _pass_on(source: socket.socket, target: socket.socket, cut: Event) -> None:
    try:
        while data := source.recv(65536):
            if cut.is_set():
                return
            target.sendall(data)
        if not cut.is_set():
            target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
