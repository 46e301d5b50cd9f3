"""All that there is, asked for: the records of a store, and what the engines have of it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Collection, Sequence

from toe.errors import ToeError
from toe.images.engines.stock import Stocked
from toe.images.keeping.catalog import Entry, Stocks, entries
from toe.images.keeping.needs import Uses, why_needed
from toe.images.keeping.policy import Chosen
from toe.images.keeping.pruning import Pruning, There, engine_of, old_logs, plan_prune
from toe.images.keeping.removal import finish, forget_image, remove_image, remove_layer
from toe.images.keeping.shelves import Shelf, disks_of, find_shelf
from toe.images.keeping.undisturbed import removal
from toe.images.machines.shelf import LooseDisk, remove_loose
from toe.images.pipelines.state import newest_images
from toe.images.records import LayerRecord
from toe.images.store import Store
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation


class Inventory(NamedTuple):
    """A store with the engines that have its images. An engine that cannot be asked is not among them."""

    store: Store
    shelves: dict[str, Shelf]

    def entries(self) -> list[Entry]:
        """The images, those that were built last first."""
        return entries(self.store.images(), self._stocks())

    def there(self) -> There:
        """All that there is. Raises ToeError."""
        return There(
            self.entries(),
            self.store.layers(),
            {name: shelf.layers() for name, shelf in self.shelves.items()},
            Uses({name: shelf.used() for name, shelf in self.shelves.items()}, dict(newest_images(self.store))),
        )

    def disks(self) -> list[tuple[LayerRecord, Stocked]]:
        """The layers of machine images that are there, the newest first, with what each takes on the disk."""
        there = disks_of(self.store).layers()
        return [(layer, there[layer.image]) for layer in self.store.layers() if layer.image in there]

    def _stocks(self) -> Stocks:
        return {name: shelf.images() for name, shelf in self.shelves.items()}


def inventory_of(store: Store) -> Inventory:
    """The inventory of a store."""
    names = dict.fromkeys(record.engine.get("name", "") for record in store.images())
    names |= dict.fromkeys(engine_of(layer) for layer in store.layers())
    shelves = {}
    for name in filter(None, names):
        try:
            shelves[name] = find_shelf(store, name)
        except ToeError:
            continue
    return Inventory(store, shelves)


def remove_entries(
    inventory: Inventory,
    choose: Callable[[Sequence[Entry]], Sequence[Entry]],
    cancellation: Cancellation,
    waits: Callable[[], object],
) -> list[Entry]:
    """Remove the images that are chosen of all, and return them. Raises ToeError where something needs one of them."""
    store = inventory.store
    with removal(store, cancellation, waits):
        finish(store, inventory.shelves)
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
    return pruning._replace(
        logs=tuple(old_logs(builds, known, max_age_seconds, now)),
        disks=_loose(store, {layer.key for layer in pruning.layers}, max_age_seconds),
    )


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
        finish(store, inventory.shelves)
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
                remove_layer(store, layer, inventory.shelves[engine_of(layer)], cancellation)
                layers.append(layer)
            except ToeError as error:
                refused.append(f"the layer {layer.step} of {layer.recipe} stays: {error.message}")
        disks = _loose(store, set(), max_age_seconds)  # a layer that stays needs what it is built on
        remove_loose(disks)
        for build in planned.logs:
            shutil.rmtree(store.own_logs(build), ignore_errors=True)
    return planned._replace(images=tuple(images), layers=tuple(layers), disks=disks), refused


def _loose(store: Store, going: Collection[str], max_age_seconds: float) -> tuple[LooseDisk, ...]:
    """The disks that nothing needs when the layers of these keys have gone; those of the layers go with them."""
    layers = store.layers()
    bases = {layer.below for layer in layers if layer.key not in going}
    return tuple(disks_of(store).loose({layer.image for layer in layers}, bases, max_age_seconds))


def _remove(inventory: Inventory, entry: Entry, cancellation: Cancellation) -> None:
    shelf = inventory.shelves.get(entry.engine)
    if shelf is None:
        raise ToeError(f"{entry.engine or 'its engine'} cannot be asked for {entry.described}", exit_code=1)
    remove_image(inventory.store, entry, shelf, cancellation)


def _changed_at(folder: str) -> float:
    try:
        return os.stat(folder).st_mtime
    except OSError:
        return 0.0
