"""What the engines share in the words of their commands."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Sequence

from toe.errors import ToeError
from toe.images.engines.base import Mount

#: bash where the image has it, as people expect.
SHELL = ("/bin/sh", "-c", "command -v bash >/dev/null && exec bash || exec sh")
_COMMAND = re.compile(r"^[ \t]*RUN[ \t]", re.IGNORECASE | re.MULTILINE)
#: Neither an option nor of several words.
_NAME = re.compile(r"[^\s\x00-\x1f\x7f-][^\s\x00-\x1f\x7f]*")
#: Where registries need no TLS, as docker has it.
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_PROCESSORS = {"x86_64": "amd64", "aarch64": "arm64"}


def host_platform() -> str:
    """This machine's, in the words of images: `linux/amd64`."""
    return f"linux/{_PROCESSORS.get(platform.machine(), platform.machine())}"


def volume(mount: Mount) -> str:
    """A mount as an argument. Raises ToeError for a path that would be taken for two."""
    for path in (str(mount.source), mount.target):
        if ":" in path:
            raise ToeError(f"'{path}' cannot be mounted: its name has a colon", hint="give it another name by a link")
    return f"{mount.source}:{mount.target}:{'rw' if mount.writable else 'ro'}"


def named(image: str) -> str:
    """An image as an argument; the engine judges it. Raises ToeError for what is an option or several words."""
    if not _NAME.fullmatch(image):
        raise ToeError(f"{image!r} is no name of an image", hint="for example localhost/web:1.0, in lower case")
    return image


def tls(place: str, side: str = "") -> Sequence[str]:
    """The option of buildah, podman and skopeo for a registry of this machine itself; `place` begins with its host.

    `side` is for skopeo, which knows two places: `src-` or `dest-`.
    """
    host = place.partition("/")[0].rpartition(":")[0] or place.partition("/")[0]
    return (f"--{side}tls-verify=false",) if host in _LOOPBACK else ()


def plain(image: str) -> str:
    """The name of an image, or its id without the algorithm, which buildah takes for a name."""
    return image.removeprefix("sha256:")


def with_prefix(image_id: str) -> str:
    """The id with its algorithm, however an engine tells it."""
    return f"sha256:{plain(image_id)}"


def workshop(image_name: str) -> str:
    """The name of the images that `Engine.build` works with. buildah names containers by the last part of it."""
    return f"localhost/toe-building/{re.sub('[^a-z0-9]+', '-', image_name.lower()).strip('-')}"


def left_working(containers: Iterable[str], image_name: str) -> list[str]:
    """Those containers that a build of this name by buildah, or by podman, has left."""
    work = workshop(image_name).rpartition("/")[2]
    own = re.compile(re.escape(work) + r"-working-container(?:-\d+)?")
    return [name for name in containers if own.fullmatch(name)]


def runs_commands(dockerfile: str) -> bool:
    """Whether a Dockerfile has something run in a container, which leaves mount points."""
    return bool(_COMMAND.search(dockerfile))
