"""The walk of a build: one layer after the other from the cache or made anew, the tests, the names. Of no engine.

Whenever it is cut off, the store and the images are whole: a layer counts when its record is written, an image when its
own is; what may have been made before that is noted first, and removed by the next command (`settle`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from toe.errors import ToeError
from toe.images.making import Keeper, Maker
from toe.images.plan import Fate, Known, Layer, Outlook, Rules, key_on, outlook_of
from toe.images.records import ImageRecord, LayerRecord
from toe.images.results import ComponentVerdict, LayerResult
from toe.images.shared_cache import SharedCache
from toe.images.store import Store
from toe.system.cancellation import Cancellation

#: Images of the cache are names of their own, so that pruning what has no name leaves them alone.
CACHE = "localhost/toe-cache"
#: Notes of images that are being named, among those of layers.
_NAMING = "naming-"
#: Between an engine and the key of a layer, in the names of notes.
_OF = "."


class Telling:
    """Is told of a build as it goes on. Does nothing by itself."""

    def layer_begins(self, outlook: Outlook) -> None:
        """A layer is taken from the cache, or will be made."""

    def layer_waits(self, name: str) -> None:
        """Another build makes the same layer."""

    def layer_ends(self, result: LayerResult) -> None:
        """A layer that was made is there."""

    def tests_begin(self, image: str) -> None:
        """The image is there and will be tested."""


class Walk:
    """One build. `shared` is asked for a layer that is not in the cache."""

    def __init__(
        self,
        recipe: str,
        build: str,
        maker: Maker,
        store: Store,
        rules: Rules,
        cancellation: Cancellation,
        telling: Telling,
        shared: SharedCache | None = None,
    ) -> None:
        self._recipe = recipe
        self._build = build
        self._maker = maker
        self._store = store
        self._rules = rules
        self._cancellation = cancellation
        self._telling = telling
        self._shared = shared
        self.layers: list[LayerResult] = []
        self.tests: list[ComponentVerdict] = []

    def layers_on(self, base: str, layers: Sequence[Layer]) -> str:
        """Have all layers on a base, and return the image with the last one. Raises what Maker's methods do."""
        image = base
        for layer in layers:
            self._cancellation.check()
            image = self._layer(layer, image)
        return image

    def _layer(self, layer: Layer, below: str) -> str:
        key = key_on(layer, below).digest
        with self._store.locks.held(key, self._cancellation, lambda: self._telling.layer_waits(layer.name)):
            outlook = self._outlook(layer, below)
            started = time.monotonic()
            image = outlook.image
            if outlook.fate is Fate.REGISTRY and not self._fetched(layer, below, key, started):
                outlook = self._outlook(layer, below)
            if not outlook.is_given:
                image = self._made(layer, below, key, started)
        record = self._store.layer(key)
        result = LayerResult(outlook, image, time.monotonic() - started, tuple(record.results) if record else ())
        self.layers.append(result)
        if outlook.fate is not Fate.CACHED:
            self._telling.layer_ends(result)
        return image

    def _outlook(self, layer: Layer, below: str) -> Outlook:
        known = known_to(self._store, self._maker, self._recipe, self._shared)
        outlook = outlook_of(layer, below, known, self._rules)
        self._telling.layer_begins(outlook)
        return outlook

    def _fetched(self, layer: Layer, below: str, key: str, started: float) -> bool:
        """Whether the layer of a key came from the registry, and is what it was said to be."""
        shared = self._shared.find(key) if self._shared else None
        if self._shared is None or shared is None:
            return False
        with self._replacing(key) as keep:
            if not self._shared.fetch(key, shared, cache_name(key)):
                return False
            image = self._maker.image(cache_name(key))
            if image != shared.image:
                self._shared.refuse(key, shared, f"it is the image {image}, and not {shared.image}")
                return False
            keep(self._record(layer, below, key, image, shared.made_at, started))
        return True

    def _made(self, layer: Layer, below: str, key: str, started: float) -> str:
        with self._replacing(key) as keep:
            image = self._maker.make(layer, below, cache_name(key), key)
            record = self._record(layer, below, key, image, time.time(), started)
            keep(record._replace(results=[*self._maker.results(layer.name)]))
        return image

    def _record(self, layer: Layer, below: str, key: str, image: str, made_at: float, started: float) -> LayerRecord:
        parts, took = key_on(layer, below).parts, time.monotonic() - started
        return LayerRecord(key, parts, self._recipe, layer.name, image, below, made_at, took, self._build)

    @contextmanager
    def _replacing(self, key: str) -> Iterator[Callable[[LayerRecord], None]]:
        """Within the block an image may come by the key's name in the cache; it stays when its record is kept."""
        before, kept = self._store.layer(key), []

        def keep(record: LayerRecord) -> None:
            self._store.put_layer(record)
            kept.append(record.image)

        with self._store.making.held(note_of(self._maker.engines, key), self._cancellation):
            try:
                yield keep
            finally:
                if not kept:
                    _restore(self._store, self._maker, key)
        if kept and before is not None and before.image not in kept:
            self._maker.remove(before.image)

    def test(self, image: str) -> None:
        """Run the tests of the image. Raises what Maker.test does."""
        self._cancellation.check()
        self._telling.tests_begin(image)
        self.tests.extend(self._maker.test(image))

    def name(self, record: Callable[[], ImageRecord]) -> ImageRecord:
        """Keep the record of the image and give it its names; nobody else does so meanwhile for this recipe."""
        self._cancellation.check()
        with self._store.locks.held(f"recipe-{self._recipe}", self._cancellation):
            made = record()
            with self._store.making.held(f"{_NAMING}{made.build}", self._cancellation):
                self._store.put_image(made)
                for tag in made.tags:
                    self._maker.tag(made.image, tag)
        return made


def known_to(store: Store, maker: Keeper, recipe: str, shared: SharedCache | None = None) -> Known:
    """What can be given back to a recipe."""

    def newest(name: str) -> LayerRecord | None:
        return next((one for one in store.layers() if (one.recipe, one.step) == (recipe, name)), None)

    known = Known(store.layer, newest, lambda image: bool(maker.image(image)))
    return known._replace(shared=shared.find) if shared else known


def cache_name(key: str) -> str:
    """The name of a layer's image in the cache."""
    return f"{CACHE}:{key}"


def note_of(engines: Sequence[str], key: str) -> str:
    """What the note of a layer that is being made is called: its key, and whose images will have it."""
    return f"{engines[0]}{_OF}{key}"


def settle(store: Store, maker: Keeper) -> None:
    """Finish or remove what killed builds have begun: layers without a record go, images with one get their names.

    What another engine has begun is left to it: here nobody could remove it, and its record would be wrong.
    """

    def is_own(note: str) -> bool:
        if note.startswith(_NAMING):
            record = store.image(note.removeprefix(_NAMING))
            engine = record.engine.get("name", "") if record else ""
        else:
            engine = note.rpartition(_OF)[0]
        return not engine or engine in maker.engines

    for name in store.making.abandoned(is_own):
        if name.startswith(_NAMING):
            record = store.image(name.removeprefix(_NAMING))
            for image, tag in [(record.image, tag) for tag in record.tags] if record else ():
                with suppress(ToeError):  # the image may have been removed since
                    maker.tag(image, tag)
        else:
            _restore(store, maker, name.rpartition(_OF)[2])
    store.clean()


def _restore(store: Store, maker: Keeper, key: str) -> None:
    """Have the name of a layer in the cache be that of the image in its record, and no other image left of it."""
    name = cache_name(key)
    record, made = store.layer(key), maker.image(name)
    if record is None or not maker.image(record.image):
        store.remove_layer(key)
        maker.remove(name)
    elif made != record.image:
        maker.tag(record.image, name)
        if made:
            maker.remove(made)
