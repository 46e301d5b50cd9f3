"""What is in no log: the secrets of a run, what steps with `disableLogging` returned, and credentials in addresses.

Not for the state, which later steps live by: only the secrets are taken out of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from toe.quick_typing import TYPE_CHECKING
from toe.secrets.masker import Masker, Secrets

if TYPE_CHECKING:
    import re

    from toe.secrets.search import Search
    from toe.secrets.unquoting import Region

#: In lower case; a text with none of them has no signature.
_SIGNS = (b"sig=", b"sig%3d", b"signature", b"security-token", b"access_token")
#: An address that is split over two blocks of output is put together when it is not longer than this, in bytes.
LONGEST_ADDRESS = 4096

#: A hidden step that prints one of these tells no secret, and masked they would make logs and reports unreadable.
_WORDS_OF_EVERY_LOG = frozenset(
    "true false True False none None null success succeeded failed error done enabled disabled "
    "build validate test linux windows darwin x86_64 amd64 arm64 aarch64".split()
)


class LogSecrets(Masker):
    """`has_credentials` is set by whoever sees the first text with some: until then no text is searched for them."""

    def __init__(self, secrets: Secrets, *, has_credentials: bool = False) -> None:
        self._secrets = secrets
        self._hidden = Secrets()
        self.has_credentials = has_credentials

    def hide(self, value: str) -> None:
        """Treat the value as a secret from now on."""
        self._hidden.add(value, but=_WORDS_OF_EVERY_LOG)

    def __len__(self) -> int:
        return len(self._secrets) + len(self._hidden) + self.has_credentials

    def regions(self, data: bytes) -> list[Region]:
        """Where any of it stands, in order; what overlaps or touches is one region."""
        found = [*self._secrets.regions(data), *self._hidden.regions(data)]
        credentials = credentials_in(data)
        if credentials or (self._secrets and self._hidden):
            from toe.secrets.needles import merged

            return merged((*found, *credentials))
        return found

    @property
    def searches(self) -> Sequence[Search]:
        """Those for the secrets and for what was hidden, where there are any."""
        return [search for secrets in (self._secrets, self._hidden) if secrets for search in secrets.searches]


def credentials_in(data: bytes) -> list[Region]:
    """Where a web address tells its password, or the signature or token in its query, in order.

    Known by where it stands, not by its value. What is a reference to a value (`${TOKEN}`, `{{ Token }}`) stays.
    """
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
