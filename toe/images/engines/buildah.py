"""buildah: containers that are made to become images. It needs no daemon, and no root where the machine allows that."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from toe.errors import ToeError
from toe.images.engines.base import CHROOT, NEVER, NEWER, OCI, Image, Mount, Wanted
from toe.images.engines.buildah_container import BUILDAH, OF_BASE, BuildahContainer, own_word
from toe.images.engines.commands import answered, asked
from toe.images.engines.mount_points import visited
from toe.images.engines.oci_archive import write_archive
from toe.images.engines.owners import is_left_over, new_name
from toe.images.engines.words import (
    host_platform,
    left_working,
    named,
    plain,
    runs_commands,
    tls,
    volume,
    with_prefix,
    workshop,
)
from toe.images.engines.work_folders import work_folder
from toe.system.cancellation import Cancellation
from toe.system.host import is_root

#: Writes the file system of the container $1 to the tar $2.
_EXPORT = """\
folder=$(buildah mount "$1") || exit
tar --create --numeric-owner --xattrs "--xattrs-include=*" --file "$2" --directory "$folder" .
"""


class Buildah:
    """The engine `buildah`. `isolation` is OCI or CHROOT."""

    name = BUILDAH
    sets_times = True

    def __init__(self, isolation: str = OCI) -> None:
        self.isolation = isolation
        self._version = ""

    @property
    def identity(self) -> str:
        """Such as `buildah 1.28.2 oci`."""
        if not self._version:
            self._version = answered(BUILDAH, "version", "--json")["version"]
        return f"{BUILDAH} {self._version} {self.isolation}"

    @property
    def inside(self) -> str:
        """The runtime has /dev in memory; under chroot it is this machine's own, and hides what is mounted there."""
        return "/.toe" if self.isolation == CHROOT else "/dev/.toe"

    def platform(self) -> str:
        """What this machine is."""
        return host_platform()

    def platform_of(self, image: str) -> str:
        """See `Engine.platform_of`."""
        told = "{{.OCIv1.OS}}/{{.OCIv1.Architecture}}"
        return asked(BUILDAH, "inspect", "--type", "image", "--format", told, plain(image))

    def digest(
        self, image: str, *, pull: str = NEVER, platform: str = "", cancellation: Cancellation | None = None
    ) -> str:
        """See `Engine.digest`."""
        image = named(image)
        if pull != NEWER:
            try:
                inspected = (BUILDAH, "inspect", "--type", "image", "--format", "{{.FromImageID}}", plain(image))
                return with_prefix(asked(*inspected))
            except ToeError as error:
                if pull == NEVER:
                    raise ToeError(f"there is no local image '{image}'", hint=f"buildah pull {image}") from error
        chosen = ("--platform", platform) if platform else ()
        how = ("--quiet", "--policy", "ifnewer", *tls(image), *chosen)
        return with_prefix(asked(BUILDAH, "pull", *how, image, cancellation=cancellation).split()[-1])

    def open(self, image: str, mounts: Sequence[Mount] = (), *, platform: str = "") -> BuildahContainer:
        """See `Engine.open`."""
        chosen = ("--platform", platform) if platform else ()
        bound = [word for mount in mounts for word in ("--volume", volume(mount))]
        labels = ("--security-opt", "label=disable")  # where SELinux rules, it hides this machine's folders
        name = new_name()
        asked(BUILDAH, "from", "--quiet", "--pull-never", "--name", name, *labels, *chosen, *bound, plain(image))
        return BuildahContainer(name, own_word(self.isolation))

    def build(
        self,
        dockerfile: Callable[[str], str],
        context: Path,
        wanted: Wanted,
        cancellation: Cancellation | None = None,
    ) -> str:
        """See `Engine.build`."""
        try:
            return self._built(dockerfile, context, wanted, cancellation)
        finally:
            self.clear(wanted.image_name)

    def _built(
        self, dockerfile: Callable[[str], str], context: Path, wanted: Wanted, cancellation: Cancellation | None
    ) -> str:
        work = workshop(wanted.image_name)
        asked(BUILDAH, "tag", plain(wanted.below), f"{work}:below")
        text = dockerfile(f"{work}:below")
        is_cleaned = runs_commands(text)
        name = f"{work}:made" if is_cleaned else wanted.image_name
        labels = [word for pair in wanted.labels.items() for word in ("--label", "=".join(pair))]
        dated = () if wanted.timestamp is None else ("--timestamp", str(wanted.timestamp))
        chosen = ("--platform", wanted.platform) if wanted.platform else ()
        how = (
            "--quiet",
            "--pull-never",
            "--identity-label=false",
            "--isolation",
            own_word(self.isolation),
            *dated,
            *chosen,
        )
        command = (BUILDAH, "build", *how, *labels, "--tag", name, "--file", "-", str(context))
        built = with_prefix(asked(*command, text=text, cancellation=cancellation))
        if is_cleaned:
            return self._cleaned(built, wanted)
        _forget_base(wanted.image_name)
        return built

    def _cleaned(self, built: str, wanted: Wanted) -> str:
        """The image with a further layer, in which the mount points are gone that the image below lacks."""
        container = self.open(wanted.below, platform=wanted.platform)
        try:
            missing = visited((BUILDAH, "mount", container.name))
        finally:
            container.discard()
        container = self.open(built, platform=wanted.platform)
        try:
            visited((BUILDAH, "mount", container.name), missing)
            return container.commit(wanted.image_name, timestamp=wanted.timestamp)
        finally:
            container.discard()

    def clear(self, image_name: str) -> None:
        """See `Engine.clear`. buildah itself forgets containers of stages that others are built on."""
        work = workshop(image_name)
        names = asked(BUILDAH, "containers", "--format", "{{.ContainerName}}").split()
        for name in left_working(names, image_name):
            asked(BUILDAH, "rm", name)
        for tag in ("made", "below"):
            with suppress(ToeError):  # there is none
                asked(BUILDAH, "rmi", f"{work}:{tag}")

    def tag(self, image_id: str, name: str) -> None:
        """See `Engine.tag`."""
        asked(BUILDAH, "tag", plain(image_id), name)

    def remove_image(self, image: str) -> None:
        """See `Engine.remove_image`."""
        asked(BUILDAH, "rmi", plain(image))

    def images(self, label: str = "") -> list[Image]:
        """See `Engine.images`."""
        chosen = ("--filter", f"label={label}") if label else ()
        return [
            Image(with_prefix(image["id"]), tuple(image.get("names") or ()), self._labels(image["id"]))
            for image in answered(BUILDAH, "images", "--json", "--no-trunc", *chosen) or ()
        ]

    def _labels(self, image_id: str) -> dict[str, str]:
        return answered(BUILDAH, "inspect", "--type", "image", plain(image_id))["OCIv1"]["config"].get("Labels") or {}

    def export(self, image: str, target: Path, cancellation: Cancellation | None = None) -> None:
        """See `Engine.export`."""
        container = self.open(image)
        within = () if is_root() else (BUILDAH, "unshare")
        try:
            asked(*within, "sh", "-c", _EXPORT, "sh", container.name, str(target), cancellation=cancellation)
        finally:
            container.discard()

    def left_overs(self) -> list[str]:
        """See `Engine.left_overs`."""
        names = asked(BUILDAH, "containers", "--format", "{{.ContainerName}}").split()
        return [name for name in names if is_left_over(name)]

    def clean(self) -> list[str]:
        """See `Engine.clean`. Another `toe` may do the same at the same time."""
        names = self.left_overs()
        for name in names:
            with suppress(ToeError):
                asked(BUILDAH, "rm", name)
        return names


def _forget_base(name: str) -> None:
    """Have an image not tell of the one below, as `buildah build` has it. Only its manifest changes, and not its id."""
    told = answered(BUILDAH, "inspect", "--type", "image", name)
    annotations = {key: value for key, value in (told["ImageAnnotations"] or {}).items() if key not in OF_BASE}
    with work_folder() as folder:
        path = folder / "image.tar"
        with path.open("wb") as file:
            write_archive(file, json.loads(told["Config"]), name, annotations)
        asked(BUILDAH, "pull", "--quiet", f"oci-archive:{path}")
