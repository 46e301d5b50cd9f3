"""Removing what was built: an image with its names and records, a cached layer. Whole, or not at all.

Each removal is noted first. Where an engine refuses, names are given back; what a kill has begun `finish` ends.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from toe.errors import ToeError
from toe.images.engines.find import sharing
from toe.images.keeping.catalog import Entry, entries
from toe.images.keeping.pruning import engine_of
from toe.images.keeping.shelves import Remover, Shelf, disks_of, notes_of
from toe.images.machines.shelf import MACHINES
from toe.images.records import LayerRecord
from toe.images.store import Store
from toe.images.walk import cache_name, note_of, settle
from toe.system.cancellation import Cancellation

#: Where the images of the engines that are here are, by the names of these.
Shelves = Mapping[str, Shelf]


class EngineImages:
    """The images of engines, `names`, as the walk of a build knows them (toe.images.making.Keeper)."""

    def __init__(self, *engines: Remover, names: Iterable[str] = ()) -> None:
        self._engines = engines
        self.engines = tuple(other for name in names for other in sharing(name))

    def image(self, name: str) -> str:
        """See `Keeper.image`."""
        return next((found for _, found in self._having(name)), "")

    def remove(self, name: str) -> None:
        """See `Keeper.remove`. Raises ToeError where an image that is there stays."""
        for engine, _ in self._having(name):
            engine.remove_image(name)

    def tag(self, image: str, name: str) -> None:
        """See `Keeper.tag`."""
        for engine, _ in self._having(image):
            engine.tag(image, name)

    def _having(self, name: str) -> Iterator[tuple[Remover, str]]:
        for engine in self._engines:
            with suppress(ToeError):  # it has none
                yield engine, engine.digest(name)


def remove_image(store: Store, entry: Entry, engine: Remover, cancellation: Cancellation) -> None:
    """Remove an image: its names, itself when nothing else has it, its records and logs.

    Raises ToeError where the engine refuses: then all is as it was.
    """
    with (
        store.locks.held(f"recipe-{entry.name}", cancellation),
        store.removing.held(entry.newest.build, cancellation),
    ):
        _remove_names(entry, engine)
        _forget(store, entry)


def forget_image(store: Store, entry: Entry, cancellation: Cancellation) -> None:
    """Remove the records and the logs of an image. The image, where there still is one, stays with all its names."""
    with store.locks.held(f"recipe-{entry.name}", cancellation):
        _forget(store, entry)


def _remove_names(entry: Entry, engine: Remover) -> None:
    if entry.stocked is None:
        return
    gone: list[str] = []
    try:
        for name in entry.names():
            engine.remove_image(name)
            gone.append(name)
        if not entry.stocked.names:
            engine.remove_image(entry.image)
    except ToeError:
        for name in gone:
            engine.tag(entry.image, name)
        raise


def _forget(store: Store, entry: Entry) -> None:
    """The record that the note names goes last: until then the removal can be finished."""
    for record in reversed(entry.records):
        shutil.rmtree(store.own_logs(record.build), ignore_errors=True)
        store.remove_image(record.build)


def remove_layer(store: Store, layer: LayerRecord, engine: Remover, cancellation: Cancellation) -> None:
    """Remove a layer of the cache. Raises ToeError where the engine refuses: then it is as it was."""
    name = engine_of(layer)
    making = notes_of(store, name).making
    note = note_of((name,) if name == MACHINES else sharing(name), layer.key)
    with store.locks.held(layer.key, cancellation), making.held(note, cancellation):
        EngineImages(engine).remove(cache_name(layer.key))
        store.remove_layer(layer.key)


def finish(store: Store, shelves: Shelves) -> None:
    """Finish what killed builds and removals have begun. Raises ToeError."""
    others = {name: shelf for name, shelf in shelves.items() if name != MACHINES}
    settle(store, EngineImages(*others.values(), names=others))  # the rest is for the next build of those engines
    disks = disks_of(store)
    settle(store.of_machines(), disks)
    disks.clean()
    for build in store.removing.abandoned():
        record = store.image(build)
        if record is None:
            continue
        shelf = shelves.get(record.engine.get("name", ""))
        if shelf is None:
            break  # it keeps its note
        for entry in entries(store.images(), {shelf.name: shelf.images()}):
            if entry.newest.build == build:
                _remove_names(entry, shelf)
                _forget(store, entry)
