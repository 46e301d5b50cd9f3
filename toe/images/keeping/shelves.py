"""Where images are: an engine of containers has them, or a folder of the store has disks of machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from toe.images.engines.base import Engine
from toe.images.engines.find import find_engine
from toe.images.engines.stock import Stocked, stock_of, used_images
from toe.images.machines.shelf import MACHINES, DiskShelf
from toe.images.store import Store


class Remover(Protocol):
    """Has images and names of them; an `Engine` is one. Methods raise ToeError."""

    def digest(self, image: str) -> str:
        """The id of an image by a name or its id."""

    def remove_image(self, image: str) -> None:
        """Remove a name of an image, and the image with its last one."""

    def tag(self, image_id: str, name: str) -> None:
        """Give an image a further name."""


class Shelf(Remover, Protocol):
    """Tells as well what there is."""

    @property
    def name(self) -> str:
        """The engine as records name it."""

    def images(self) -> Mapping[str, Stocked]:
        """The images, by their ids."""

    def layers(self) -> Mapping[str, Stocked]:
        """The layers of the cache, by their ids."""

    def used(self) -> Mapping[str, str]:
        """The ids of images and layers that something needs of which no record tells, and what that is."""


class EngineShelf:
    """The images of an engine of containers: its layers are images as well."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name = engine.name
        self.digest = engine.digest
        self.remove_image = engine.remove_image
        self.tag = engine.tag

    def images(self) -> Mapping[str, Stocked]:
        """See `Shelf.images`."""
        return stock_of(self._engine)

    def layers(self) -> Mapping[str, Stocked]:
        """See `Shelf.layers`."""
        return self.images()

    def used(self) -> Mapping[str, str]:
        """See `Shelf.used`."""
        return dict.fromkeys(used_images(self._engine), "a container uses it")


def find_shelf(store: Store, name: str) -> Shelf:
    """The shelf of an engine. Raises ToeError where it is not here, or cannot be asked."""
    if name == MACHINES:
        return disks_of(store)
    shelf = EngineShelf(find_engine(name))
    shelf.images()
    return shelf


def disks_of(store: Store) -> DiskShelf:
    """The disks of machine images."""
    return DiskShelf(store.machines)


def notes_of(store: Store, name: str) -> Store:
    """The store as builds by that engine know it: with their notes of what they make."""
    return store.of_machines() if name == MACHINES else store
