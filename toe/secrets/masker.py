"""What must appear in no log: secrets by value, credentials in addresses by place. Who shows texts is elsewhere.

A value of fewer than 4 characters is not masked (toe.secrets.forms says why); `too_short` names it, so that somebody
can say so. A run without secrets imports nothing of what finds them.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from toe.quick_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toe.secrets.search import Search
    from toe.secrets.unquoting import Region

MASK = "***"
#: In lower case; a text with none of them has no signature.
_SIGNS = (b"sig=", b"sig%3d", b"signature", b"security-token", b"access_token")
#: An address that is split over two blocks of output is put together when it is not longer than this, in bytes.
LONGEST_ADDRESS = 4096

#: A hidden step that prints one of these tells no secret, and masked they would make logs and reports unreadable.
_WORDS_OF_EVERY_LOG = frozenset(
    "true false True False none None null success succeeded failed error done enabled disabled "
    "build validate test linux windows darwin x86_64 amd64 arm64 aarch64".split()
)


class Masker(ABC):
    """False while there is nothing to take out; its length only grows when more is to be taken out from now on."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def regions(self, data: bytes) -> list[Region]:
        """Where it stands, in order; what overlaps or touches is one region."""

    @property
    @abstractmethod
    def searches(self) -> Sequence[Search]:
        """What it looks for in streams."""

    def mask_text(self, text: str) -> str:
        """The text with `***` in its place; the same object when there is nothing in it."""
        if not self:
            return text
        data = text.encode("utf-8", "surrogatepass")
        masked = self.mask_bytes(data)
        if masked is data:
            return text
        try:
            return masked.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:  # a secret that is no UTF-8 was a part of a character
            return masked.decode("utf-8", "surrogateescape")

    def mask_bytes(self, data: bytes) -> bytes:
        """The same for bytes."""
        pieces: list[bytes] = []
        position = 0
        for start, end in self.regions(data):
            pieces += (data[position:start], MASK.encode())
            position = end
        return b"".join((*pieces, data[position:])) if pieces else data


class Secrets(Masker):
    """The secrets of a run; its length is how many texts are looked for.

    `names`: parameters and environment variables whose values are secrets (`--mask`).
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names = frozenset(names)
        self.too_short: list[str] = []
        self._unseen = set(self.names)
        self._parts: dict[str, None] = {}
        self._new_parts: list[str] = []
        self._new_plain_parts: list[str] = []
        self._search: Search | None = None

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def unseen_names(self) -> list[str]:
        """Those of `names` for which no value was given."""
        return sorted(self._unseen)

    def add(self, value: str, name: str = "", but: Collection[str] = ()) -> None:
        """Mask `value` from now on, its lines and the texts in it when it is JSON, but none of these.

        `name`: what people call it.
        """
        from toe.secrets.forms import LONGEST_IN_ALL_FORMS, parts

        found = dict.fromkeys(part for part in parts(value) if part not in but)
        if not found and value.strip() and name not in self.too_short:
            self.too_short.append(name)
        new = self._new_parts if len(value) <= LONGEST_IN_ALL_FORMS else self._new_plain_parts
        new += (part for part in found if part not in self._parts)
        self._parts.update(found)

    def add_named(self, values: Mapping[str, str | Sequence[str]]) -> None:
        """Add the values, each item of a list, whose names are among `names`."""
        for name in self.names & values.keys():
            self._unseen.discard(name)
            value = values[name]
            for text in (value,) if isinstance(value, str) else value:
                self.add(text, name)

    def regions(self, data: bytes) -> list[Region]:
        """Where secrets stand, in order; what overlaps or touches is one region."""
        return self.searches[0].regions(data) if self._parts else []

    @property
    def searches(self) -> Sequence[Search]:
        """The one that finds them."""
        if self._search is None:
            from toe.secrets.search import Search

            self._search = Search()
        for part in self._new_parts:
            self._search.add(part)
        for part in self._new_plain_parts:
            self._search.add_plain(part)
        self._new_parts.clear()
        self._new_plain_parts.clear()
        return (self._search,)


class LogSecrets(Masker):
    """What is in no log: the secrets of a run, what steps with `disableLogging` returned, credentials in addresses.

    Not for the state, which later steps live by: only the secrets are taken out of that.
    `has_credentials` is set by whoever sees the first text with some: until then no text is searched for them."""

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
    return re.compile(
        re.escape(slashes) + rb"[^\s/@:?#\"'<>\\]*:"
        rb"(?!\$\{?[A-Z_][A-Z0-9_]*\}?@|\{\{[^}\s]*\}\}@|\*+@|[0-9]{1,5}[?#])"
        rb"(?P<secret>[^\s/\"'<>]+)@"
    )


@lru_cache(maxsize=1)
def _signatures() -> re.Pattern[bytes]:
    """`X-Amz-Signature=...`, `&sig=...`, as they are, percent-encoded, in JSON, and as headers."""
    return re.compile(
        rb"(?i)(?:x-(?:amz|goog)-signature|x-(?:amz|goog)-security-token"
        rb"|(?:(?<=[?&;, ])|(?<=u0026)|(?<=%26))(?:sig|signature|access_token))"
        rb"(?:=|%3D|[\"']?: ?b?[\"']?)"
        rb"(?!\$\{?[A-Z_][A-Z0-9_]*|\{\{|\*)(?P<secret>[^\s&;,\"'<>\\#()]{3,})"
    )
