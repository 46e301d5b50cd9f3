"""Hover in recipes and in toe-images.yml: what a field is, which component is named, what a parameter is for."""

from __future__ import annotations

import os
from collections.abc import Iterator

from toe.document.loader import parse_yaml
from toe.errors import ToeError
from toe.images.model import Component
from toe.images.recipes.functions import SHORT_FORMS
from toe.images.recipes.recognition import SIDE_FILE
from toe.language_server.buffers import Buffer
from toe.language_server.recipes.components import OpenRecipe, component_around, document_of
from toe.language_server.recipes.fields import Field, field_at
from toe.language_server.recipes.meanings import SIDE_FIELDS
from toe.language_server.recipes.spots import Spot, spot_at
from toe.language_server.references import described_value, value_named
from toe.nodes import Node


def said_of(buffer: Buffer, line: int, column: int) -> Iterator[str]:
    """What is to be said of a place of a recipe or of toe-images.yml, as Markdown."""
    root = parse_yaml(buffer.data, buffer.path, functions=SHORT_FORMS)[0]
    spot = spot_at(root, line, column) if root is not None else None
    if root is None or spot is None:
        return
    if buffer.kind == SIDE_FILE:
        yield from _of_side_file(spot)
        return
    field = field_at(root, spot.path)
    if spot.is_key:
        yield from [field.described] if field is not None and field.written == spot.scalar.text else []
    elif field is not None:
        yield from _of_value(buffer, root, spot, field, line, column)


def _of_side_file(spot: Spot) -> Iterator[str]:
    name = ".".join(part for part in spot.path if isinstance(part, str))
    if spot.is_key and name in SIDE_FIELDS:
        yield f"**{spot.scalar.text}**\n\n{SIDE_FIELDS[name]}"


def _of_value(buffer: Buffer, root: Node, spot: Spot, field: Field, line: int, column: int) -> Iterator[str]:
    if field.names == ("components", "parameters", "name"):
        component = component_around(buffer.data, buffer.path, spot)
        document = document_of(component) if component is not None else None
        parameter = value_named(document, spot.scalar.text) if document is not None else None
        yield from [described_value(parameter)] if parameter is not None else []
    elif field.names == ("components", "componentArn"):
        try:
            component = OpenRecipe(buffer.data, buffer.path).named_at(line, column)
        except ToeError:
            return
        yield from [described_component(component)] if component is not None else []


def described_component(component: Component) -> str:
    """What a component is: its version, its file, and the parameters of its document, as Markdown."""
    document = document_of(component)
    lines = [f"**{component.name}** {component.version}/{component.build}: `{os.path.normpath(component.path)}`"]
    if document is not None:
        lines += [document.description]
        lines += ["\n".join("- " + described_value(one).replace("\n\n", "\n\n  ") for one in document.parameters)]
    return "\n\n".join(line for line in lines if line)
