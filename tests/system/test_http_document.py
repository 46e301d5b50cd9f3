"""Small documents read over http(s)."""

from __future__ import annotations

import gzip

import pytest
from fault_server import FaultServer, cut, redirect, silent, silent_after, status, whole
from web_client import QUICK

from toe.errors import ToeError
from toe.system.http.document import read_url
from toe.system.http.terms import Patience

pytest_plugins = ("fault_fixtures",)


def read(url: str, *, timeout_seconds: float = 60, patience: Patience = QUICK) -> bytes:
    return read_url(url, limit_bytes=100, environment={}, timeout_seconds=timeout_seconds, patience=patience)


def test_read_url_gives_the_bytes(web: FaultServer) -> None:
    web.answers = {"/a": [status(500), cut(b"x" * 100, 50), redirect("/b")], "/b": [whole(b"x" * 100)]}
    assert read(f"{web.url}/a") == b"x" * 100
    assert [request.target for request in web.requests] == ["/a", "/a", "/a", "/b"]
    assert all("range" not in request.headers for request in web.requests)


def test_read_url_unpacks_what_comes_packed_all_the_same(web: FaultServer) -> None:
    web.answers["/a"] = [whole(gzip.compress(b"text"), Content_Encoding="gzip")]
    assert read(f"{web.url}/a") == b"text"


def test_read_url_limits_what_is_unpacked(web: FaultServer) -> None:
    web.answers["/a"] = [whole(gzip.compress(bytes(100 << 20)), Content_Encoding="gzip")]
    with pytest.raises(ToeError, match="it is larger than"):
        read(f"{web.url}/a")


@pytest.mark.usefixtures("trusted")
def test_read_url_verifies_the_certificate(secure_web: FaultServer) -> None:
    secure_web.answers["/a"] = [whole(b"text")]
    assert read(f"{secure_web.url}/a") == b"text"


def test_read_url_refuses_an_unknown_certificate(secure_web: FaultServer) -> None:
    with pytest.raises(ToeError, match=r"the certificate of '127.0.0.1' is not accepted"):
        read(f"{secure_web.url}/a")


@pytest.mark.usefixtures("trusted")
def test_read_url_does_not_leave_https(web: FaultServer, secure_web: FaultServer) -> None:
    secure_web.answers["/a"] = [redirect(f"{web.url}/b")]
    with pytest.raises(ToeError, match="redirects from https to http, to 'http://"):
        read(f"{secure_web.url}/a")
    assert web.requests == []


def test_read_url_refuses_what_is_too_large(web: FaultServer) -> None:
    web.answers["/a"] = [whole(b"x" * 101)]
    with pytest.raises(ToeError, match=r"^cannot download 'http://[^?]*/a': it is larger than 100 bytes$"):
        read(f"{web.url}/a?secret")
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [(status(404), "answered 404 Not Found$"), (status(204), "204 No Content$"), (status(503), "503 .*5 attempts")],
)
def test_read_url_says_what_the_server_answered(web: FaultServer, answer: object, message: str) -> None:
    web.answers["/a"] = [answer]  # type: ignore[list-item]
    with pytest.raises(ToeError, match=message):
        read(f"{web.url}/a")


def test_read_url_takes_no_longer_than_it_may(web: FaultServer) -> None:
    web.answers = {"/a": [silent], "/b": [silent_after(b"xx", 1)], "/c": [status(503, Retry_After="3600")]}
    for path in "abc":
        with pytest.raises(ToeError, match=r"more than 0.1 seconds|no time is left"):
            read(f"{web.url}/{path}", timeout_seconds=0.1, patience=QUICK._replace(silence=3600, longest_delay=3600))


def test_read_url_refuses_other_addresses() -> None:
    with pytest.raises(ToeError, match="'ftp://host/a' is no http or https address"):
        read("ftp://host/a")
