"""A working container of buildah."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from toe.errors import ToeError
from toe.images.engines.base import OCI, Kept, Output
from toe.images.engines.commands import asked, conversed
from toe.images.engines.mount_points import visited
from toe.images.engines.owners import kept_name
from toe.images.engines.words import SHELL, with_prefix
from toe.system.cancellation import Cancellation
from toe.system.host import is_root

BUILDAH = "buildah"
#: What buildah has the manifest of an image say of the image below, which is one of the cache.
OF_BASE = ("org.opencontainers.image.base.name", "org.opencontainers.image.base.digest")


class BuildahContainer:
    """A working container of buildah."""

    def __init__(self, name: str, isolation: str) -> None:
        self.name = name
        self._isolation = isolation
        self._missing: list[str] | None = None

    def run(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        user: str = "0",
        cancellation: Cancellation | None = None,
        output: Output | None = None,
    ) -> int:
        """See `Container.run`."""
        if self._missing is None:
            self._missing = visited((BUILDAH, "mount", self.name))
        variables = [word for pair in (environment or {}).items() for word in ("--env", "=".join(pair))]
        how = ("--isolation", self._isolation, "--user", user, *variables)
        return conversed((BUILDAH, "run", *how, "--", self.name, *argv), cancellation, output)

    def commit(
        self, image_name: str = "", *, labels: Mapping[str, str] | None = None, timestamp: int | None = None
    ) -> str:
        """See `Container.commit`."""
        if self._missing:
            visited((BUILDAH, "mount", self.name), self._missing)
        labelled = [word for pair in (labels or {}).items() for word in ("--label", "=".join(pair))]
        bare = [word for name in OF_BASE for word in ("--annotation", f"{name}-")]  # the sign takes one away
        asked(BUILDAH, "config", *labelled, *bare, self.name)
        dated = () if timestamp is None else ("--timestamp", str(timestamp))
        named = (image_name,) if image_name else ()
        return with_prefix(asked(BUILDAH, "commit", "--quiet", "--identity-label=false", *dated, self.name, *named))

    def discard(self) -> None:
        """See `Container.discard`."""
        with suppress(ToeError):  # it is gone
            asked(BUILDAH, "rm", self.name)

    def keep(self, *, outlives: bool = True) -> Kept:
        """See `Container.keep`. What was mounted from this machine is not there any more."""
        if outlives:
            name = kept_name()
            asked(BUILDAH, "umount", self.name)
            asked(BUILDAH, "rename", self.name, name)
            self.name = name
        how = ("--isolation", self._isolation, "--user", "0")
        return Kept([BUILDAH, "run", "--terminal", *how, "--", self.name, *SHELL], [BUILDAH, "rm", self.name])


def own_word(isolation: str) -> str:
    """What buildah calls an isolation: without root its OCI has a name of its own, and this machine's network."""
    return "rootless" if isolation == OCI and not is_root() else isolation
