"""What a pipeline is, read from whatever form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.errors import Problem
from toe.images.model import Place, Recipe, Resource
from toe.images.pipelines.schedule import Schedule
from toe.records import NamedTuple

#: What Image Builder takes where a pipeline does not say it.
DEFAULT_TEST_MINUTES = 720


class Infrastructure(NamedTuple):
    """What of an infrastructure configuration means something here. `bucket` "": logs are copied nowhere."""

    name: str = ""
    keeps_failed: bool = False
    bucket: str = ""
    prefix: str = ""
    topic: str = ""


class Pipeline(NamedTuple):
    """A pipeline with what it names. `recipe_file` has the recipe, which `recipe_name` names there.

    `distribution` is its distribution configuration, None without one; `scanning` has the fields of
    imageScanningConfiguration. `told` is what of all this means nothing here.
    """

    name: str
    place: Place
    recipe: Recipe
    recipe_file: str
    recipe_name: str
    infrastructure: Infrastructure
    distribution: Resource | None
    scanning: Mapping[str, Any]
    schedule: Schedule | None
    is_enabled: bool
    tests: bool
    test_minutes: float
    image_tags: Mapping[str, str]
    told: tuple[Problem, ...]

    @property
    def key(self) -> str:
        """The name as files and units have it."""
        return self.name.strip().lower().replace(" ", "-")
