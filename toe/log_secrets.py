"""What is in no log: the secrets of a run, what steps with `disableLogging` returned, and credentials in addresses.

Not for the state, which later steps live by: only the secrets are taken out of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toe.credentials import credentials_in
from toe.secrets import Masker, Secrets

if TYPE_CHECKING:
    from toe.secret_search import Search
    from toe.unquoting import Region

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

    def __bool__(self) -> bool:
        return self.has_credentials or len(self._secrets) > 0 or len(self._hidden) > 0

    def __len__(self) -> int:
        return len(self._secrets) + len(self._hidden) + self.has_credentials

    def regions(self, data: bytes) -> list[Region]:
        """Where any of it stands, in order; what overlaps or touches is one region."""
        found = [*self._secrets.regions(data), *self._hidden.regions(data)]
        credentials = credentials_in(data)
        if credentials or (self._secrets and self._hidden):
            from toe.secret_needles import merged

            return merged((*found, *credentials))
        return found

    @property
    def searches(self) -> Sequence[Search]:
        """Those for the secrets and for what was hidden, where there are any."""
        return [search for secrets in (self._secrets, self._hidden) if secrets for search in secrets.searches]
