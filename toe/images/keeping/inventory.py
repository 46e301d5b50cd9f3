"""All that there is, asked for: the records of a store, and what the engines have of it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence

from toe.errors import ToeError
from toe.images.engines.base import Engine
from toe.images.engines.find import find_engine
from toe.images.engines.stock import stock_of, used_images
from toe.images.keeping.catalog import Entry, Stocks, entries
from toe.images.keeping.needs import Uses, why_needed
from toe.images.keeping.policy import Chosen
from toe.images.keeping.pruning import Pruning, There, engine_of, old_logs, plan_prune
from toe.images.keeping.removal import finish, forget_image, remove_image, remove_layer
from toe.images.keeping.undisturbed import removal
from toe.images.pipelines.state import newest_images
from toe.images.store import Store
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation


class Inventory(NamedTuple):
    """A store with the engines that have its images. An engine that cannot be asked is not among them."""

    store: Store
    engines: dict[str, Engine]

    def entries(self) -> list[Entry]:
        """The images, those that were built last first."""
        return entries(self.store.images(), self._stocks())

    def there(self) -> There:
        """All that there is. Raises ToeError."""
        stocks = self._stocks()
        used = {name: used_images(engine) for name, engine in self.engines.items()}
        return There(
            entries(self.store.images(), stocks),
            self.store.layers(),
            stocks,
            Uses(used, dict(newest_images(self.store))),
        )

    def _stocks(self) -> Stocks:
        return {name: stock_of(engine) for name, engine in self.engines.items()}


def inventory_of(store: Store) -> Inventory:
    """The inventory of a store."""
    names = dict.fromkeys(record.engine.get("name", "") for record in store.images())
    names |= dict.fromkeys(engine_of(layer) for layer in store.layers())
    engines = {}
    for name in filter(None, names):
        try:
            engine = find_engine(name)
            stock_of(engine)
        except ToeError:
            continue
        engines[name] = engine
    return Inventory(store, engines)


def remove_entries(
    inventory: Inventory,
    choose: Callable[[Sequence[Entry]], Sequence[Entry]],
    cancellation: Cancellation,
    waits: Callable[[], object],
) -> list[Entry]:
    """Remove the images that are chosen of all, and return them. Raises ToeError where something needs one of them."""
    store = inventory.store
    with removal(store, cancellation, waits):
        finish(store, inventory.engines)
        there = inventory.there()
        chosen = sorted(choose(there.entries), key=lambda one: -one.made_at)
        builds = {entry.newest.build for entry in chosen}
        kept = [entry for entry in there.entries if entry.newest.build not in builds]
        for entry in chosen:
            why = why_needed(entry, kept, there.layers, there.uses._replace(pipelines={}))
            if why:
                raise ToeError(f"{entry.described} is needed: {why}", exit_code=1)
        for entry in chosen:
            _remove(inventory, entry, cancellation)
    return chosen


def plan_of_prune(
    inventory: Inventory, choose: Callable[[Sequence[Entry], float], Sequence[Chosen]], max_age_seconds: float
) -> Pruning:
    """What a prune would remove now. `choose` is a policy: it is given all images and the time. Raises ToeError."""
    now = time.time()
    there = inventory.there()
    pruning = plan_prune(there, choose(there.entries, now), max_age_seconds, now)
    store = inventory.store
    known = {record.build for record in store.images()} | set(store.running.names())
    builds = [(build, _changed_at(store.own_logs(build))) for build in store.builds_with_logs()]
    return pruning._replace(logs=tuple(old_logs(builds, known, max_age_seconds, now)))


def prune(
    inventory: Inventory,
    choose: Callable[[Sequence[Entry], float], Sequence[Chosen]],
    max_age_seconds: float,
    cancellation: Cancellation,
    waits: Callable[[], object],
) -> tuple[Pruning, list[str]]:
    """Remove what `plan_of_prune` says. Returns what is gone, and what could not be removed, in words.

    Raises ToeError where nothing could be asked, and Interrupted between two removals.
    """
    store = inventory.store
    refused: list[str] = []
    with removal(store, cancellation, waits):
        finish(store, inventory.engines)
        planned = plan_of_prune(inventory, choose, max_age_seconds)
        images, layers = [], []
        for leaving in planned.images:
            cancellation.check()
            try:
                if leaving.with_image:
                    _remove(inventory, leaving.entry, cancellation)
                else:
                    forget_image(store, leaving.entry, cancellation)
                images.append(leaving)
            except ToeError as error:
                refused.append(f"{leaving.entry.described} stays: {error.message}")
        for layer in planned.layers:
            cancellation.check()
            try:
                remove_layer(store, layer, inventory.engines[engine_of(layer)], cancellation)
                layers.append(layer)
            except ToeError as error:
                refused.append(f"the layer {layer.step} of {layer.recipe} stays: {error.message}")
        for build in planned.logs:
            shutil.rmtree(store.own_logs(build), ignore_errors=True)
    return planned._replace(images=tuple(images), layers=tuple(layers)), refused


def _remove(inventory: Inventory, entry: Entry, cancellation: Cancellation) -> None:
    engine = inventory.engines.get(entry.engine)
    if engine is None:
        raise ToeError(f"{entry.engine or 'its engine'} cannot be asked for {entry.described}", exit_code=1)
    remove_image(inventory.store, entry, engine, cancellation)


def _changed_at(folder: str) -> float:
    try:
        return os.stat(folder).st_mtime
    except OSError:
        return 0.0
