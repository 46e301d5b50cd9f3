"""moto's server on loopback, with what it lacks: owners of buckets, and Image Builder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "999999999999"
REGION = "eu-west-1"
App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_DENIED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


class AwsServer:
    """AWS on 127.0.0.1: S3, Logs, SSM, Secrets Manager, STS by moto. `owners` are the accounts of buckets.

    `requests` lists "METHOD path?query" of each request. `routes` answers paths by other WSGI applications.
    """

    def __init__(self) -> None:
        self.owners: dict[str, str] = {}
        self.requests: list[str] = []
        self.routes: dict[str, App] = {}
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The endpoint for `AWS_ENDPOINT_URL`."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        self.requests.append(f"{environ['REQUEST_METHOD']} {path}{'?' if query else ''}{query}")
        if path in self.routes:
            return self.routes[path](environ, start_response)
        wanted = environ.get("HTTP_X_AMZ_EXPECTED_BUCKET_OWNER")
        if wanted and wanted != self.owners.get(path.split("/")[1], ACCOUNT):
            start_response(
                "403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(_DENIED)))]
            )
            return [b"" if environ["REQUEST_METHOD"] == "HEAD" else _DENIED]
        answer: Iterable[bytes] = self._moto(environ, start_response)
        return answer
