"""docker, by its commands; podman has the same ones."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from toe.errors import ToeError
from toe.images.engines.base import MISSING, NEVER, Image, Mount, Wanted
from toe.images.engines.commands import answered, asked
from toe.images.engines.docker_container import BARE, DockerContainer, undated
from toe.images.engines.owners import is_left_over
from toe.images.engines.words import host_platform, named, volume, with_prefix, workshop
from toe.system.cancellation import Cancellation

DOCKER = "docker"
_STAGE = re.compile(r"^[ \t]*FROM[ \t].*$", re.IGNORECASE | re.MULTILINE)


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

    def platform_of(self, image: str) -> str:
        """See `Engine.platform_of`."""
        return asked(self.name, "image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", image)

    def digest(
        self, image: str, *, pull: str = NEVER, platform: str = "", cancellation: Cancellation | None = None
    ) -> str:
        """See `Engine.digest`."""
        image = named(image)
        chosen = ("--platform", platform) if platform else ()
        if pull not in (NEVER, MISSING):
            self._pull(image, chosen, cancellation)
        try:
            return with_prefix(asked(self.name, "image", "inspect", "--format", "{{.Id}}", image))
        except ToeError as error:
            if pull == NEVER:
                raise ToeError(f"there is no local image '{image}'", hint=f"{self.name} pull {image}") from error
        self._pull(image, chosen, cancellation)
        return with_prefix(asked(self.name, "image", "inspect", "--format", "{{.Id}}", image))

    def _pull(self, image: str, chosen: Sequence[str], cancellation: Cancellation | None) -> None:
        """Fetch it. docker takes registries of this machine itself without TLS, and others that its daemon knows."""
        asked(self.name, "pull", "--quiet", *chosen, image, cancellation=cancellation)

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
        chosen = ("--platform", wanted.platform) if wanted.platform else ()
        how = ("--quiet", "--no-cache", "--force-rm", *chosen)  # what is cached, `toe` says
        command = (self.name, "build", *how, "--tag", wanted.image_name, "--file", "-", str(context))
        try:
            asked(self.name, "tag", wanted.below, below)
            text = labelled(dockerfile(below), wanted.labels)
            asked(*command, text=text, environment={**os.environ, **BARE}, cancellation=cancellation)
            return self.digest(wanted.image_name)
        finally:
            self.clear(wanted.image_name)

    def export(self, image: str, target: Path, cancellation: Cancellation | None = None) -> None:
        """See `Engine.export`."""
        container = self.open(image)
        try:
            container.create(("/",))
            asked(self.name, "export", "--output", str(target), container.name, cancellation=cancellation)
        finally:
            container.discard()

    def clear(self, image_name: str) -> None:
        """See `Engine.clear`. The builder before BuildKit leaves the images of its steps, without a name."""
        with suppress(ToeError):  # there is none
            asked(self.name, "rmi", f"{workshop(image_name)}:below")
        tag = image_name.rpartition(":")[2]
        for image in self._inspected_all("--filter", "dangling=true"):
            if tag in _labels_of(image).values():
                with suppress(ToeError):  # it has gone with one that was built on it
                    asked(self.name, "rmi", image["Id"])

    def tag(self, image_id: str, name: str) -> None:
        """See `Engine.tag`."""
        asked(self.name, "tag", image_id, name)

    def remove_image(self, image: str) -> None:
        """See `Engine.remove_image`."""
        asked(self.name, "rmi", image)

    def images(self, label: str = "") -> list[Image]:
        """See `Engine.images`."""
        chosen = ("--filter", f"label={label}") if label else ()
        return [
            Image(with_prefix(image["Id"]), tuple(image.get("RepoTags") or ()), _labels_of(image))
            for image in self._inspected_all(*chosen)
        ]

    def _inspected_all(self, *chosen: str) -> list[dict[str, Any]]:
        """What is told of the images that options of `images` choose."""
        ids = dict.fromkeys(asked(self.name, "images", "--quiet", "--no-trunc", *chosen).split())
        return answered(self.name, "image", "inspect", *ids) if ids else []

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


def _labels_of(image: Mapping[str, Any]) -> dict[str, str]:
    return (image.get("Config") or {}).get("Labels") or {}


def labelled(dockerfile: str, labels: Mapping[str, str]) -> str:
    """A Dockerfile whose every stage has these labels, so that what is left of any of them can be told by them."""
    lines = "".join(f"LABEL {name}={json.dumps(value)}\n" for name, value in labels.items())
    return _STAGE.sub(lambda found: f"{found[0]}\n{lines}", dockerfile)
