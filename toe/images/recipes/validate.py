"""The seam to `toe validate`: whether a file is one of images, and what is wrong with it then."""

from __future__ import annotations

from toe.check.options import CheckOptions
from toe.errors import Problem
from toe.images.recipes.recognition import RECIPE, SIDE_FILE, recognised


def problems_of(data: bytes, path: str, options: CheckOptions) -> list[Problem] | None:
    """What is wrong with a recipe or with toe-images.yml, None for a file that is neither."""
    kind = recognised(data, path)
    if kind == SIDE_FILE:
        from toe.images.side_reader import read_side_file

        return read_side_file(data, path)[1]
    if kind == RECIPE:
        from toe.images.recipes.check import check_recipes

        return check_recipes(data, path, options, options.template_parameters)
    return None
