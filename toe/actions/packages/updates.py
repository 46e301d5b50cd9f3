"""What a package manager can do for UpdateOS, in words that all of them share. Knows no particular one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from toe.records import NamedTuple


class Update(NamedTuple):
    """An installed package of which there is a newer version. `spec` names it and its architecture to the manager."""

    name: str
    spec: str
    version: str


class Updates(NamedTuple):
    """`installable` can be installed now; `kept_back` are names of packages whose update the manager holds back."""

    installable: tuple[Update, ...] = ()
    kept_back: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every package of which there is a newer version, once, sorted."""
        return tuple(sorted({update.name for update in self.installable} | set(self.kept_back)))


class PackageManager(Protocol):
    """A package manager, told what to exclude when it was opened. Each method raises ActionError when it fails."""

    def refresh(self) -> None:
        """Fetch the lists of packages anew."""

    def updates(self) -> Updates:
        """What there is; nothing is changed. Excluded packages are not among the installable ones."""

    def upgrade_all(self) -> None:
        """Update everything but the excluded packages, which also replaces packages that were renamed."""

    def upgrade_only(self, wanted: Sequence[Update], others: Sequence[Update]) -> None:
        """Update `wanted`, with what they need, and none of `others` unless it is needed; these are all installable."""

    def reboot_reason(self) -> str:
        """What says that a reboot is needed to complete the updates; empty when nothing does."""
