"""The distribution configuration of a file, in any form of recipes."""

from __future__ import annotations

from collections.abc import Mapping

from toe.images.model import Resource
from toe.images.recipes.read import judged_recipes, one_resource

KIND = "distributionConfiguration"


def read_configuration(path: str, *, resource: str = "", parameters: Mapping[str, str] | None = None) -> Resource:
    """The only distribution configuration of a file, or that named `resource` (its label or its name).

    Raises ToeError with the problems of the file, for none and for several.
    """
    return one_resource(judged_recipes(path, parameters=parameters), path, KIND, resource)
