"""Downloads from a server with faults: bounded, explained, and nothing half done."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from fault_server import (
    Answer,
    FaultServer,
    cut,
    raw,
    redirect,
    reset_after,
    rest,
    silent,
    silent_after,
    status,
    whole,
)
from web_client import QUICK, Caller

from toe.errors import Interrupted, StepTimedOut
from toe.system.files.checksums import Checksum
from toe.system.http.terms import HttpError

pytest_plugins = ("fault_fixtures",)

DATA = bytes(range(256)) * 4096


@pytest.fixture
def fetch(tmp_path: Path) -> Caller:
    """A caller whose file exists already."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "file").write_text("old")
    return Caller(folder / "file")


def refused(fetch: Caller, url: str, checksum: Checksum | None = None) -> str:
    """The message of a download that must fail and leave everything as it was."""
    with pytest.raises(HttpError) as caught:
        fetch(url, checksum=checksum)
    assert fetch.left() == ["file"]
    assert fetch.file.read_text() == "old"
    return caught.value.message


@pytest.mark.parametrize(
    ("answer", "requests", "message"),
    [
        (status(404), 1, "the server answered 404 Not Found"),
        (status(403), 1, "the server answered 403 Forbidden"),
        (status(299), 1, "the server answered 299"),
        (status(204), 1, "the server answered 204 No Content"),
        (status(304), 1, "the server answered 304 Not Modified"),
        (status(500), 5, "the server answered 500 Internal Server Error (in the last of 5 attempts)"),
        (status(503), 5, "503 Service Unavailable"),
        (status(429), 5, "429 Too Many Requests"),
        (status(408), 5, "408 Request Timeout"),
        (reset_after(DATA, 0), 5, "the connection"),
        (reset_after(DATA, 1000), 5, "the connection"),
        (cut(DATA, 0), 5, "the connection ended before the answer did, after 0 of 1048576 bytes"),
        (cut(DATA, 1000), 5, "the connection ended before the answer did, after 1000 of 1048576 bytes"),
        (whole(DATA, Content_Length=1000), 1, "the server sent more bytes than it had announced, after 1000 of 1000"),
        (raw(b""), 5, "the server closed the connection without an answer"),
        (raw(b"nonsense\r\n\r\n"), 5, "the server's answer is not HTTP (BadStatusLine)"),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"), 5, "not HTTP"),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), 5, "before the answer did, after"),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"), 5, "did, after 5 bytes"),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabcde\r\n"), 5, "before the answer did"),
        (
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"),
            5,
            "is not HTTP (InvalidHeader)",
        ),
        (rest(DATA, 0), 1, "the server answered 206, with a part of the file that was not asked for"),
    ],
)
def test_download_fails_with_the_cause(
    fetch: Caller, web: FaultServer, answer: Answer, requests: int, message: str
) -> None:
    web.answers["/file"] = [answer]
    text = refused(fetch, f"{web.url}/file?signature=secret")
    assert text.startswith(f"cannot download '{web.url}/file': ")
    assert message in text
    assert "secret" not in text
    assert len(web.requests) == requests


@pytest.mark.parametrize("answer", [silent, silent_after(DATA, 1)])
def test_download_fails_when_nothing_comes(fetch: Caller, web: FaultServer, answer: Answer) -> None:
    fetch.terms = fetch.terms._replace(patience=QUICK._replace(attempts=2))
    web.answers["/file"] = [answer]
    assert "nothing came for 0.2 seconds" in refused(fetch, f"{web.url}/file")
    assert len(web.requests) == 2


def test_download_fails_when_nobody_listens(fetch: Caller, web: FaultServer) -> None:
    web.close()
    text = refused(fetch, f"{web.url}/file")
    assert f"cannot connect to 127.0.0.1:{web.port}: connection refused (in the last of 5 attempts)" in text


def test_download_fails_when_the_name_is_unknown(fetch: Caller) -> None:
    text = refused(fetch, "http://nothing.invalid/file")
    assert "cannot resolve 'nothing.invalid': " in text


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port whose queue of connections is full, so that nobody is answered."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(8):
            connection = socket.socket()
            connection.settimeout(0.05)
            waiting.append(connection)
            try:
                connection.connect(listener.getsockname())
            except TimeoutError:
                break
        yield listener.getsockname()[1]
        for connection in waiting:
            connection.close()


def test_download_fails_when_no_connection_is_made(fetch: Caller, deaf_port: int) -> None:
    fetch.terms = fetch.terms._replace(patience=QUICK._replace(attempts=1))
    text = refused(fetch, f"http://127.0.0.1:{deaf_port}/file")
    assert f"cannot connect to 127.0.0.1:{deaf_port}: no answer within 0.5 seconds" in text


def test_download_fails_on_another_checksum(fetch: Caller, web: FaultServer) -> None:
    web.answers["/file"] = [whole(DATA)]
    text = refused(fetch, f"{web.url}/file", checksum=Checksum("SHA256", "0" * 64))
    assert f"it is not the expected file: its SHA256 is '{sha256(DATA).hexdigest()}', not '{'0' * 64}'" in text
    assert len(web.requests) == 1


@pytest.mark.parametrize("length", ["-5", "+5", "1_0", "five", "", "5, five"])
def test_download_fails_on_a_length_that_is_none(fetch: Caller, web: FaultServer, length: str) -> None:
    web.answers["/file"] = [raw(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode() + bytes(5))]
    assert f"announces a length that is none (Content-Length: {length})" in refused(fetch, f"{web.url}/file")
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    ("encoding", "body", "message"),
    [
        ("gzip", DATA, "the server says that the file is packed by gzip, and it is not, after "),
        ("gzip", gzip.compress(DATA) + b"more", "the server says that the file is packed by gzip, and it is not"),
        ("gzip", gzip.compress(DATA)[:-10], "what is packed in the answer ended early, after "),
        ("br", DATA, "the server packed the file by 'br', which was not asked for"),
        ("gzip, zstd", DATA, "the server packed the file by 'gzip, zstd', which was not asked for"),
    ],
)
def test_download_fails_on_what_cannot_be_unpacked(
    fetch: Caller, web: FaultServer, encoding: str, body: bytes, message: str
) -> None:
    web.answers["/file"] = [whole(body, Content_Encoding=encoding)]
    assert message in refused(fetch, f"{web.url}/file")


def test_download_fails_on_a_circle_of_redirects(fetch: Caller, web: FaultServer) -> None:
    web.answers = {"/a": [redirect("/b")], "/b": [redirect("a", 301)]}
    text = refused(fetch, f"{web.url}/a")
    assert f"go round in a circle: '{web.url}/a' -> '{web.url}/b' -> '{web.url}/a'" in text
    assert len(web.requests) == 2


def test_download_fails_after_ten_redirects(fetch: Caller, web: FaultServer) -> None:
    web.answers = {f"/{number}": [redirect(f"/{number + 1}")] for number in range(20)}
    assert f"more than 10 redirects, the last one to '{web.url}/11'" in refused(fetch, f"{web.url}/0")
    assert len(web.requests) == 11


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("ftp://user:word@other/file?secret", "'ftp://other/file'"),
        ("file:///etc/passwd", "'file:///etc/passwd'"),
        ("http://host:port/", "'http://host:port/'"),
        ("http://[::1/", "'http://[::1/'"),
    ],
)
def test_download_fails_on_a_redirect_to_nowhere(fetch: Caller, web: FaultServer, location: str, shown: str) -> None:
    web.answers["/file"] = [redirect(location)]
    assert f"redirects to {shown}, which is no http or https address" in refused(fetch, f"{web.url}/file")


def test_download_fails_on_a_redirect_without_location(fetch: Caller, web: FaultServer) -> None:
    web.answers["/file"] = [status(302)]
    assert "the server answered 302 Found" in refused(fetch, f"{web.url}/file")


@pytest.mark.parametrize(
    "answers",
    [
        [status(500), status(502), status(503), whole(DATA)],
        [reset_after(DATA, 10), cut(DATA, 100_000), silent, whole(DATA)],
        [raw(b""), status(429, Retry_After="0"), status(429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"), whole(DATA)],
    ],
)
def test_download_succeeds_in_a_later_attempt(fetch: Caller, web: FaultServer, answers: Sequence[Answer]) -> None:
    web.answers["/file"] = answers
    assert fetch(f"{web.url}/file") == DATA
    assert [request.headers.get("range") for request in web.requests] == [None] * 4
    assert [line.split(" failed")[0] for line in fetch.logged] == [f"Attempt {n} of 5" for n in (1, 2, 3)]
    assert fetch.left() == ["file"]


def test_download_gives_up_when_no_time_is_left_for_another_attempt(fetch: Caller, web: FaultServer) -> None:
    patience = QUICK._replace(longest_delay=3600)
    fetch.terms = fetch.terms._replace(deadline=time.monotonic() + 60, patience=patience)
    web.answers["/file"] = [status(503, Retry_After="90")]
    text = refused(fetch, f"{web.url}/file")
    assert "503 Service Unavailable (attempt 1 of 5; no time is left for another one)" in text


@pytest.mark.parametrize("stop", [StepTimedOut, Interrupted])
@pytest.mark.parametrize("answer", [silent, silent_after(DATA, 1)])
def test_download_stops_at_once_when_told(
    fetch: Caller, web: FaultServer, answer: Answer, stop: type[BaseException]
) -> None:
    fetch.terms = fetch.terms._replace(patience=QUICK._replace(silence=3600))
    web.answers["/file"] = [answer]

    def told() -> None:
        if web.silent.is_set():
            raise stop

    fetch.stop = told
    with pytest.raises(stop):
        fetch(f"{web.url}/file")
    assert fetch.left() == ["file"]
    assert fetch.file.read_text() == "old"


def test_download_stops_between_attempts(fetch: Caller, web: FaultServer) -> None:
    fetch.terms = fetch.terms._replace(patience=QUICK._replace(longest_delay=60))
    web.answers["/file"] = [status(503, Retry_After="60")]

    def told() -> None:
        if fetch.logged:
            raise Interrupted

    fetch.stop = told
    with pytest.raises(Interrupted):
        fetch(f"{web.url}/file")
    assert fetch.logged[0].endswith("failed: the server answered 503 Service Unavailable; the next one in 60.0 s")
    assert fetch.left() == ["file"]


def test_download_stops_while_it_connects(fetch: Caller, deaf_port: int) -> None:
    fetch.terms = fetch.terms._replace(patience=QUICK._replace(connecting=60))
    checks = iter(range(4))

    def told() -> None:
        if next(checks) == 3:
            raise Interrupted

    fetch.stop = told
    with pytest.raises(Interrupted):
        fetch(f"http://127.0.0.1:{deaf_port}/file")
    assert fetch.left() == ["file"]


def test_download_stops_while_it_greets(fetch: Caller) -> None:
    fetch.terms = fetch.terms._replace(patience=QUICK._replace(silence=60))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        checks = iter(range(5))

        def told() -> None:
            if next(checks) == 4:
                raise StepTimedOut

        fetch.stop = told
        with pytest.raises(StepTimedOut):
            fetch(f"https://127.0.0.1:{listener.getsockname()[1]}/file")
    assert fetch.left() == ["file"]


def test_download_fails_when_nobody_greets(fetch: Caller) -> None:
    fetch.terms = fetch.terms._replace(patience=QUICK._replace(attempts=1))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert "nothing came for 0.2 seconds" in refused(fetch, f"https://127.0.0.1:{port}/file")
