"""What needs what: the layers that images are made of, the images that others are built on. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from toe.images.keeping.catalog import Entry
from toe.images.records import LayerRecord
from toe.records import NamedTuple


class Uses(NamedTuple):
    """What is used by others than images: `things` has images and layers of each engine, by content, with their users.

    `pipelines` has the image of each pipeline's last success, by the pipeline's name.
    """

    things: Mapping[str, Mapping[str, str]]
    pipelines: Mapping[str, str]


def needed_layers(images: Iterable[str], layers: Collection[LayerRecord]) -> set[str]:
    """The keys of the layers that images are made of, by content, with all that are below them."""
    by_image: dict[str, list[LayerRecord]] = {}
    for layer in layers:
        by_image.setdefault(layer.image, []).append(layer)
    waiting, seen, keys = list(images), set[str](), set[str]()
    while waiting:
        image = waiting.pop()
        if image in seen:
            continue
        seen.add(image)
        for layer in by_image.get(image, ()):
            keys.add(layer.key)
            waiting.append(layer.below)
    return keys


def why_needed(entry: Entry, kept: Iterable[Entry], layers: Iterable[LayerRecord], uses: Uses) -> str:
    """What still needs an image, in words; "" where nothing does. `kept` and `layers` are all that would stay."""
    user = uses.things.get(entry.engine, {}).get(entry.image)
    if user:
        return user
    for pipeline, image in uses.pipelines.items():
        if image == entry.image:
            return f"it is the newest of the pipeline '{pipeline}'"
    staying = list(layers)
    for other in kept:
        if other is not entry and other.newest.base.get("digest") == entry.image != other.image:
            return f"{other.described} is built on it"
    if not any(layer.image == entry.image for layer in staying):
        for layer in staying:
            if layer.below == entry.image:
                return f"a cached layer of {layer.recipe} is built on it: {layer.step}"
    return ""
