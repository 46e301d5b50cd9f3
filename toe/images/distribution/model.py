"""What is distributed where: plain values that the modules of this room pass around."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.images.model import CONTAINER, IMAGE
from toe.images.records import ImageRecord
from toe.images.versions import Version, parse_version
from toe.records import NamedTuple

#: Kinds of targets.
REGISTRY, FOLDER, S3, ORAS = "registry", "folder", "s3", "oras"


class Source(NamedTuple):
    """The image that is distributed.

    `version` is `1.0.0/2`. `image` is a container image by its content, in the storage of `engine`; `disk` is the path
    of a disk otherwise. `made_at` is in seconds since the epoch.
    """

    build: str
    name: str
    version: str
    kind: str
    made_at: float
    image: str = ""
    engine: str = ""
    disk: str = ""

    @property
    def described(self) -> str:
        """Such as `web 1.0.0/2`."""
        return f"{self.name} {self.version}".rstrip()

    @property
    def numbers(self) -> Version:
        """The version with its build number; 0.0.0/0 of an image that has none."""
        return parse_version(self.version) or Version(0, 0, 0, 0)


class Target(NamedTuple):
    """One place that gets the image.

    REGISTRY and ORAS, for containers and for disks: `place` is a repository, `host/path`, `names` are its tags.
    FOLDER: a folder, and the name of a file. S3: a bucket, and a key. `regions` are those of the configuration that
    mean it. `format` is that of a disk (raw, qcow2, vmdk, vhd).
    """

    kind: str
    regions: tuple[str, ...]
    place: str
    names: tuple[str, ...]
    format: str = ""

    @property
    def described(self) -> str:
        """Such as `registry.example.com/web: 1.0.0-2, latest`."""
        if self.kind in (REGISTRY, ORAS):
            return f"{self.place}: {', '.join(self.names)}"
        return f"s3://{self.place}/{self.names[0]}" if self.kind == S3 else f"{self.place}/{self.names[0]}"


class Parameter(NamedTuple):
    """A parameter of Systems Manager that gets the address of the image in a region."""

    name: str
    region: str
    data_type: str = "text"


class Plan(NamedTuple):
    """All that a configuration means for an image.

    `permissions` are the accounts and groups that the configuration names, by region, as the API has them. `remarks`
    say what means nothing here.
    """

    targets: tuple[Target, ...]
    parameters: tuple[Parameter, ...]
    permissions: tuple[Mapping[str, Any], ...]
    remarks: tuple[str, ...]


def source_of(record: ImageRecord) -> Source:
    """The container image of a record, or the disk that a machine image is."""
    recipe = record.recipe
    if record.engine.get("format"):
        name, version = str(recipe.get("name", "")), str(recipe.get("version", ""))
        return Source(record.build, name, version, IMAGE, record.ended_at, disk=record.tags[0])
    return Source(
        record.build,
        str(recipe.get("name", "")),
        str(recipe.get("version", "")),
        CONTAINER,  # also of an image recipe
        record.ended_at,
        record.image,
        str(record.engine.get("name", "")),
    )
