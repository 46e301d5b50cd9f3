"""The names of images: what a recipe's become, and which are none."""

from __future__ import annotations

import re
from collections.abc import Iterable

from toe.errors import ToeError
from toe.images.model import Recipe
from toe.images.versions import Version

#: https://github.com/distribution/reference: host with port, path of lower case, tag.
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?/)?"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(rf"{_HOST}{_PART}(?:/{_PART})*(?::[A-Za-z0-9_][A-Za-z0-9._-]{{0,127}})?")
#: Where engines keep images that come from no registry.
LOCAL = "localhost"


def image_names(recipe: Recipe, version: Version, wanted: Iterable[str]) -> tuple[str, ...]:
    """The names that an image gets: the wanted ones, else the recipe's with version and build number, and `latest`.

    A wanted name without a tag gets both. Raises ToeError for what is no name.
    """
    names = list(wanted) or [f"{LOCAL}/{repository_of(recipe)}"]
    found: dict[str, None] = {}
    for name in names:
        if not is_image_name(name):
            raise ToeError(f"'{name}' is no name of an image", hint="for example localhost/web:1.0, in lower case")
        if ":" in name.rpartition("/")[2]:
            found[name] = None
        else:
            found[f"{name}:{version.semantic}-{version.build}"] = None
            found[f"{name}:latest"] = None
    return tuple(found)


def is_image_name(name: str) -> bool:
    """Whether engines take it for the name of an image."""
    return bool(_NAME.fullmatch(name))


def repository_of(recipe: Recipe) -> str:
    """The name of the recipe's repository, else its own, as engines take it."""
    name = recipe.target_repository or recipe.name
    parts = (re.sub(r"[^a-z0-9._]+", "-", part.lower()).strip("-._") for part in name.split("/"))
    return "/".join(part for part in parts if part) or "image"
