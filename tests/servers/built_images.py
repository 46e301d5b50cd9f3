"""Images and layers for tests of what is kept: small real ones of buildah, with the records that a build writes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from toe.images.engines.commands import asked
from toe.images.engines.words import plain, with_prefix
from toe.images.records import ImageRecord, LayerRecord
from toe.images.store import Store
from toe.images.walk import cache_name

DAY = 86400.0


def image_id(text: str) -> str:
    """An id that is always the same for a text; no engine has such an image."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def record(
    recipe: str,
    version: str,
    image: str,
    *,
    at: float = 0.0,
    tags: Mapping[str, str] | None = None,
    base: str = "",
    names: tuple[str, ...] = (),
    kind: str = "container",
) -> ImageRecord:
    """The record of an image that was built at that time."""
    return ImageRecord(
        build=f"{recipe}-{version.replace('/', '-')}-{at:.0f}",
        image=image,
        tags=[*names],
        recipe={"kind": kind, "name": recipe, "version": version, "file": "recipe.json", "tags": dict(tags or {})},
        base={"name": "localhost/static", "digest": base or image_id("base")},
        components=[],
        tests=[],
        toe={"version": "1"},
        engine={"name": "buildah", "identity": "buildah 1 oci"},
        platform="linux/amd64",
        started_at=at,
        ended_at=at,
        logs="",
    )


def layer(step: str, image: str, below: str, *, at: float = 0.0, recipe: str = "web") -> LayerRecord:
    """The record of a cached layer."""
    key = hashlib.sha256(f"{step} {image} {below}".encode()).hexdigest()
    return LayerRecord(key, {"engine": "buildah 1 oci"}, recipe, step, image, below, at, 1.0, "build")


def made(base: str, text: str, *names: str) -> str:
    """A real image on another one with a file of its own, by these names; its id."""
    container = asked("buildah", "from", "--pull-never", plain(base))
    try:
        asked("buildah", "config", "--label", f"text={text}", container)
        image = with_prefix(asked("buildah", "commit", "--quiet", "--timestamp", "0", container, *names[:1]))
    finally:
        asked("buildah", "rm", container)
    for name in names[1:]:
        asked("buildah", "tag", plain(image), name)
    return image


def put(store: Store, recipe: str, version: str, base: str, *, at: float = 0.0) -> ImageRecord:
    """A real image with its record and with its names, `latest` too."""
    names = (f"localhost/{recipe}:{version.replace('/', '-')}", f"localhost/{recipe}:latest")
    image = made(base, f"{recipe} {version}", *names)
    found = record(recipe, version, image, at=at, base=base, names=names)
    store.put_image(found)
    return found


def put_layer(store: Store, step: str, below: str, *, at: float = 0.0) -> LayerRecord:
    """A real layer of the cache with its record."""
    image = made(below, step)
    found = layer(step, image, below, at=at)
    asked("buildah", "tag", plain(image), cache_name(found.key))
    store.put_layer(found)
    return found
