"""Downloads that work: resumed, redirected, through proxies, over TLS."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import re
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest
from certificates import Authority
from fault_server import Answer, FaultServer, cut, ranged, raw, redirect, reset_after, rest, status, whole
from web_client import Caller

from toe.system.files.checksums import Checksum
from toe.system.http.sockets import tls_context
from toe.system.http.terms import HttpError

pytest_plugins = ("fault_fixtures",)

DATA = os.urandom(1 << 20)
HALF = len(DATA) // 2
LOGIN = "Basic " + base64.b64encode("ann:pass:wörd".encode()).decode()


@pytest.fixture
def fetch(tmp_path: Path) -> Caller:
    """A caller whose file does not exist yet."""
    return Caller(tmp_path / "files" / "file")


def ranges(server: FaultServer) -> list[str | None]:
    """The parts that were asked for."""
    return [request.headers.get("range") for request in server.requests]


def test_download_asks_for_the_bytes_as_they_are(fetch: Caller, web: FaultServer) -> None:
    web.answers["/a b/%C3%BC"] = web.answers["/a%20b/%C3%BC"] = [whole(DATA)]
    assert fetch(f"{web.url}/a b/ü?x=1&y=ü#part") == DATA
    (request,) = web.requests
    assert request.target == "/a%20b/%C3%BC?x=1&y=%C3%BC"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["host"] == f"127.0.0.1:{web.port}"
    assert re.fullmatch(r"toe/[\w.]+", request.headers["user-agent"])
    assert "authorization" not in request.headers


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", "aws-chunked, gzip"])
def test_download_unpacks_what_comes_packed_all_the_same(fetch: Caller, web: FaultServer, encoding: str) -> None:
    """Several members, padding at the end, one of them that stands for a thousand times its size."""
    content = DATA + bytes(20 << 20) + b"end"
    packed = b"".join(map(gzip.compress, (DATA, bytes(20 << 20), b"", b"end"))) + bytes(3)
    web.answers["/file"] = [whole(packed, Content_Encoding=encoding)]
    assert fetch(f"{web.url}/file", checksum=Checksum("MD5", hashlib.md5(content).hexdigest())) == content
    assert len(web.requests) == 1


@pytest.mark.parametrize("encoding", ["identity", "", "utf-8", "aws-chunked"])
def test_download_keeps_what_no_packing_is_named_for(fetch: Caller, web: FaultServer, encoding: str) -> None:
    packed = gzip.compress(DATA)
    web.answers["/file"] = [whole(packed, Content_Encoding=encoding)]
    assert fetch(f"{web.url}/file") == packed


def test_download_keeps_an_archive_whose_checksum_is_meant(fetch: Caller, web: FaultServer) -> None:
    packed = gzip.compress(DATA)
    web.answers["/file"] = [whole(packed, Content_Encoding="gzip", ETag='"one"')]
    assert fetch(f"{web.url}/file", checksum=Checksum("MD5", hashlib.md5(packed).hexdigest())) == packed
    assert ranges(web) == [None, None]


def test_download_of_what_is_packed_begins_anew(fetch: Caller, web: FaultServer) -> None:
    packed = gzip.compress(DATA)
    answers = {"Content_Encoding": "gzip", "ETag": '"one"'}
    web.answers["/file"] = [cut(packed, len(packed) // 2, **answers), whole(packed, **answers)]
    assert fetch(f"{web.url}/file") == DATA
    assert ranges(web) == [None, None]
    assert f"{len(packed) // 2} of {len(packed)} bytes" in fetch.logged[0]


def test_download_takes_no_packed_rest_of_a_plain_file(fetch: Caller, web: FaultServer) -> None:
    packed_rest = rest(DATA, HALF, Content_Encoding="gzip")
    web.answers["/file"] = [cut(DATA, HALF, ETag='"one"'), packed_rest, whole(DATA)]
    assert fetch(f"{web.url}/file") == DATA


@pytest.mark.parametrize(
    ("answer", "content"),
    [
        (whole(b""), b""),
        (whole(b"", Content_Encoding="gzip"), b""),
        (raw(b"HTTP/1.0 200 OK\r\n\r\nuntil the end"), b"until the end"),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"), b"abcde"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc"), b"abc"),
        (raw(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"), b"abc"),
    ],
)
def test_download_understands_every_form_of_body(
    fetch: Caller, web: FaultServer, answer: Answer, content: bytes
) -> None:
    web.answers["/file"] = [answer]
    assert fetch(f"{web.url}/file") == content
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    "version",
    [{"ETag": '"one"'}, {"Last_Modified": "Wed, 21 Oct 2015 07:28:00 GMT"}, {"ETag": '"1"', "Last_Modified": "x"}],
)
def test_download_is_resumed(fetch: Caller, web: FaultServer, version: dict[str, str]) -> None:
    web.answers["/file"] = [cut(DATA, HALF, **version), status(503), ranged(DATA, **version)]
    checksum = Checksum("MD5", hashlib.md5(DATA).hexdigest().upper())
    assert fetch(f"{web.url}/file", checksum=checksum) == DATA
    assert ranges(web) == [None, f"bytes={HALF}-", f"bytes={HALF}-"]
    assert {request.headers.get("if-range") for request in web.requests[1:]} == {next(iter(version.values()))}


def test_download_is_resumed_after_a_reset(fetch: Caller, web: FaultServer) -> None:
    web.answers["/file"] = [reset_after(DATA, HALF, ETag='"one"'), ranged(DATA, ETag='"one"')]
    assert fetch(f"{web.url}/file") == DATA


@pytest.mark.parametrize("version", [{}, {"ETag": 'W/"weak"'}])
def test_download_starts_over_when_the_version_is_unknown(
    fetch: Caller, web: FaultServer, version: dict[str, str]
) -> None:
    web.answers["/file"] = [cut(DATA, HALF, **version), ranged(DATA, **version)]
    assert fetch(f"{web.url}/file") == DATA
    assert ranges(web) == [None, None]


@pytest.mark.parametrize(
    "second",
    [[whole(DATA)], [ranged(DATA, ETag='"two"')], [whole(DATA[:10], ETag='"two"')]],
    ids=["plain", "new", "short"],
)
def test_download_starts_over_when_the_server_sends_all(
    fetch: Caller, web: FaultServer, second: Sequence[Answer]
) -> None:
    web.answers["/file"] = [cut(bytes(len(DATA)), HALF, ETag='"one"'), *second]
    assert fetch(f"{web.url}/file") in (DATA, DATA[:10])
    assert ranges(web) == [None, f"bytes={HALF}-"]


@pytest.mark.parametrize(
    "second",
    [
        status(416),
        rest(DATA, HALF, ETag='"two"'),
        rest(DATA, HALF, Content_Range=f"bytes {HALF - 1}-{len(DATA) - 1}/{len(DATA)}"),
        rest(DATA, HALF, Content_Range=f"bytes {HALF}-{len(DATA)}/{len(DATA) + 1}"),
        rest(DATA, HALF, Content_Range="bytes ?"),
        rest(DATA, HALF, Content_Range=""),
    ],
)
def test_download_starts_over_after_a_wrong_part(fetch: Caller, web: FaultServer, second: Answer) -> None:
    web.answers["/file"] = [cut(DATA, HALF, ETag='"one"'), second, ranged(DATA, ETag='"one"')]
    assert fetch(f"{web.url}/file") == DATA
    assert ranges(web) == [None, f"bytes={HALF}-", None]


def test_download_goes_on_when_a_part_is_short(fetch: Caller, web: FaultServer) -> None:
    quarter = HALF // 2
    short = raw(
        b"HTTP/1.1 206 Partial Content\r\nContent-Length: %d\r\nContent-Range: bytes %d-%d/%d\r\n\r\n"
        % (quarter, HALF, HALF + quarter - 1, len(DATA))
        + DATA[HALF : HALF + quarter]
    )
    web.answers["/file"] = [cut(DATA, HALF, ETag='"one"'), short, ranged(DATA, ETag='"one"')]
    assert fetch(f"{web.url}/file") == DATA
    assert ranges(web) == [None, f"bytes={HALF}-", f"bytes={HALF + quarter}-"]
    assert "the answer ended early, after 786432 of 1048576 bytes" in fetch.logged[1]


def test_download_learns_its_size_when_it_is_resumed(fetch: Caller, web: FaultServer) -> None:
    chunk = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n'
    second = b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 5-6/9\r\nContent-Length: 2\r\n\r\nfg"
    web.answers["/file"] = [raw(chunk), raw(second), rest(b"abcdefghi", 7)]
    assert fetch(f"{web.url}/file") == b"abcdefghi"
    assert ranges(web) == [None, "bytes=5-", "bytes=7-"]


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_download_follows_redirects(fetch: Caller, web: FaultServer, code: int) -> None:
    web.answers = {"/x/file": [redirect("../y/ü?z=1", code)], "/y/%C3%BC": [whole(DATA)]}
    assert fetch(f"{web.url}/x/file") == DATA
    assert [request.target for request in web.requests] == ["/x/file", "/y/%C3%BC?z=1"]
    assert fetch.logged == [f"Redirected to '{web.url}/y/%C3%BC'"]


def test_download_names_where_redirects_led(fetch: Caller, web: FaultServer) -> None:
    web.answers["/file"] = [redirect("/other?secret")]
    with pytest.raises(HttpError, match=r"file': the server answered 404 Not Found, redirected to '.*/other'$"):
        fetch(f"{web.url}/file")


def test_download_logs_in_with_the_user_of_the_address(fetch: Caller, web: FaultServer) -> None:
    other = FaultServer()
    web.answers = {"/file": [redirect("/here")], "/here": [redirect(f"{other.url}/there")]}
    other.answers = {"/there": [redirect(f"http://bob@127.0.0.1:{other.port}/end")], "/end": [whole(DATA)]}
    assert fetch(f"http://ann:pass%3Aw%C3%B6rd@127.0.0.1:{web.port}/file") == DATA
    assert [request.headers.get("authorization") for request in web.requests] == [LOGIN, LOGIN]
    assert [request.headers.get("authorization") for request in other.requests] == [None, "Basic Ym9iOg=="]
    assert "@" not in "".join(fetch.logged)
    other.close()


@pytest.mark.usefixtures("trusted")
def test_download_verifies_the_certificate(fetch: Caller, secure_web: FaultServer) -> None:
    secure_web.answers["/file"] = [whole(DATA)]
    assert fetch(f"{secure_web.url}/file") == DATA


def test_download_refuses_an_unknown_certificate(fetch: Caller, secure_web: FaultServer) -> None:
    with pytest.raises(HttpError, match=r"the certificate of '127.0.0.1' is not accepted: unable to get local issuer"):
        fetch(f"{secure_web.url}/file")
    assert (secure_web.requests, fetch.logged, fetch.left()) == ([], [], [])


@pytest.mark.usefixtures("trusted")
def test_download_refuses_the_certificate_of_another(fetch: Caller, authority: Authority) -> None:
    server = FaultServer(authority.server_context())
    with pytest.raises(HttpError, match=r"is not accepted: IP address mismatch"):
        fetch(f"{server.url}/file")
    assert (server.requests, fetch.logged) == ([], [])
    server.close()


def test_download_takes_any_certificate_when_told(fetch: Caller, secure_web: FaultServer) -> None:
    fetch.terms = fetch.terms._replace(any_certificate=True)
    secure_web.answers["/file"] = [cut(DATA, HALF, ETag='"one"'), ranged(DATA, ETag='"one"')]
    assert fetch(f"{secure_web.url}/file") == DATA
    assert ranges(secure_web) == [None, f"bytes={HALF}-"]


def test_download_refuses_what_is_no_tls(fetch: Caller, web: FaultServer) -> None:
    with pytest.raises(HttpError, match=r"no TLS connection with '127.0.0.1': (wrong version number|record layer)"):
        fetch(f"https://127.0.0.1:{web.port}/file")


@pytest.mark.usefixtures("trusted")
def test_download_does_not_trust_the_end_of_a_tls_connection(fetch: Caller, secure_web: FaultServer) -> None:
    secure_web.answers["/file"] = [raw(b"HTTP/1.0 200 OK\r\n\r\nuntil the")]
    with pytest.raises(HttpError, match="the TLS connection broke off, after 9 bytes"):
        fetch(f"{secure_web.url}/file")


@pytest.mark.usefixtures("trusted")
def test_download_says_so_when_it_leaves_https(fetch: Caller, web: FaultServer, secure_web: FaultServer) -> None:
    secure_web.answers["/file"] = [redirect(f"{web.url}/plain?secret")]
    web.answers["/plain"] = [whole(DATA)]
    assert fetch(f"{secure_web.url}/file") == DATA
    (line,) = fetch.logged
    assert line.startswith("Warning: redirected from https to http, ")
    assert line.endswith(f": '{web.url}/plain'")


def test_download_goes_through_a_proxy(fetch: Caller, web: FaultServer) -> None:
    fetch.in_environment({"HTTP_PROXY": f"ann:pass%3Aw%C3%B6rd@127.0.0.1:{web.port}"})
    web.answers["http://files.example/file"] = [whole(DATA)]
    assert fetch("http://files.example/file?x") == DATA
    (request,) = web.requests
    assert request.target == "http://files.example/file?x"
    assert request.headers["host"] == "files.example"
    assert request.headers["proxy-authorization"] == LOGIN


@pytest.mark.usefixtures("trusted")
def test_download_goes_through_a_tunnel(fetch: Caller, web: FaultServer, secure_web: FaultServer) -> None:
    fetch.in_environment({"https_proxy": f"http://ann:pass%3Aw%C3%B6rd@127.0.0.1:{web.port}/"})
    web.tunnels["files.example:443"] = secure_web.port
    secure_web.answers["/file"] = [whole(DATA)]
    assert fetch("https://files.example/file") == DATA
    (outer,), (inner,) = web.requests, secure_web.requests
    assert (outer.method, outer.target, outer.headers["proxy-authorization"]) == ("CONNECT", "files.example:443", LOGIN)
    assert (inner.target, inner.headers["host"]) == ("/file", "files.example")
    assert "proxy-authorization" not in inner.headers


def test_download_fails_when_the_proxy_refuses(fetch: Caller, web: FaultServer) -> None:
    fetch.in_environment({"https_proxy": web.url, "http_proxy": web.url})
    web.answers["files.example:443"] = [status(403)]
    web.answers["http://files.example/file"] = [status(407)]
    with pytest.raises(HttpError, match=r"'https://files.example/file': the proxy answered 403 Forbidden$"):
        fetch("https://files.example/file")
    with pytest.raises(HttpError, match=r"the server answered 407 Proxy Authentication Required$"):
        fetch("http://files.example/file")


def test_download_fails_when_the_proxy_is_away(fetch: Caller, web: FaultServer) -> None:
    web.close()
    fetch.in_environment({"https_proxy": web.url})
    with pytest.raises(HttpError, match=f"cannot connect to 127.0.0.1:{web.port}: connection refused"):
        fetch("https://files.example/file")


@pytest.mark.parametrize("any_certificate", [True, False])
def test_no_version_of_python_takes_the_end_of_a_tls_connection_for_that_of_a_body(any_certificate: bool) -> None:
    context = tls_context(any_certificate=any_certificate)
    assert not context.options & getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
