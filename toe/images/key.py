"""The key of a cached layer: what went into it, by name, so that two keys can be told apart in words.

What a script fetches by itself is in no key: nobody knows it. The store limits the age of what it gives back instead.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from toe.records import NamedTuple

#: Rises when a key of today would mean another layer tomorrow.
FORMAT = "toe-image/1"
#: Rounds of PBKDF2 for secrets: what is kept of one must not be found out by trying. About 0.1 s.
_ROUNDS = 200_000


class Key(NamedTuple):
    """What a layer is made of. `parts` are texts by name, such as `document` or `parameter Version`; none is a secret.

    `uncacheable` says why the layer cannot be given back though all parts are the same; () where it can.
    """

    parts: Mapping[str, str]
    uncacheable: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The SHA-256 of the parts, in hexadecimal digits: the name of the layer."""
        text = json.dumps([FORMAT, sorted(self.parts.items())], ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Change(NamedTuple):
    """A part in which a key differs from an earlier one; `before` or `after` is None where it has no such part."""

    part: str
    before: str | None
    after: str | None


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    """The parts in which two keys differ, in the order of the later one, then what is gone."""
    names: Iterable[str] = dict.fromkeys((*after, *before))
    found = (Change(name, before.get(name), after.get(name)) for name in names)
    return tuple(change for change in found if change.before != change.after)


def digest_of(data: bytes) -> str:
    """The SHA-256 of a document or a template, as it stands in a part."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def digest_of_secret(name: str, value: str) -> str:
    """What stands for the value of a secret in a part: equal for equal values, and not to be found out by trying."""
    salt = f"{FORMAT} {name}".encode("utf-8", "surrogatepass")
    return f"pbkdf2:{hashlib.pbkdf2_hmac('sha256', value.encode('utf-8', 'surrogatepass'), salt, _ROUNDS).hex()}"
