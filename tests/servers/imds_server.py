"""Instance metadata on loopback: version 2 of its service, and the ways in which it fails."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

IDENTITY_DOCUMENT = "dynamic/instance-identity/document"


class ImdsServer:
    """A metadata service. `values` are its resources below `/latest/`, `requests` lists "METHOD path".

    `token_life_seconds` limits how long tokens are good for; `revoke` makes all so far invalid. `refusal` is a status
    with which tokens are refused. `hop_limit_reached`: the answer with the token never arrives. `dripping`: it comes
    one byte at a time and does not end.
    """

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.requests: list[str] = []
        self.token_life_seconds = 21600
        self.refusal = 0
        self.hop_limit_reached = False
        self.dripping = False
        self.closing = threading.Event()
        self._tokens: set[str] = set()
        handler = type("Handler", (_Handler,), {"imds": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The endpoint for AWS_EC2_METADATA_SERVICE_ENDPOINT."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        """What leads a client here."""
        return {"AWS_EC2_METADATA_SERVICE_ENDPOINT": self.url}

    def revoke(self) -> None:
        """Forget the tokens, as a restarted service does."""
        self._tokens.clear()

    def new_token(self) -> str:
        token = f"AQAAA-{len(self.requests)}=="
        self._tokens.add(token)
        return token

    def knows(self, token: str | None) -> bool:
        return token in self._tokens

    def close(self) -> None:
        """Stop serving, also what hangs."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    imds: ClassVar[ImdsServer]

    def do_PUT(self) -> None:
        self.imds.requests.append(f"PUT {self.path}")
        life = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        if self.imds.hop_limit_reached:
            self.imds.closing.wait(30)
        elif self.imds.dripping:
            self._drip()
        elif self.imds.refusal:
            self._answer(self.imds.refusal, "")
        elif self.path != "/latest/api/token" or self.headers.get("X-Forwarded-For"):
            self._answer(403, "")
        elif not life.isdecimal() or not 1 <= int(life) <= 21600:
            self._answer(400, "")
        else:
            granted = str(min(int(life), self.imds.token_life_seconds))
            self._answer(200, self.imds.new_token(), granted)

    def do_GET(self) -> None:
        self.imds.requests.append(f"GET {self.path}")
        resource = self.path.removeprefix("/latest/")
        if not self.imds.knows(self.headers.get("X-aws-ec2-metadata-token")):
            self._answer(401, "")
        elif resource not in self.imds.values:
            self._answer(404, "<html>Not Found</html>")
        else:
            self._answer(200, self.imds.values[resource])

    def _drip(self) -> None:
        try:
            while not self.imds.closing.wait(0.02):
                self.wfile.write(b"H")
        except OSError:
            pass

    def _answer(self, status: int, text: str, token_life: str = "") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if token_life:
            self.send_header("X-aws-ec2-metadata-token-ttl-seconds", token_life)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""
