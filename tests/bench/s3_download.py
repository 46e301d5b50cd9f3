"""2,000 small objects below a prefix, against `aws s3 cp --recursive` from the same endpoint in the same run.

    python tests/bench/s3_download.py AWS [--rounds N]

AWS is the AWS command line (PyPI `awscli`), installed in an environment of its own. The endpoint is a process of its
own that knows a listing and its objects: it answers faster than either side asks.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from measure import TOE, Promise, call, report, typical, write_document

OBJECTS, SIZE = 2000, 10 * 1024
PAGE = 1000
BODY = os.urandom(SIZE)
KEYS = [f"set/{number:05}.bin" for number in range(OBJECTS)]
MODIFIED = "2026-01-01T00:00:00.000Z"


class Endpoint(BaseHTTPRequestHandler):
    """As much of S3 as a download of a prefix asks for."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_HEAD(self) -> None:
        """Tell of an object."""
        self._answer(b"", length=SIZE)

    def do_GET(self) -> None:
        """Give an object, or a page of the listing."""
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query:
            self._answer(_listing(int(query.get("continuation-token", ["0"])[0])))
        else:
            self._answer(BODY)

    def _answer(self, body: bytes, length: int | None = None) -> None:
        head = {
            "Content-Length": str(len(body) if length is None else length),
            "Content-Type": "application/xml" if length is None and body is not BODY else "binary/octet-stream",
            "ETag": '"1"',
            "Last-Modified": formatdate(0, usegmt=True),
        }
        self.send_response_only(200)
        for name, value in head.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def _listing(start: int) -> bytes:
    keys = KEYS[start : start + PAGE]
    more = start + PAGE < len(KEYS)
    token = f"<NextContinuationToken>{start + PAGE}</NextContinuationToken>" if more else ""
    objects = "".join(
        f'<Contents><Key>{key}</Key><LastModified>{MODIFIED}</LastModified><ETag>"1"</ETag><Size>{SIZE}</Size>'
        "<StorageClass>STANDARD</StorageClass></Contents>"
        for key in keys
    )
    head = "<Name>parts</Name><Prefix>set/</Prefix><MaxKeys>1000</MaxKeys>"
    return (
        f'<?xml version="1.0"?><ListBucketResult>{head}<KeyCount>{len(keys)}</KeyCount>'
        f"<IsTruncated>{'true' if more else 'false'}</IsTruncated>{token}{objects}</ListBucketResult>"
    ).encode()


def serve() -> tuple[str, int]:
    """Start the endpoint in a process of its own; its URL and process id."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    pid = os.fork()
    if pid == 0:
        server.serve_forever()
    server.server_close()
    return f"http://127.0.0.1:{server.server_port}", pid


def prefix_download(aws: str, rounds: int) -> Promise:
    """The whole of both programs, from process start to end."""
    step = {"name": "Get", "action": "S3Download", "inputs": {"source": "s3://parts/set/*", "destination": "ours"}}
    document = write_document("get.yml", [step])
    ours = typical(rounds, lambda: call([*TOE, document]))
    theirs = typical(rounds, lambda: call([aws, "s3", "cp", "--recursive", "s3://parts/set/", "theirs"]))
    for folder in ("ours", "theirs"):
        if sum(path.stat().st_size for path in Path(folder).iterdir()) != OBJECTS * SIZE:
            sys.exit(f"{folder}: not all of it arrived")
    return Promise("2,000 objects / aws s3 cp", ours / theirs, 1, f"{ours:.2f} s / {theirs:.2f} s")


def main() -> int:
    """Measure it and say whether it holds."""
    parser = argparse.ArgumentParser(description="Measure what S3Download promises.")
    parser.add_argument("aws", metavar="AWS")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    aws = str(Path(arguments.aws).resolve())
    url, pid = serve()
    os.environ |= {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    try:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            promises = [prefix_download(aws, arguments.rounds)]
            os.chdir("/")
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    return report(promises)


if __name__ == "__main__":
    sys.exit(main())
