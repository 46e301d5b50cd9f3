"""The shapes of Image Builder's resources: their fields, required ones, types and limits, from `service_model.json`.

The table is distilled from the service's public API model (toe.images.recipes.distill).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

RECIPE_KINDS = ("imageRecipe", "containerRecipe")


@lru_cache(maxsize=1)
def shapes() -> Mapping[str, Mapping[str, Any]]:
    """All shapes, by the kind of the resource (`imageRecipe`, `component` ...). Do not change them."""
    import json
    from importlib.resources import files

    text = files("toe.images.recipes").joinpath("service_model.json").read_text("utf-8")
    found: Mapping[str, Mapping[str, Any]] = json.loads(text)
    return found
