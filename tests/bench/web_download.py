"""A large WebDownload over loopback, against `curl -o` in the same run.

    python tests/bench/web_download.py [--rounds N] [--mebibytes N]

Prints one line for each promise; exits 1 when one is broken. Not part of the test suite: timings need a quiet machine,
and a gibibyte of disk in TMPDIR.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from measure import TOE, Promise, call, peak_memory, typical, write_document

MEBIBYTE = 1 << 20


class FileServer:
    """Sends one file to everyone who asks, from a process of its own and by sendfile, so that it costs little."""

    def __init__(self, path: Path) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/{path.name}"
        self._pid = os.fork()
        if self._pid == 0:
            self._serve(path)

    def close(self) -> None:
        """End the process."""
        os.kill(self._pid, 9)
        os.waitpid(self._pid, 0)
        self._listener.close()

    def _serve(self, path: Path) -> None:
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=_send, args=(connection, path), daemon=True).start()


def _send(connection: socket.socket, path: Path) -> None:
    with connection, path.open("rb") as file:
        connection.recv(65536)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {path.stat().st_size}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        connection.sendfile(file)


def make_file(path: Path, mebibytes: int) -> str:
    """A file of random content; its SHA-256."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(mebibytes):
            block = os.urandom(MEBIBYTE)
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def in_turn(rounds: int, actions: list[Callable[[], object]]) -> list[float]:
    """The median times of several actions, one round of each after the other: what disturbs one disturbs all."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for action, taken in zip(actions, times, strict=True):
            os.sync()
            taken.append(typical(1, action))
            Path("out").unlink()
    return [sorted(taken)[rounds // 2] for taken in times]


def measure(rounds: int, mebibytes: int) -> list[Promise]:
    """All promises about a file of this size."""
    checksum = make_file(Path("source"), mebibytes)
    server = FileServer(Path("source"))
    inputs = {"source": server.url, "destination": "out"}
    verified = {**inputs, "algorithm": "SHA256", "checksum": checksum}
    plain, checked = (
        write_document(name, [{"name": "Fetch", "action": "WebDownload", "inputs": [entry]}])
        for name, entry in (("plain.yml", inputs), ("checked.yml", verified))
    )
    actions: list[Callable[[], object]] = [
        lambda: call(["curl", "-s", "-o", "out", server.url]),
        lambda: call([*TOE, plain]),
        lambda: call(["sh", "-c", f"curl -s -o out {server.url} && echo '{checksum}  out' | sha256sum -c"]),
        lambda: call([*TOE, checked]),
    ]
    try:
        curl, ours, curl_checked, ours_checked = in_turn(rounds, actions)
        peak = peak_memory([*TOE, checked])
    finally:
        server.close()
    return [
        Promise(f"{mebibytes} MiB / curl -o", ours / curl, 1.5, f"{ours:.2f} s / {curl:.2f} s"),
        Promise(
            f"{mebibytes} MiB with SHA-256 / curl -o && sha256sum",
            ours_checked / curl_checked,
            1.5,
            f"{ours_checked:.2f} s / {curl_checked:.2f} s",
        ),
        Promise("peak resident size / 64 MiB", peak / (64 * MEBIBYTE), 1, f"{peak / MEBIBYTE:.0f} MiB"),
    ]


def main() -> int:
    """Measure everything and say what holds."""
    parser = argparse.ArgumentParser(description="Measure WebDownload against curl.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mebibytes", type=int, default=1024)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        promises = measure(options.rounds, options.mebibytes)
        os.chdir("/")
    for what, ratio, limit, detail in promises:
        print(f"{'ok  ' if ratio <= limit else 'OVER'}  {what}: {ratio:.2f} (at most {limit}); {detail}")
    return 0 if all(promise.ratio <= promise.limit for promise in promises) else 1


if __name__ == "__main__":
    sys.exit(main())
