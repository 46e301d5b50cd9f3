"""What a prune removes: images that a policy chose and nothing needs, records without an image, unused layers. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from toe.images.keeping.catalog import Entry, Stocks
from toe.images.keeping.needs import Uses, needed_layers, why_needed
from toe.images.keeping.policy import Chosen
from toe.images.machines.shelf import LooseDisk
from toe.images.records import LayerRecord
from toe.records import NamedTuple

GONE = "its image is gone"


class Leaving(NamedTuple):
    """An image that goes, and why. `with_image`: itself too, and not its record alone."""

    entry: Entry
    why: str
    with_image: bool


class Staying(NamedTuple):
    """An image that a policy wants to go, and what needs it."""

    entry: Entry
    why: str


class Pruning(NamedTuple):
    """What goes, in this order, and what stays though a policy wants it to go. `logs`: builds that gave no image.

    `disks` are those of machines that nothing needs when the layers have gone.
    """

    images: tuple[Leaving, ...]
    staying: tuple[Staying, ...]
    layers: tuple[LayerRecord, ...]
    logs: tuple[str, ...] = ()
    disks: tuple[LooseDisk, ...] = ()


class There(NamedTuple):
    """All that there is. `stocks` are the layers of the engines that could be asked: nothing of others is touched."""

    entries: Sequence[Entry]
    layers: Sequence[LayerRecord]
    stocks: Stocks
    uses: Uses


def plan_prune(there: There, chosen: Iterable[Chosen], max_age_seconds: float, now: float) -> Pruning:
    """What a prune removes. Layers go that are older than `max_age_seconds` and that no image is made of.

    An image stays as long as something that stays needs it. What is built on others goes before them.
    """
    leaving = {entry.newest.build: Leaving(entry, GONE, False) for entry in there.entries if _is_gone(entry)}
    for entry, rule in chosen:
        leaving.setdefault(entry.newest.build, Leaving(entry, rule.described, rule.with_image))
    staying: list[Staying] = []
    while True:
        kept = [entry for entry in there.entries if entry.newest.build not in leaving]
        layers = _layers_staying(there, kept, max_age_seconds, now)
        needed = [
            Staying(one.entry, why)
            for one in leaving.values()
            if one.with_image and (why := why_needed(one.entry, kept, layers, there.uses))
        ]
        if not needed:
            break
        staying += needed
        for stays in needed:
            del leaving[stays.entry.newest.build]
    keys = {layer.key for layer in layers}
    return Pruning(
        tuple(sorted(leaving.values(), key=lambda one: -one.entry.made_at)),
        tuple(staying),
        tuple(layer for layer in there.layers if layer.key not in keys),
    )


def engine_of(layer: LayerRecord) -> str:
    """The name of the engine that has a layer."""
    return layer.parts.get("engine", "").partition(" ")[0]


def old_logs(
    builds: Iterable[tuple[str, float]], known: Collection[str], max_age_seconds: float, now: float
) -> list[str]:
    """The builds, of those with logs and the time of these, that gave no image and are older than that."""
    return [build for build, at in builds if build not in known and now - at > max_age_seconds]


def _is_gone(entry: Entry) -> bool:
    return entry.is_known and entry.stocked is None


def _layers_staying(there: There, kept: Iterable[Entry], max_age_seconds: float, now: float) -> list[LayerRecord]:
    """The layers that images are made of which stay, those that are young, and those of engines that are not here."""
    young = [layer for layer in there.layers if _is_young(layer, there.stocks, max_age_seconds, now)]
    used = [image for images in there.uses.things.values() for image in images]
    images = [entry.image for entry in kept] + [layer.image for layer in young] + used
    keys = needed_layers(images, there.layers)
    return [layer for layer in there.layers if layer.key in keys or engine_of(layer) not in there.stocks]


def _is_young(layer: LayerRecord, stocks: Stocks, max_age_seconds: float, now: float) -> bool:
    is_there = layer.image in stocks.get(engine_of(layer), ())
    return is_there and now - layer.made_at <= max_age_seconds
