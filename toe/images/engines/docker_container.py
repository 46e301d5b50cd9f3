"""A container of docker, or of podman.

It has one command from its beginning to its end, so it is made when it first runs. What is kept of one is an image:
nothing can be started in a container that has ended, but its command.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from toe.errors import ToeError
from toe.images.engines.base import Kept, Output
from toe.images.engines.commands import asked, conversed
from toe.images.engines.owners import kept_name, new_name
from toe.images.engines.words import SHELL, with_prefix
from toe.system.cancellation import Cancellation

#: `docker build` by BuildKit adds a record of itself beside the image unless it is told not to.
BARE = {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
_NOTHING: Mapping[str, str] = MappingProxyType({})


class DockerContainer:
    """A container of docker, of an image with this configuration."""

    def __init__(self, program: str, image: str, words: Sequence[str], configuration: Mapping[str, Any]) -> None:
        self.name = new_name()
        self._program, self._image = program, image
        self._words = words
        self._configuration = configuration
        self._argv: tuple[str, ...] = ()

    def run(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        user: str = "0",
        cancellation: Cancellation | None = None,
        output: Output | None = None,
    ) -> int:
        """See `Container.run`. Raises ToeError for another command than that of its first run."""
        if not self._argv:
            self.create(argv, environment or {}, user)
        elif self._argv != tuple(argv):
            raise ToeError(f"{self._program} runs the same command in a container again, and no other one")
        return conversed((self._program, "start", "--attach", "--interactive", self.name), cancellation, output)

    def create(self, argv: Sequence[str], environment: Mapping[str, str] = _NOTHING, user: str = "0") -> None:
        """Make it without starting it."""
        variables = [word for pair in environment.items() for word in ("--env", "=".join(pair))]
        acting = () if user == (self._configuration.get("User") or "0") else ("--user", user)
        # no log: it would keep what a run says; no label of SELinux: it would hide this machine's folders
        how = ("--interactive", "--log-driver", "none", "--security-opt", "label=disable", *acting, *variables)
        words = ("--name", self.name, *how, *self._words)
        if self._configuration.get("Entrypoint"):
            asked(self._program, "create", *words, "--entrypoint", argv[0], self._image, *argv[1:])
        else:  # a commit would not have none again
            asked(self._program, "create", *words, self._image, *argv)
        self._argv = tuple(argv)

    def commit(
        self, image_name: str = "", *, labels: Mapping[str, str] | None = None, timestamp: int | None = None
    ) -> str:
        """See `Container.commit`. Raises ToeError for a timestamp: these engines take the time of the commit."""
        if timestamp is not None:
            raise undated(self._program)
        changes = [*self._restored(), *(f"LABEL {name}={json.dumps(value)}" for name, value in (labels or {}).items())]
        words = [word for change in changes for word in ("--change", change)]
        named = (image_name,) if image_name else ()
        made = asked(self._program, "commit", *words, self.name, *(() if self._is_without_command else named))
        made = made.split()[-1]
        return self._without_command(made, image_name) if self._is_without_command else with_prefix(made)

    def _restored(self) -> list[str]:
        """What the container was made with in place of what its image says, as lines of a Dockerfile.

        The working directory is what the image says, or `/`, which means the same as none.
        """
        entrypoint, command = (self._configuration.get(key) or [] for key in ("Entrypoint", "Cmd"))
        lines = [f"ENTRYPOINT {json.dumps(entrypoint)}"] if entrypoint else []
        lines += [f"CMD {json.dumps(command)}"] if entrypoint or command else []
        own_user = self._configuration.get("User")
        return [*lines, f"USER {own_user}"] if own_user else lines

    @property
    def _is_without_command(self) -> bool:
        """Whether its image names nothing to run. A commit cannot say that: it names what the container ran."""
        return not (self._configuration.get("Entrypoint") or self._configuration.get("Cmd"))

    def _without_command(self, image: str, name: str) -> str:
        """A committed image that names nothing to run, in place of one that does."""
        named = ("--tag", name) if name else ()
        command = (self._program, "build", "--quiet", "--no-cache", "--force-rm", *named, "-")
        asked(self._program, "tag", image, self.name)  # BuildKit takes an id for the name of one to fetch
        try:
            made = asked(*command, text=f"FROM {self.name}\nCMD []\n", environment={**os.environ, **BARE})
        finally:
            with suppress(ToeError):
                asked(self._program, "rmi", self.name)
        return with_prefix(made.split()[-1])

    def discard(self) -> None:
        """See `Container.discard`."""
        with suppress(ToeError):  # it is gone, or was never made
            asked(self._program, "rm", "--force", "--volumes", self.name)
        with suppress(ToeError):
            asked(self._program, "rmi", self.name)

    def keep(self, *, outlives: bool = True) -> Kept:
        """See `Container.keep`: an image of it is."""
        name = kept_name() if outlives else self.name
        self.commit(name)
        if outlives:
            self.discard()
        enter = [self._program, "run", "--rm", "--interactive", "--tty", "--user", "0", "--entrypoint", SHELL[0]]
        return Kept([*enter, name, *SHELL[1:]], [self._program, "rmi", name])


def undated(program: str) -> ToeError:
    """These engines take the time of a build or a commit."""
    return ToeError(f"{program} cannot give an image another time", hint="--engine buildah can")
