"""Web addresses: read, shown without their secrets, followed to where a redirect leads."""

from __future__ import annotations

import base64
import os
import re
from urllib.parse import quote_from_bytes, unquote_to_bytes, urljoin

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from toe.records import NamedTuple
from toe.system.files.opening import SEPARATORS, shown
from toe.system.http.terms import HttpError
from toe.system.windows.paths import is_windows_name

PORTS = {"http": 80, "https": 443}
_ASCII = "".join(map(chr, range(0x21, 0x7F)))


class Address(NamedTuple):
    """An http(s) address. `host` has no brackets, `target` is path and query as they are sent.

    `authorization` is the header that stands for the user and password of the address, "" without; what is shown of an
    address holds neither them nor the query, which is where signed addresses have their secret.
    """

    scheme: str
    host: str
    port: int
    target: str
    authorization: str = ""

    @property
    def origin(self) -> str:
        """Scheme, host and port: who gets to see the authorization."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def url(self) -> str:
        """The whole address, without user and password."""
        return self.origin + self.target

    @property
    def shown(self) -> str:
        """The address as it can stand in logs and messages."""
        return self.origin + self.target.partition("?")[0]


def parse_address(text: str) -> Address:
    """An address from its text. Raises HttpError when it is no http(s) address."""
    try:
        url = parse_url(text)
    except LocationParseError:
        url = None
    if url is None or url.scheme not in PORTS or not url.host:
        raise HttpError(f"'{_masked(text)}' is no http or https address")
    return Address(
        url.scheme, url.host.strip("[]"), url.port or PORTS[url.scheme], url.request_uri, basic_authorization(url.auth)
    )


def basic_authorization(userinfo: str | None) -> str:
    """The header for the `user:password` of an address, which is percent-encoded there; "" for none."""
    if not userinfo:
        return ""
    login = userinfo if ":" in userinfo else f"{userinfo}:"
    return "Basic " + base64.b64encode(unquote_to_bytes(login)).decode()


def _masked(text: str) -> str:
    """Something that is no good address, without what could be a password or a query in it."""
    text = text.partition("?")[0]
    scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text)
    start = scheme[0] if scheme else ""
    return shown(start + text[len(start) :].rpartition("@")[2])


def redirected(address: Address, location: str) -> Address:
    """Where a Location header leads. Authorization goes along within the same scheme, host and port alone.

    Raises HttpError when that is no http(s) address.
    """
    location = quote_from_bytes(location.encode("latin-1", "replace"), safe=_ASCII)  # servers send UTF-8 unencoded
    try:
        target = parse_address(urljoin(address.url, location))
    except (HttpError, ValueError) as error:
        raise HttpError(
            f"'{address.shown}' redirects to '{_masked(location)}', which is no http or https address"
        ) from error
    if address.origin == target.origin and not target.authorization:
        return target._replace(authorization=address.authorization)
    return target


def file_name(address: Address, *, windows: bool = False) -> str:
    """The name of a file that the last segment of an address gives. Raises HttpError when that is no plain name.

    A name with a line break or another control character is none: outputs and logs have one name a line.
    `windows`: nor one there, where `C:x` would be a file outside of the folder that it is joined to.
    """
    segment = address.target.partition("?")[0].rpartition("/")[2]
    name = os.fsdecode(unquote_to_bytes(segment))
    is_plain = name not in ("", os.curdir, os.pardir) and not any(one in SEPARATORS or one < " " for one in name)
    if not is_plain or (windows and not is_windows_name(name)):
        raise HttpError(
            f"the last segment of '{address.shown}' cannot be a file's name: write the name into 'destination'"
        )
    return name
