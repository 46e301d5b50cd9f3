"""Web addresses, and the proxies that the environment names for them."""

from __future__ import annotations

import pytest

from toe.system.http.address import Address, file_name, parse_address, redirected
from toe.system.http.proxies import proxy_for
from toe.system.http.terms import HttpError


@pytest.mark.parametrize(
    ("text", "url", "shown"),
    [
        ("http://host", "http://host/", "http://host/"),
        ("HTTPS://Host:443/A/../b?q=1#f", "https://host/b?q=1", "https://host/b"),
        ("https://host:80/a", "https://host:80/a", "https://host:80/a"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("http://ann:secret@host/@scope/a?token=x", "http://host/@scope/a?token=x", "http://host/@scope/a"),
        ("http://host?q", "http://host/?q", "http://host/"),
        ("http://host/a\nb", "http://host/a%0Ab", "http://host/a%0Ab"),
    ],
)
def test_parse_address_keeps_what_is_sent_and_hides_secrets(text: str, url: str, shown: str) -> None:
    address = parse_address(text)
    assert (address.url, address.shown) == (url, shown)


@pytest.mark.parametrize(
    "text", ["", "host/file", "ftp://ann:secret@host/", "http://", "http:///x", "http://host:99999/", "http://[::/"]
)
def test_parse_address_refuses_what_is_none(text: str) -> None:
    with pytest.raises(HttpError, match="is no http or https address") as caught:
        parse_address(text)
    assert "secret" not in caught.value.message


def test_redirected_gives_a_login_to_the_same_origin_alone() -> None:
    address = parse_address("https://ann:x@host/a/b?q")
    assert redirected(address, "c").url == "https://host/a/c"
    assert redirected(address, "/c").authorization == address.authorization
    for location in ("http://host/a", "https://host:444/a", "https://sub.host/a", "//other/a"):
        assert redirected(address, location).authorization == ""


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://host/a/b.zip?x=/y#z", "b.zip"),
        ("http://host/a/b%20c.zip", "b c.zip"),
        ("http://host/%C3%BC", "ü"),
        ("http://host/%FF", "\udcff"),
        ("http://host/...", "..."),
    ],
)
def test_file_name_is_the_last_segment(url: str, name: str) -> None:
    assert file_name(parse_address(url)) == name


@pytest.mark.parametrize(
    "path", ["", "/", "/a/", "/?b", "/..", "/a/%2e%2e", "/.", "/%2E", "/a%2Fb", "/%2Fetc%2Fpasswd", "/..%2Fa", "/a%00"]
)
def test_file_name_refuses_what_is_no_plain_name(path: str) -> None:
    with pytest.raises(HttpError, match="cannot be a file's name: write the name into 'destination'"):
        file_name(parse_address(f"http://host{path}"))


@pytest.mark.parametrize(
    "path", ["/C:x.msi", "/..%5Cx", "/a%5Cb", "/NUL", "/con.msi", "/a.", "/a%20", "/a%3Fb", "/x:stream"]
)
def test_file_name_refuses_what_is_no_plain_name_on_windows(path: str) -> None:
    assert file_name(parse_address(f"http://host{path}"))
    with pytest.raises(HttpError, match="cannot be a file's name"):
        file_name(parse_address(f"http://host{path}"), windows=True)


PROXIES = {"http_proxy": "http://proxy:3128", "https_proxy": "ann:x@secure:8080"}


def proxy_host(url: str, **environment: str) -> str | None:
    """The host of the proxy for an address, None for none."""
    proxy = proxy_for(parse_address(url), {**PROXIES, **environment})
    return proxy and proxy.host


def test_proxy_for_takes_the_one_of_the_scheme() -> None:
    assert proxy_for(parse_address("http://host/"), PROXIES) == Address("http", "proxy", 3128, "/")
    assert proxy_for(parse_address("https://host/"), PROXIES) == parse_address("http://ann:x@secure:8080")
    assert proxy_for(parse_address("http://host/"), {"HTTP_PROXY": "upper"}) == Address("http", "upper", 80, "/")
    assert proxy_host("http://host/", HTTP_PROXY="upper") == "proxy"
    assert proxy_for(parse_address("http://host/"), {"http_proxy": " ", "https_proxy": "x"}) is None


@pytest.mark.parametrize(
    ("no_proxy", "direct"),
    [
        ("", False),
        ("*", True),
        ("files.example.com", True),
        ("example.com", True),
        (".example.com", True),
        ("*.example.com", True),
        ("EXAMPLE.COM", True),
        ("other, example.com", True),
        ("other example.com", True),
        ("ample.com", False),
        ("files.example.com.org", False),
        ("example.com:80", True),
        ("example.com:81", False),
        (",,", False),
        (".", False),
        ("10.0.0.0/8", False),
    ],
)
def test_proxy_for_leaves_out_domains(no_proxy: str, direct: bool) -> None:
    assert (proxy_host("http://files.example.com/a", no_proxy=no_proxy) is None) == direct
    assert (proxy_host("http://files.example.com./a", NO_PROXY=no_proxy) is None) == direct


@pytest.mark.parametrize(
    ("url", "no_proxy", "direct"),
    [
        ("http://10.1.2.3/", "10.1.2.3", True),
        ("http://10.1.2.3/", "10.1.0.0/16", True),
        ("http://10.2.2.3/", "10.1.0.0/16", False),
        ("http://10.1.2.3/", "10.1.2.3:80", True),
        ("http://10.1.2.3/", "1.2.3", False),
        ("http://10.1.2.3/", "10.1.0.0/99", False),
        ("http://[fd00::1]/", "fd00::1", True),
        ("http://[fd00::1]/", "[fd00::1]", True),
        ("http://[fd00::1]:81/", "[fd00::1]:81", True),
        ("http://[fd00::1]:81/", "[fd00::1]:82", False),
        ("http://[fd00::1]/", "fd00::/8", True),
        ("http://[fd00::1]/", "10.0.0.0/8", False),
        ("http://localhost:8080/", "", True),
        ("http://127.1.1.1/", "", True),
        ("http://[::1]/", "", True),
    ],
)
def test_proxy_for_leaves_out_addresses(url: str, no_proxy: str, direct: bool) -> None:
    assert (proxy_host(url, no_proxy=no_proxy) is None) == direct


@pytest.mark.parametrize("value", ["https://proxy:3128", "socks5://proxy:1080", "http://ann:secret@:80", "a:b:c"])
def test_proxy_for_refuses_what_is_no_http_proxy(value: str) -> None:
    with pytest.raises(HttpError, match=r"^http_proxy in the environment: '") as caught:
        proxy_host("http://host/", http_proxy=value)
    assert "secret" not in caught.value.message
