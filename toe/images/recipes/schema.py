"""JSON Schema (2020-12) of recipes in the API's own form, derived from the service's model.

`toe validate` judges every form of recipes by these, and editors read the committed files:
`python -m toe.images.recipes.schema imageRecipe > schemas/recipe-image.schema.json`, and `containerRecipe` likewise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.images.recipes.shapes import shapes

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLES = {"imageRecipe": "EC2 Image Builder image recipe", "containerRecipe": "EC2 Image Builder container recipe"}
_TYPES = {"structure": "object", "map": "object", "list": "array"}
_LIMITS = {
    "string": ("minLength", "maxLength"),
    "integer": ("minimum", "maximum"),
    "list": ("minItems", "maxItems"),
    "map": ("minProperties", "maxProperties"),
}


def recipe_schema(kind: str) -> dict[str, Any]:
    """The schema of one kind of resource, a key of `shapes()`."""
    head = {"$schema": DIALECT, "title": TITLES[kind]} if kind in TITLES else {"$schema": DIALECT}
    return {**head, **_schema(shapes()[kind])}


def _schema(shape: Mapping[str, Any]) -> dict[str, Any]:
    kind = shape["type"]
    schema: dict[str, Any] = {"type": _TYPES.get(kind, kind)}
    for limit, key in zip(("min", "max"), _LIMITS.get(kind, ()), strict=False):
        if limit in shape:
            schema[key] = shape[limit]
    for key in ("enum", "pattern"):
        if key in shape:
            schema[key] = shape[key]
    if kind == "structure":
        schema["properties"] = {key: _schema(member) for key, member in shape["members"].items()}
        schema["required"] = shape["required"]
        schema["additionalProperties"] = False
    elif kind == "list":
        schema["items"] = _schema(shape["member"])
    elif kind == "map":
        schema["additionalProperties"] = _schema(shape["value"])
    return schema


if __name__ == "__main__":
    import json
    import sys

    sys.stdout.write(json.dumps(recipe_schema(sys.argv[1]), indent=2) + "\n")
