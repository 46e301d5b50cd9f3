"""Which engine is taken: the one that is asked for, or the first that is there."""

from __future__ import annotations

import os
import shutil

from toe.errors import ToeError
from toe.images.engines.base import CHROOT, OCI, Engine
from toe.images.engines.buildah import Buildah
from toe.images.engines.buildah_container import BUILDAH
from toe.images.engines.docker import DOCKER, Docker
from toe.images.engines.podman import PODMAN, Podman
from toe.system.host import platform_name

ISOLATIONS = (OCI, CHROOT)
ENGINES = (BUILDAH, PODMAN, DOCKER)


def sharing(engine: str) -> tuple[str, ...]:
    """The engines that have the same images as one of ENGINES: docker has its own."""
    return (DOCKER,) if engine == DOCKER else (BUILDAH, PODMAN)


def find_engine(wanted: str = "", isolation: str = "") -> Engine:
    """The engine of that name, or the first of ENGINES that is installed.

    `isolation` is one of ISOLATIONS; "" for what BUILDAH_ISOLATION says, else OCI. Raises ToeError with the package to
    install where there is none.
    """
    if platform_name() != "linux":
        raise ToeError("containers need Linux", hint="run toe in a machine with Linux, such as that of WSL or Lima")
    isolation = isolation or os.environ.get("BUILDAH_ISOLATION", "")
    if isolation not in ISOLATIONS:
        isolation = OCI
    if wanted and wanted not in ENGINES:
        raise ToeError(f"unknown engine '{wanted}'", hint=f"--engine {', '.join(ENGINES)}")
    name = next((name for name in ((wanted,) if wanted else ENGINES) if shutil.which(name)), "")
    if not name:
        missing = f"'{wanted}' is not installed" if wanted else f"none of {', '.join(ENGINES)} is installed"
        package = "docker.io" if wanted == DOCKER else wanted or BUILDAH
        raise ToeError(missing, hint=f"apt-get install {package}, or dnf install {wanted or BUILDAH}")
    if name == BUILDAH:
        return Buildah(isolation)
    if isolation == CHROOT:
        raise ToeError(f"{name} has no isolation '{CHROOT}'", hint=f"--engine {BUILDAH}")
    return Podman() if name == PODMAN else Docker()
