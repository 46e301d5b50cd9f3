"""What there is: the records of images, put together with what the engines have of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from toe.images.engines.stock import Stocked
from toe.images.records import ImageRecord
from toe.records import NamedTuple

#: By engine: the images that it has, by their ids. An engine that is not here is not in it.
Stocks = Mapping[str, Mapping[str, Stocked]]


class Entry(NamedTuple):
    """An image of a recipe. `records` are those of the builds that gave it, the newest first.

    `stocked` is what the engine has of it, None where it has none any more. `is_known`: the engine could be asked.
    """

    records: tuple[ImageRecord, ...]
    stocked: Stocked | None
    is_known: bool

    @property
    def newest(self) -> ImageRecord:
        """The record of the last build that gave the image."""
        return self.records[0]

    @property
    def image(self) -> str:
        """The image by its content."""
        return self.newest.image

    @property
    def name(self) -> str:
        """The recipe's name."""
        return str(self.newest.recipe.get("name", ""))

    @property
    def version(self) -> str:
        """Version and build number, such as `1.0.0/2`."""
        return str(self.newest.recipe.get("version", ""))

    @property
    def kind(self) -> str:
        """`container` or `image`, what the recipe is (toe.images.model)."""
        return str(self.newest.recipe.get("kind", ""))

    @property
    def engine(self) -> str:
        """The name of the engine that has it."""
        return self.newest.engine.get("name", "")

    @property
    def format(self) -> str:
        """`container`, or the format of a disk."""
        return self.newest.engine.get("format", "container")

    @property
    def made_at(self) -> float:
        """When it was first built, in seconds since the epoch: a build that gave it again made nothing."""
        return self.records[-1].ended_at

    @property
    def resource_tags(self) -> Mapping[str, str]:
        """The tags that the recipe and its pipeline give to the image."""
        return {str(key): str(value) for key, value in dict(self.newest.recipe.get("tags") or {}).items()}

    @property
    def described(self) -> str:
        """Such as `web 1.0.0/2`."""
        return f"{self.name} {self.version}"

    def names(self) -> tuple[str, ...]:
        """The names which builds gave to the image and which it still has: `latest` may be another one's by now."""
        given = dict.fromkeys(tag for record in self.records for tag in record.tags)
        has = self.stocked.names if self.stocked else ()
        return tuple(tag for tag in given if tag in has)


def entries(records: Iterable[ImageRecord], stocks: Stocks) -> list[Entry]:
    """The images of the records, those that were built last first."""
    gathered: dict[tuple[Any, ...], list[ImageRecord]] = {}
    for record in sorted(records, key=lambda one: -one.ended_at):
        key = (record.recipe.get("name"), record.image, record.engine.get("name"))
        gathered.setdefault(key, []).append(record)
    found = []
    for group in gathered.values():
        stock = stocks.get(group[0].engine.get("name", ""))
        found.append(Entry(tuple(group), stock.get(group[0].image) if stock else None, stock is not None))
    return found
