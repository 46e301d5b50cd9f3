"""Finds what a web address must not tell: its password, and the signature or token in its query. Pure.

Known by where it stands, not by its value. What is a reference to a value (`${TOKEN}`, `{{ Token }}`) stays.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re

    from toe.unquoting import Region

#: In lower case; a text with none of them has no signature.
_SIGNS = (b"sig=", b"sig%3d", b"signature", b"security-token", b"access_token")
#: An address that is split over two blocks of output is put together when it is not longer than this, in bytes.
LONGEST_ADDRESS = 4096


def credentials_in(data: bytes) -> list[Region]:
    """Where they stand, in order."""
    found: list[Region] = []
    for slashes in (b"://", rb":\/\/") if b"@" in data else ():
        if slashes in data:
            found += (match.span("secret") for match in _passwords(slashes).finditer(data))
    lowered = data.lower() if b"=" in data or b":" in data or b"%" in data else b""
    if any(sign in lowered for sign in _SIGNS):
        found += (match.span("secret") for match in _signatures().finditer(data))
    return sorted(found)


def unfinished_address(data: bytes) -> int:
    """The bytes at the end of `data`, which goes on in the next block, that may belong to an address."""
    tail = data[-LONGEST_ADDRESS:]
    word = tail.split()[-1] if tail and not tail[-1:].isspace() else b""
    return len(word) if any(map(word.__contains__, b":?&=%-")) else 0


@lru_cache(maxsize=2)
def _passwords(slashes: bytes) -> re.Pattern[bytes]:
    """`https://user:password@`; the search is linear, since neither user nor password may hold the `/` before them."""
    import re

    return re.compile(
        re.escape(slashes) + rb"[^\s/@:?#\"'<>\\]*:"
        rb"(?!\$\{?[A-Z_][A-Z0-9_]*\}?@|\{\{[^}\s]*\}\}@|\*+@|[0-9]{1,5}[?#])"
        rb"(?P<secret>[^\s/\"'<>]+)@"
    )


@lru_cache(maxsize=1)
def _signatures() -> re.Pattern[bytes]:
    """`X-Amz-Signature=...`, `&sig=...`, as they are, percent-encoded, in JSON, and as headers."""
    import re

    return re.compile(
        rb"(?i)(?:x-(?:amz|goog)-signature|x-(?:amz|goog)-security-token"
        rb"|(?:(?<=[?&;, ])|(?<=u0026)|(?<=%26))(?:sig|signature|access_token))"
        rb"(?:=|%3D|[\"']?: ?b?[\"']?)"
        rb"(?!\$\{?[A-Z_][A-Z0-9_]*|\{\{|\*)(?P<secret>[^\s&;,\"'<>\\#()]{3,})"
    )
