"""docker, by its commands; podman has the same ones.

A container of theirs has one command from its beginning to its end, so it is made when it first runs. What is kept of
one is an image: nothing can be started in a container that has ended, but its command.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from toe.errors import ToeError
from toe.images.engines.base import MISSING, NEVER, Image, Kept, Mount, Output, Wanted
from toe.images.engines.commands import answered, asked, conversed
from toe.images.engines.owners import is_left_over, kept_name, new_name
from toe.images.engines.words import SHELL, host_platform, named, volume, with_prefix, workshop
from toe.system.cancellation import Cancellation

DOCKER = "docker"
#: `docker build` by BuildKit adds a record of itself beside the image unless it is told not to.
_BARE = {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}


class Docker:
    """The engine `docker`, or one of another name that has the same commands."""

    #: The runtime has /dev in memory.
    inside = "/dev/.toe"
    sets_times = False

    def __init__(self, name: str = DOCKER, *, version_of: str = "Server") -> None:
        self.name = name
        self._version_of = version_of
        self._version = ""

    @property
    def identity(self) -> str:
        """Such as `podman 4.3.1`; of docker it is the daemon's version, which does the work."""
        if not self._version:
            self._version = asked(self.name, "version", "--format", f"{{{{.{self._version_of}.Version}}}}")
        return f"{self.name} {self._version}"

    def platform(self) -> str:
        """What this machine is."""
        return host_platform()

    def digest(
        self, image: str, *, pull: str = NEVER, platform: str = "", cancellation: Cancellation | None = None
    ) -> str:
        """See `Engine.digest`."""
        image = named(image)
        chosen = ("--platform", platform) if platform else ()
        if pull not in (NEVER, MISSING):
            asked(self.name, "pull", "--quiet", *chosen, image, cancellation=cancellation)
        try:
            return with_prefix(asked(self.name, "image", "inspect", "--format", "{{.Id}}", image))
        except ToeError as error:
            if pull == NEVER:
                raise ToeError(f"there is no local image '{image}'", hint=f"{self.name} pull {image}") from error
        asked(self.name, "pull", "--quiet", *chosen, image, cancellation=cancellation)
        return with_prefix(asked(self.name, "image", "inspect", "--format", "{{.Id}}", image))

    def open(self, image: str, mounts: Sequence[Mount] = (), *, platform: str = "") -> DockerContainer:
        """See `Engine.open`."""
        configuration = answered(self.name, "image", "inspect", image)[0].get("Config") or {}
        return DockerContainer(self.name, image, self._words(mounts, platform), configuration)

    def _words(self, mounts: Sequence[Mount], platform: str) -> list[str]:
        """How a container is made."""
        bound = [word for mount in mounts for word in ("--volume", volume(mount))]
        return [*bound, "--platform", platform] if platform else bound

    def build(
        self,
        dockerfile: Callable[[str], str],
        context: Path,
        wanted: Wanted,
        cancellation: Cancellation | None = None,
    ) -> str:
        """See `Engine.build`."""
        if wanted.timestamp is not None:
            raise undated(self.name)
        below = f"{workshop(wanted.image_name)}:below"
        labels = [word for pair in wanted.labels.items() for word in ("--label", "=".join(pair))]
        chosen = ("--platform", wanted.platform) if wanted.platform else ()
        how = ("--quiet", "--no-cache", *chosen, *labels)  # what is cached, `toe` says
        command = (self.name, "build", *how, "--tag", wanted.image_name, "--file", "-", str(context))
        try:
            asked(self.name, "tag", wanted.below, below)
            asked(*command, text=dockerfile(below), environment={**os.environ, **_BARE}, cancellation=cancellation)
            return self.digest(wanted.image_name)
        finally:
            self.clear(wanted.image_name)

    def clear(self, image_name: str) -> None:
        """See `Engine.clear`."""
        with suppress(ToeError):  # there is none
            asked(self.name, "rmi", f"{workshop(image_name)}:below")

    def tag(self, image_id: str, name: str) -> None:
        """See `Engine.tag`."""
        asked(self.name, "tag", image_id, name)

    def remove_image(self, image: str) -> None:
        """See `Engine.remove_image`."""
        asked(self.name, "rmi", image)

    def images(self, label: str = "") -> list[Image]:
        """See `Engine.images`."""
        chosen = ("--filter", f"label={label}") if label else ()
        ids = dict.fromkeys(asked(self.name, "images", "--quiet", "--no-trunc", *chosen).split())
        found = answered(self.name, "image", "inspect", *ids) if ids else []
        return [
            Image(
                with_prefix(image["Id"]),
                tuple(image.get("RepoTags") or ()),
                (image.get("Config") or {}).get("Labels") or {},
            )
            for image in found
        ]

    def push(self, image: str, target: str, *, tls_verify: bool = True) -> str:
        """See `Engine.push`. docker trusts no registry without TLS but those that its daemon knows."""
        asked(self.name, "tag", image, target)
        words = asked(self.name, "push", target).split()
        if "digest:" not in words:
            raise ToeError(f"{self.name} push: it told no digest of '{target}'")
        return words[words.index("digest:") + 1]

    def pull(self, source: str, *, tls_verify: bool = True) -> str:
        """See `Engine.pull`."""
        source = named(source)
        asked(self.name, "pull", "--quiet", source)
        return self.digest(source)

    def left_overs(self) -> list[str]:
        """See `Engine.left_overs`."""
        names = asked(self.name, "ps", "--all", "--format", "{{.Names}}").split()
        return [name for name in names if is_left_over(name)]

    def clean(self) -> list[str]:
        """See `Engine.clean`. Another `toe` may do the same at the same time."""
        names = self.left_overs()
        for name in names:
            with suppress(ToeError):
                asked(self.name, "rm", "--force", name)
        for image in asked(self.name, "images", "--format", "{{.Repository}}").split():
            if is_left_over(image.rpartition("/")[2]):
                with suppress(ToeError):
                    asked(self.name, "rmi", image)
        return names


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
        words = ("--name", self.name, *how, *self._words, "--entrypoint", argv[0], self._image, *argv[1:])
        asked(self._program, "create", *words)
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
        return with_prefix(asked(self._program, "commit", *words, self.name, *named).split()[-1])

    def _restored(self) -> list[str]:
        """What the container was made with in place of what its image says, as lines of a Dockerfile.

        The working directory is what the image says, or `/`, which means the same as none.
        """
        entrypoint, command = (self._configuration.get(key) or [] for key in ("Entrypoint", "Cmd"))
        lines = [f"ENTRYPOINT {json.dumps(entrypoint)}", f"CMD {json.dumps(command)}"]
        own_user = self._configuration.get("User")
        return [*lines, f"USER {own_user}"] if own_user else lines

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
