"""Which packages UpdateOS is to update: include minus exclude. Pure; asks no package manager."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from toe.errors import ActionError
from toe.records import NamedTuple

# No character that means something in apt's preferences, zypper's locks or a glob, but the `*` itself.
_PATTERN = re.compile(r"[A-Za-z0-9_*][A-Za-z0-9_.+*-]*")


class Selection(NamedTuple):
    """Names of packages, without version and architecture; `*` stands for any characters. No include means all."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def wants(self, name: str) -> bool:
        """Whether the package is to be updated."""
        return (not self.include or matches(name, self.include)) and not self.excludes(name)

    def excludes(self, name: str) -> bool:
        """Whether the package must stay as it is."""
        return matches(name, self.exclude)

    @property
    def excludes_all(self) -> bool:
        """Whether nothing can be left: managers have notions of their own of a lone `*`, so they are not asked."""
        return any(not pattern.strip("*") for pattern in self.exclude)

    @property
    def full_names(self) -> tuple[str, ...]:
        """The packages that `include` names without a wildcard, less the excluded ones."""
        return tuple(name for name in self.include if "*" not in name and not self.excludes(name))

    def check(self) -> None:
        """Raise ActionError for an entry that cannot be the name of a package."""
        for key, patterns in zip(self._fields, self, strict=True):
            for pattern in patterns:
                if not _PATTERN.fullmatch(pattern):
                    raise ActionError(
                        f"'{pattern}' in '{key}' is no name of a package:"
                        " give names without version and architecture, '*' for any characters"
                    )


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns covers the whole name."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)
