"""What `toe` asks of an engine of containers, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from toe.system.cancellation import Cancellation

#: How the processes of a container are kept apart: by an OCI runtime in namespaces of their own, or by chroot alone.
OCI, CHROOT = "oci", "chroot"
#: Whether `Engine.digest` fetches an image: never, where it is not here, where the registry has a newer one.
NEVER, MISSING, NEWER = "never", "missing", "newer"

#: Gets the blocks of bytes that a process puts out, with the name of the stream: `stdout` or `stderr`.
Output = Callable[[str, bytes], None]


class Mount(NamedTuple):
    """A folder of the host at a path of the container; read-only unless it is `writable`."""

    source: Path
    target: str
    writable: bool = False


class Wanted(NamedTuple):
    """What is made of a Dockerfile: an image of this name, on a local image `below`.

    `labels` and `timestamp` as in `Container.commit`; `platform` "" for that of this machine.
    """

    image_name: str
    below: str
    labels: Mapping[str, str]
    timestamp: int | None = None
    platform: str = ""


class Container(Protocol):
    """A file system made of an image, with the process that works in it for as long as `run` takes."""

    @property
    def name(self) -> str:
        """The name by which the engine knows it."""

    def run(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        user: str = "0",
        cancellation: Cancellation | None = None,
        output: Output | None = None,
    ) -> int:
        """Start the container's process, wait for it and return its exit code.

        It may be called again with the same `argv`: the file system is kept, all processes are new, as after a reboot.
        Its standard input is a pipe that nobody else holds: it ends when this process is gone. A line `SIGTERM` comes
        through it when `cancellation` is asked for; the process has to see to it. Variables in `environment` are seen
        by whoever may list processes: no secrets. Raises ToeError when the engine cannot start it.
        """

    def commit(
        self, image_name: str = "", *, labels: Mapping[str, str] | None = None, timestamp: int | None = None
    ) -> str:
        """Make an image of the file system and return its id, `sha256:...`; the container stays as it is.

        Its configuration is that of the image that the container was made of, with these labels. `timestamp`, seconds
        since 1970, takes the place of all times. What the engine made for its mounts is not in it. Raises ToeError.
        """

    def discard(self) -> None:
        """Remove it with its processes; nothing when it is gone."""

    def keep(self, *, outlives: bool = True) -> Kept:
        """Have it entered; `outlives`: also when this process is gone, and by `clean` of nobody. Raises ToeError."""


class Kept(NamedTuple):
    """A container that stays: the commands that open a shell in it and that remove it."""

    enter: list[str]
    remove: list[str]


class Image(NamedTuple):
    """A local image: its id, `sha256:...`, its names, and its labels."""

    id: str
    names: tuple[str, ...]
    labels: Mapping[str, str]


class Engine(Protocol):
    """Makes containers and images by the commands of one program. All raise ToeError with the program's words."""

    @property
    def name(self) -> str:
        """`buildah`, `podman` or `docker`."""

    @property
    def identity(self) -> str:
        """Name, version and isolation: what a build may depend on."""

    @property
    def inside(self) -> str:
        """The folder of a container below which mounts leave nothing in its file system."""

    @property
    def sets_times(self) -> bool:
        """Whether it takes a `timestamp`."""

    def platform(self) -> str:
        """What it makes by default, such as `linux/amd64`."""

    def platform_of(self, image: str) -> str:
        """What a local image is made for, without its variant. Raises ToeError."""

    def digest(
        self, image: str, *, pull: str = NEVER, platform: str = "", cancellation: Cancellation | None = None
    ) -> str:
        """The id (the digest of the configuration) of a local image, `sha256:...`; `pull` says whether it is fetched.

        Raises ToeError when there is no such image, and Interrupted when the fetch is to stop.
        """

    def open(self, image: str, mounts: Sequence[Mount] = (), *, platform: str = "") -> Container:
        """A container of a local image. It has not started, and is removed by `clean` when this process is gone."""

    def build(
        self,
        dockerfile: Callable[[str], str],
        context: Path,
        wanted: Wanted,
        cancellation: Cancellation | None = None,
    ) -> str:
        """The id of the image that a Dockerfile makes; its text begins with an image of the name that it is given.

        What the engine made for its mounts is not in it, unless the image below has it. Raises ToeError, and
        Interrupted when `cancellation` is asked for; then nothing is left of it. For a killed one see `clear`.
        """

    def clear(self, image_name: str) -> None:
        """Remove what a `build` of this name that was killed has left beside the image."""

    def tag(self, image_id: str, name: str) -> None:
        """Give an image a further name."""

    def remove_image(self, image: str) -> None:
        """Remove a name of an image, and the image with its last one."""

    def images(self, label: str = "") -> list[Image]:
        """The local images that have a label, `name` or `name=value`; all of them for ""."""

    def export(self, image: str, target: Path, cancellation: Cancellation | None = None) -> None:
        """Write the file system of a local image to a new tar, with owners by their numbers and extended attributes.

        Raises ToeError, and Interrupted.
        """

    def left_overs(self) -> list[str]:
        """The names of containers of processes of `toe` that are gone."""

    def clean(self) -> list[str]:
        """Remove these, and return their names; what belongs to a living process or was kept stays."""
