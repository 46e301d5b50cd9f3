"""What an engine has on the disk: its images with names and sizes, and those of which there are containers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from toe.images.engines.base import Engine
from toe.images.engines.buildah_container import BUILDAH
from toe.images.engines.commands import answered, asked
from toe.images.engines.words import with_prefix
from toe.records import NamedTuple

_UNITS = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE = re.compile(r"([0-9.]+) ?([kKMGT]?B)")


class Stocked(NamedTuple):
    """A local image: its id, `sha256:...`, all its names, and its size in bytes with all that it shares.

    buildah tells sizes in three or four digits; None where an engine tells none.
    """

    id: str
    names: tuple[str, ...]
    size: int | None


def stock_of(engine: Engine) -> dict[str, Stocked]:
    """All local images of an engine, by their ids. Raises ToeError."""
    found = _buildah_s() if engine.name == BUILDAH else _inspected(engine.name)
    return {image.id: image for image in found}


def used_images(engine: Engine) -> set[str]:
    """The ids of the images of which there are containers, whether they run or not. Raises ToeError."""
    if engine.name == BUILDAH:
        told = answered(BUILDAH, "containers", "--all", "--json") or ()
        return {with_prefix(container["imageid"]) for container in told if container["imageid"]}
    containers = asked(engine.name, "ps", "--all", "--quiet", "--no-trunc").split()
    told = answered(engine.name, "container", "inspect", *containers) if containers else ()
    return {with_prefix(container["Image"]) for container in told}


def _buildah_s() -> Iterator[Stocked]:
    for image in answered(BUILDAH, "images", "--json", "--no-trunc") or ():
        yield Stocked(with_prefix(image["id"]), tuple(image.get("names") or ()), _bytes(image.get("size") or ""))


def _inspected(program: str) -> Iterator[Stocked]:
    ids = dict.fromkeys(asked(program, "images", "--quiet", "--no-trunc").split())
    for image in answered(program, "image", "inspect", *ids) if ids else ():
        size = image.get("Size")
        names = tuple(image.get("RepoTags") or ())
        yield Stocked(with_prefix(image["Id"]), names, size if isinstance(size, int) else None)


def _bytes(text: str) -> int | None:
    """The bytes of `1.99 MB`, None for another text."""
    found = _SIZE.fullmatch(text)
    return round(float(found[1]) * _UNITS[found[2]]) if found else None
