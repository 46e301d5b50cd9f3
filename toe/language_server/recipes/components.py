"""The components that an open recipe names, and those that it could: from this machine, nothing is fetched."""

from __future__ import annotations

import os
from collections.abc import Iterator

from toe.actions import ActionTable
from toe.check.check import load_document
from toe.errors import ToeError
from toe.images.folders import names_in, versions_in
from toe.images.library import Library, library_of, resolve
from toe.images.model import Component, ComponentUse, Place
from toe.images.recipes.build import inline_reference
from toe.images.recipes.check import side_file_beside, uses_in
from toe.images.recipes.file import RecipeFile, open_file
from toe.images.recipes.values import place_of, references_in
from toe.images.versions import ANY
from toe.language_server.recipes.spots import Spot, covers
from toe.model import Document
from toe.nodes import Mapping, Node

#: Of the components in a list to choose from, and of the versions of each.
MOST_OFFERED = 200


class OpenRecipe:
    """A recipe as it is typed. `data` is its text, `path` that of its file. Raises ToeError where it cannot be read."""

    def __init__(self, data: bytes, path: str) -> None:
        self.file: RecipeFile = open_file(data, path, {})
        self._path = path

    def library(self) -> Library:
        """Where its components are looked for."""
        return library_of(self._path, tuple(self.file.components.values()), side_file_beside(self._path)[0])

    def uses(self) -> Iterator[tuple[Mapping, ComponentUse]]:
        """The components that its recipes name, each with its entry."""
        return uses_in(self.file, self.file.reading())

    def use_of(self, entry: Node) -> ComponentUse | None:
        """The component that is named in an entry, which may be of another tree of the same text."""
        return next((use for node, use in self.uses() if (node.line, node.column) == (entry.line, entry.column)), None)

    def component(self, use: ComponentUse) -> Component | None:
        """The component that is named; None where it is not on this machine."""
        try:
            return resolve(use, self.library())
        except ToeError:
            return None

    def named_at(self, line: int, column: int) -> Component | None:
        """The component whose name is at a place."""
        for node, use in self.uses():
            named = node.get("componentArn")
            if named is not None and covers(named, line, column):
                return self.component(use)
        return None

    def referred_at(self, line: int, column: int) -> Place | None:
        """Where the resource of the same file begins that is referred to at a place."""
        for found in self.file.found:
            for node in references_in(found.node):
                if covers(node, line, column):
                    labels = (other for other in self.file.found if other.label == node.label)
                    return next((place_of(other.source.file, other.at) for other in labels), None)
        return None


def document_of(component: Component) -> Document | None:
    """The document of a component, as far as it can be read."""
    return load_document(component.text, component.path, ActionTable())[0]


def component_around(data: bytes, path: str, spot: Spot) -> Component | None:
    """The component to which the parameters around a place are given; `data` is the text that has this place."""
    try:
        recipe = OpenRecipe(data, path)
    except ToeError:
        return None
    uses = (recipe.use_of(parent) for parent in reversed(spot.parents))
    use = next((use for use in uses if use is not None), None)
    return recipe.component(use) if use is not None else None


def offered_components(recipe: OpenRecipe) -> dict[str, str]:
    """What may stand where a component is named -> what that is: `name/version` with each `x` that has a meaning."""
    library = recipe.library()
    found = {inline_reference(one): "in this file" for one in library.inline if one.name and one.version}
    found |= {key: named.value for key, named in library.side.components.items() if "*" not in key}
    for name in names_in(library.folders)[:MOST_OFFERED]:
        try:
            versions = sorted(versions_in(library.folders, name).items(), reverse=True)
        except ToeError:  # several documents could be meant
            continue
        for version, path in versions[:MOST_OFFERED]:
            for text in (f"{ANY}.{ANY}.{ANY}", f"{version.major}.{ANY}.{ANY}", version.semantic):
                found.setdefault(f"{name}/{text}", os.path.relpath(path, library.folder or "."))
    return found
