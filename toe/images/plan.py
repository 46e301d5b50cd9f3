"""What a build will do with each layer: take it from the cache or make it, and why. Pure, and of no engine.

A key holds the image that the layer is built on, by content. So what follows a layer that is made anew is not known
before that is done: where it comes out as it was, what follows is taken from the cache after all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from toe.images.key import Change, Key, changes
from toe.images.lock_file import SharedLayer
from toe.images.records import LayerRecord
from toe.records import NamedTuple
from toe.words import Word

BELOW = "image below"
DAY_SECONDS = 86400
DEFAULT_MAX_AGE_SECONDS = 7 * DAY_SECONDS


class Fate(Word):
    """What becomes of a layer. FOLLOWS: it is made, unless the one before comes out as it was.

    REGISTRY: it is fetched from the registry that `--cache-from` names.
    """

    CACHED = "cached"
    REGISTRY = "registry"
    RUNS = "runs"
    FOLLOWS = "follows"


class Layer(NamedTuple):
    """A layer of a recipe: a component, or a part of its Dockerfile template. `key` lacks the image below."""

    name: str
    key: Key


class Known(NamedTuple):
    """What is there to be given back: records by key, the newest record of a layer by its name, images by id.

    `shared` gives by key what a registry has.
    """

    record: Callable[[str], LayerRecord | None]
    newest: Callable[[str], LayerRecord | None]
    has_image: Callable[[str], bool]
    shared: Callable[[str], SharedLayer | None] = lambda key: None


class Rules(NamedTuple):
    """What the user asks of the cache. `now` in seconds since the epoch."""

    now: float
    max_age_seconds: float = DEFAULT_MAX_AGE_SECONDS
    no_cache: bool = False
    refresh: Collection[str] = ()


class Outlook(NamedTuple):
    """What becomes of one layer, and why. `key` and `image` are "" where they are not known yet.

    `changes` are the parts in which the key differs from the last one of this layer.
    """

    name: str
    fate: Fate
    why: str
    key: str = ""
    image: str = ""
    changes: tuple[Change, ...] = ()
    made_at: float = 0.0

    @property
    def is_given(self) -> bool:
        """Whether the layer is not made, but there already: here, or in a registry."""
        return self.fate in (Fate.CACHED, Fate.REGISTRY)


class BuildPlan(NamedTuple):
    """What a build will do, in order: layers, tests in a container of the output, tests on this machine, names.

    `tests` and `host_tests` are names of components. `base_digest` is the base by content.
    """

    recipe: str
    version: str
    file: str
    base: str
    base_digest: str
    platform: str
    engine: str
    layers: tuple[Outlook, ...]
    tests: tuple[str, ...]
    host_tests: tuple[str, ...]
    tags: tuple[str, ...]


def plan_layers(layers: Iterable[Layer], base: str, known: Known, rules: Rules) -> tuple[Outlook, ...]:
    """The outlook of all layers on a base, which is an image by its content."""
    found: list[Outlook] = []
    below = base
    for layer in layers:
        outlook = outlook_of(layer, below, known, rules)
        found.append(outlook)
        below = outlook.image
    return tuple(found)


def key_on(layer: Layer, below: str) -> Key:
    """The whole key of a layer on an image."""
    return layer.key._replace(parts={BELOW: below, **layer.key.parts})


def outlook_of(layer: Layer, below: str, known: Known, rules: Rules) -> Outlook:
    """The outlook of a layer on an image, "" where that has still to be made."""
    name = layer.name
    refused = _refused(layer, rules)
    if refused:
        return Outlook(name, Fate.RUNS, refused, key_on(layer, below).digest if below else "")
    if not below:
        last = known.newest(name)
        differing = _changes(last, layer.key.parts) if last else ()
        if last is None:
            return Outlook(name, Fate.RUNS, "it was not built before")
        if differing:
            return Outlook(name, Fate.RUNS, _named(differing), changes=differing)
        return Outlook(name, Fate.FOLLOWS, "what it is built on is made anew")
    key = key_on(layer, below)
    record = known.record(key.digest)
    why = _unusable(record, known, rules)
    if record is not None and not why:
        return Outlook(name, Fate.CACHED, "", key.digest, record.image, made_at=record.made_at)
    shared = known.shared(key.digest)
    if shared is not None and rules.now - shared.made_at <= rules.max_age_seconds:
        return Outlook(name, Fate.REGISTRY, "", key.digest, shared.image, made_at=shared.made_at)
    if record is not None:
        return Outlook(name, Fate.RUNS, why, key.digest, made_at=record.made_at)
    last = known.newest(name)
    if last is None:
        return Outlook(name, Fate.RUNS, "it was not built before", key.digest)
    differing = changes(last.parts, key.parts)
    return Outlook(name, Fate.RUNS, _named(differing), key.digest, changes=differing)


def _refused(layer: Layer, rules: Rules) -> str:
    """Why a layer is made whatever the cache has."""
    if rules.no_cache:
        return "--no-cache"
    if layer.name in rules.refresh:
        return "--refresh"
    return f"not cached: {'; '.join(layer.key.uncacheable)}" if layer.key.uncacheable else ""


def _unusable(record: LayerRecord | None, known: Known, rules: Rules) -> str:
    if record is None:
        return ""
    age = rules.now - record.made_at
    if age > rules.max_age_seconds:
        return f"it is {_days(age)} old, and the limit is {_days(rules.max_age_seconds)}"
    return "" if known.has_image(record.image) else "its image is gone"


def _changes(last: LayerRecord, parts: Mapping[str, str]) -> tuple[Change, ...]:
    before = {name: value for name, value in last.parts.items() if name != BELOW}
    return changes(before, parts)


def _named(found: tuple[Change, ...]) -> str:
    if not found:  # the record of this key was removed, or is damaged
        return "its record is gone"
    names = ", ".join(change.part for change in found)
    return f"{names} changed"


def _days(seconds: float) -> str:
    days = seconds / DAY_SECONDS
    return f"{days:.0f} day{'' if round(days) == 1 else 's'}" if days >= 1 else f"{seconds / 3600:.1f} hours"
