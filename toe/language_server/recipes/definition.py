"""From a name in a recipe or in toe-images.yml to what it means: a component's document, a resource, a file."""

from __future__ import annotations

import os
from pathlib import Path

from lsprotocol import types

from toe.document.loader import parse_yaml
from toe.document.source import is_remote
from toe.errors import ToeError
from toe.images.model import Component, Place
from toe.images.recipes.functions import SHORT_FORMS
from toe.images.recipes.recognition import SIDE_FILE
from toe.language_server.buffers import Buffer
from toe.language_server.recipes.components import OpenRecipe
from toe.language_server.recipes.fields import field_at
from toe.language_server.recipes.spots import Spot, spot_at
from toe.nodes import Node

#: Fields that name a file beside the recipe, unless they name S3.
_FILES = (("dockerfileTemplateUri",), ("uri",))


def definition_in(buffer: Buffer, position: types.Position) -> types.Location | None:
    """Where what is named at a position stands; None where that is not on this machine."""
    line, column = buffer.positions.place(position)
    try:
        recipe = OpenRecipe(buffer.data, buffer.path) if buffer.kind != SIDE_FILE else None
    except ToeError:
        return None
    place = recipe.referred_at(line, column) if recipe is not None else None
    component = recipe.named_at(line, column) if recipe is not None and place is None else None
    if component is not None:
        place = _document(component)
    if place is None:
        path = _file_at(buffer, line, column)
        place = Place(path) if path else None
    return _location(buffer, place) if place is not None else None


def _document(component: Component) -> Place | None:
    if component.text_place is not None:
        return component.text_place
    return Place(component.path) if os.path.isfile(component.path) else None


def _file_at(buffer: Buffer, line: int, column: int) -> str:
    """The file that is named at a place, "" for none."""
    root = parse_yaml(buffer.data, buffer.path, functions=SHORT_FORMS)[0]
    spot = spot_at(root, line, column) if root is not None else None
    if root is None or spot is None or spot.is_key or not _names_file(buffer, root, spot):
        return ""
    path = os.path.join(os.path.dirname(buffer.path), spot.scalar.text.removeprefix("file://"))
    return path if os.path.isfile(path) else ""


def _names_file(buffer: Buffer, root: Node, spot: Spot) -> bool:
    if is_remote(spot.scalar.text):
        return False
    if buffer.kind == SIDE_FILE:
        return spot.path[:1] in (("components",), ("images",)) or spot.path[-1:] == ("secret_file",)
    field = field_at(root, spot.path)
    return field is not None and field.names in _FILES


def _location(buffer: Buffer, place: Place) -> types.Location:
    if place.file == buffer.path:
        at = buffer.positions.position(buffer.positions.offset(place.line, place.column))
        return types.Location(buffer.uri, types.Range(at, at))
    # of another file the line alone is certain: its text is not read
    at = types.Position(place.line - 1, 0)
    return types.Location(Path(os.path.abspath(place.file)).as_uri(), types.Range(at, at))
