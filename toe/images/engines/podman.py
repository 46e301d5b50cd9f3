"""podman: docker's commands, and an image that has the configuration of the one below, and nothing of podman in it.

What `podman commit` writes says more than it was asked for (a working directory, the command), and so does what `podman
build` writes. So the layers are taken from there, and the configuration is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from toe.errors import ToeError
from toe.images.engines.base import Mount, Wanted
from toe.images.engines.commands import answered, asked
from toe.images.engines.docker import Docker
from toe.images.engines.docker_container import DockerContainer, undated
from toe.images.engines.mount_points import visited
from toe.images.engines.oci_archive import write_archive
from toe.images.engines.owners import new_name
from toe.images.engines.words import left_working, runs_commands, tls, with_prefix, workshop
from toe.images.engines.work_folders import work_folder
from toe.system.cancellation import Cancellation

PODMAN = "podman"


class Podman(Docker):
    """The engine `podman`."""

    def __init__(self) -> None:
        super().__init__(PODMAN, version_of="Client")

    def open(self, image: str, mounts: Sequence[Mount] = (), *, platform: str = "") -> PodmanContainer:
        """See `Engine.open`."""
        settings = _inspected(image)
        words = [*_without_own_variables(settings), *self._words(mounts, platform)]
        return PodmanContainer(image, words, settings)

    def build(
        self,
        dockerfile: Callable[[str], str],
        context: Path,
        wanted: Wanted,
        cancellation: Cancellation | None = None,
    ) -> str:
        """See `Engine.build`."""
        if wanted.timestamp is not None:
            raise undated(PODMAN)
        below, made = (f"{workshop(wanted.image_name)}:{tag}" for tag in ("below", "made"))
        chosen = ("--platform", wanted.platform) if wanted.platform else ()
        how = ("--quiet", "--identity-label=false", "--layers=false", *chosen)
        try:
            asked(PODMAN, "tag", wanted.below, below)
            text = dockerfile(below)
            command = (PODMAN, "build", *how, "--tag", made, "--file", "-", str(context))
            asked(*command, text=text, cancellation=cancellation)
            if runs_commands(text):
                return self._cleaned(made, wanted)
            built = _inspected(made)
            return _assembled(built, built, wanted.image_name, wanted.labels)
        finally:
            self.clear(wanted.image_name)

    def _cleaned(self, made: str, wanted: Wanted) -> str:
        """The image with a further layer, in which the mount points are gone that the image below lacks."""
        container = PodmanContainer(made, self._words((), wanted.platform), _inspected(made), wanted.below)
        try:
            container.create(("/",))
            return container.commit(wanted.image_name, labels=wanted.labels)
        finally:
            container.discard()

    def clear(self, image_name: str) -> None:
        """See `Engine.clear`. What builds of podman were doing is seen with `--external` alone."""
        names = asked(PODMAN, "ps", "--all", "--external", "--format", "{{.Names}}").split()
        for name in left_working(names, image_name):
            with suppress(ToeError):
                asked(PODMAN, "rm", "--force", name)
        for tag in ("made", "below"):
            with suppress(ToeError):  # there is none
                asked(PODMAN, "rmi", f"{workshop(image_name)}:{tag}")

    def _pull(self, image: str, chosen: Sequence[str], cancellation: Cancellation | None) -> None:
        super()._pull(image, (*chosen, *tls(image)), cancellation)


class PodmanContainer(DockerContainer):
    """A container of podman. An image of it has none of the mount points that the image `lacking` has not."""

    def __init__(self, image: str, words: Sequence[str], settings: Mapping[str, Any], lacking: str = "") -> None:
        super().__init__(PODMAN, image, words, settings.get("Config") or {})
        self._settings = settings
        self._lacking = lacking or image

    def commit(
        self, image_name: str = "", *, labels: Mapping[str, str] | None = None, timestamp: int | None = None
    ) -> str:
        """See `Container.commit`. Raises ToeError for a timestamp: files keep the times that they have."""
        if timestamp is not None:
            raise undated(PODMAN)
        visited((PODMAN, "mount", self.name), visited((PODMAN, "image", "mount", self._lacking)))
        layers = asked(PODMAN, "commit", "--quiet", self.name, self.name).split()[-1]
        try:
            return _assembled(self._settings, _inspected(layers), image_name, labels or {})
        finally:
            with suppress(ToeError):
                asked(PODMAN, "rmi", layers)


def _assembled(
    settings: Mapping[str, Any], layers: Mapping[str, Any], image_name: str, labels: Mapping[str, str]
) -> str:
    """The id of an image with the settings of one image, as podman tells of them, the layers of another, and labels."""
    config = dict(settings.get("Config") or {})
    if labels:
        config["Labels"] = {**(config.get("Labels") or {}), **labels}
    configuration = {
        "created": layers["Created"],
        **({"author": settings["Author"]} if settings.get("Author") else {}),
        "architecture": settings["Architecture"],
        "os": settings["Os"],
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": layers["RootFS"]["Layers"]},
        "history": layers.get("History") or [],
    }
    name = image_name or f"localhost/{new_name()}"
    with work_folder() as folder:
        path = folder / "image.tar"
        with path.open("wb") as file:
            write_archive(file, configuration, name)
        made = asked(PODMAN, "pull", "--quiet", f"oci-archive:{path}").split()[-1]
    if not image_name:
        asked(PODMAN, "untag", made)
    return with_prefix(made)


def _without_own_variables(settings: Mapping[str, Any]) -> list[str]:
    """A container has the variables of its image, and none of podman."""
    known = {pair.partition("=")[0] for pair in (settings.get("Config") or {}).get("Env") or ()}
    return [f"--unsetenv={name}" for name in ("container", "TERM") if name not in known]


def _inspected(image: str) -> dict[str, Any]:
    found: dict[str, Any] = answered(PODMAN, "image", "inspect", image)[0]
    return found
