"""What an image is made of that may be newer one day, and what of it is: the base, and components with `x`. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from toe.images.key import digest_of
from toe.images.names import parse_reference
from toe.images.order import Found
from toe.images.versions import ANY
from toe.records import NamedTuple

RECIPE = "recipe"


class Update(NamedTuple):
    """Something of which the image was made that is another one now. `before` is "" for what is new."""

    what: str
    before: str
    now: str

    @property
    def described(self) -> str:
        """Such as `component nginx: 1.0.0/1 is 1.0.1/1 now`."""
        if not self.before:
            return f"{self.what}: {_short(self.now)} is new"
        if not self.now:
            return f"{self.what}: {_short(self.before)} is gone"
        return f"{self.what}: {_short(self.before)} is {_short(self.now)} now"


def made_of(found: Found) -> dict[str, str]:
    """What may be newer at the next run, by name. A component in a file has no version: its document counts."""
    parts = {RECIPE: found.recipe_digest, f"base {found.base}": found.base_digest}
    for part, use in zip(found.parts, found.recipe.components, strict=True):
        reference = parse_reference(use.reference)
        if reference is None or ANY in reference.version or use.inline is not None:
            component = part.component
            version = f"{component.version}/{component.build}"
            parts[f"component {part.name}"] = f"{version} {digest_of(component.text)}"
    return parts


def updates_since(before: Mapping[str, str], now: Mapping[str, str]) -> list[Update]:
    """What has changed, in the order of the later one."""
    names = dict.fromkeys((*now, *before))
    return [
        Update(name, before.get(name, ""), now.get(name, ""))
        for name in names
        if before.get(name, "") != now.get(name, "")
    ]


def _short(value: str) -> str:
    """Versions and the beginnings of digests."""
    words = (word.removeprefix("sha256:")[:12] if word.startswith("sha256:") else word for word in value.split(" "))
    return " ".join(words)
