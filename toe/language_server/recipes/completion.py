"""Completion in recipes and in toe-images.yml: fields, their words, components, and parameters of a component."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lsprotocol import types

from toe.errors import ToeError
from toe.images.recipes.file import TERRAFORM_ENDING
from toe.images.recipes.recognition import SIDE_FILE
from toe.images.recipes.template import KINDS
from toe.images.side_file import ENGINES, FIELDS, ISOLATIONS
from toe.language_server.buffers import Buffer
from toe.language_server.items import item, markdown
from toe.language_server.recipes.components import OpenRecipe, component_around, document_of, offered_components
from toe.language_server.recipes.cursor import MARK, Cursor, cursor_in
from toe.language_server.recipes.fields import Field, Path, field_at, fields_in, is_function, names_for, words_of
from toe.language_server.recipes.meanings import SIDE_FIELDS
from toe.language_server.references import described_value, value_named
from toe.model import Parameter
from toe.nodes import Mapping, Scalar

_REFERENCE = ("components", "componentArn")
_PARAMETER = ("components", "parameters", "name")
_VALUE = ("components", "parameters", "value")
_SIDE_WORDS: dict[Path, tuple[str, ...]] = {("engine",): ENGINES, ("isolation",): ISOLATIONS}
_SIDE_MAPPINGS = ("components", "images", "cache", "registries", "disks", "notices", "scan")


def complete_in(buffer: Buffer, position: types.Position) -> list[types.CompletionItem]:
    """What may be written at a position of a recipe or of toe-images.yml; nothing in Terraform."""
    if buffer.path.endswith(TERRAFORM_ENDING):
        return []
    offset = buffer.positions.offset_of(position)
    cursor = cursor_in(buffer.text, offset)
    if cursor is None or "\n" in cursor.word or cursor.spot.scalar.style in ("|", ">"):
        return []
    where = buffer.positions.range(offset - len(cursor.word), offset)
    writer = _Writer(cursor, where, buffer.text[offset:])
    if buffer.kind == SIDE_FILE:
        return list(_of_side_file(writer))
    return list(_of_recipe(buffer, writer))


class _Writer:
    """Writes what was chosen, as the text around it has it: with quotes in JSON, with a colon behind a key."""

    def __init__(self, cursor: Cursor, where: types.Range, after: str) -> None:
        self.cursor = cursor
        self._where = where
        self._has_colon = after.lstrip("\"'").lstrip(" ").startswith(":")

    @property
    def path(self) -> Path:
        """The path of what is typed, without the mark where it is a key."""
        return self.cursor.spot.path[:-1] if self.cursor.spot.is_key else self.cursor.spot.path

    @property
    def siblings(self) -> set[str]:
        """The keys that the mapping has already."""
        parents = self.cursor.spot.parents
        mapping = parents[-1] if parents else None
        return {key.text for key, _ in mapping} if isinstance(mapping, Mapping) else set()

    @property
    def is_below(self) -> bool:
        """Whether what is typed stands on a line of its own, and not behind a key."""
        parents, path = self.cursor.spot.parents, self.cursor.spot.path
        if self.cursor.spot.is_key or not isinstance(parents[-1], Mapping):
            return True
        key = parents[-1].key_node(str(path[-1]))
        return key is None or key.line < self.cursor.spot.scalar.line

    def key(self, name: str, *, is_collection: bool, dash: str = "") -> types.CompletionItem:
        """A key, with what stands behind it."""
        cursor = self.cursor
        text = name if cursor.is_quoted or not cursor.is_json else json.dumps(name)
        if not self._has_colon and not cursor.is_quoted:
            text += ":" if is_collection and not cursor.is_json else ": "
        return item(name, dash + text, self._where, types.CompletionItemKind.Property)

    def word(self, text: str, kind: types.CompletionItemKind, *, is_text: bool = True) -> types.CompletionItem:
        """A value."""
        written = json.dumps(text) if self.cursor.is_json and not self.cursor.is_quoted and is_text else text
        return item(text, written, self._where, kind)


def _of_side_file(writer: _Writer) -> Iterator[types.CompletionItem]:
    path = tuple(part for part in writer.path if isinstance(part, str))
    if writer.cursor.spot.is_key:
        names = (
            FIELDS if not path else [name.partition(".")[2] for name in SIDE_FIELDS if name.startswith(f"{path[0]}.")]
        )
        for name in names if len(path) < 2 else ():
            if name not in writer.siblings:
                one = writer.key(name, is_collection=not path and name in _SIDE_MAPPINGS)
                one.documentation = markdown(SIDE_FIELDS[".".join((*path, name))])
                yield one
    for word in _SIDE_WORDS.get(path, ()) if not writer.cursor.spot.is_key else ():
        yield writer.word(word, types.CompletionItemKind.EnumMember)


def _of_recipe(buffer: Buffer, writer: _Writer) -> Iterator[types.CompletionItem]:
    cursor = writer.cursor
    if not cursor.spot.is_key and writer.path[2:] == ("Type",) and writer.path[:1] == ("Resources",):
        for kind in KINDS:
            yield writer.word(kind, types.CompletionItemKind.Class)
        return
    function = writer.path[-1] if writer.path and not cursor.spot.is_key else ""
    if isinstance(function, str) and is_function(function):
        for name in names_for(cursor.root, function):
            yield writer.word(name, types.CompletionItemKind.Reference)
        return
    field = field_at(cursor.root, writer.path)
    if field is None:
        return
    if field.shape["type"] == "structure" and writer.is_below:
        yield from _keys(writer, writer.path, "")
    elif field.shape["type"] == "list" and field.shape["member"]["type"] == "structure" and not cursor.is_json:
        yield from _keys(writer, (*writer.path, 0), "- ") if writer.is_below else ()
    else:
        yield from _values(buffer, writer, field)


def _keys(writer: _Writer, path: Path, dash: str) -> Iterator[types.CompletionItem]:
    for field in fields_in(writer.cursor.root, path):
        if field.written not in writer.siblings:
            one = writer.key(field.written, is_collection=field.is_collection, dash=dash)
            one.documentation = markdown(field.described)
            one.sort_text = f"{'0' if field.required else '1'}{field.written}"
            yield one


def _values(buffer: Buffer, writer: _Writer, field: Field) -> Iterator[types.CompletionItem]:
    shape = field.shape["member"] if field.shape["type"] == "list" else field.shape
    for word in words_of(shape):
        yield writer.word(word, types.CompletionItemKind.EnumMember, is_text=shape["type"] != "boolean")
    if field.names == _REFERENCE:
        yield from _components(buffer, writer)
    elif field.names in (_PARAMETER, _VALUE):
        yield from _of_component(buffer, writer, field)


def _components(buffer: Buffer, writer: _Writer) -> Iterator[types.CompletionItem]:
    try:
        recipe = OpenRecipe(writer.cursor.data, buffer.path)
    except ToeError:
        return
    for number, (text, what) in enumerate(offered_components(recipe).items()):
        one = writer.word(text, types.CompletionItemKind.Module)
        one.detail, one.sort_text = what, f"{number:05}"
        yield one


def _of_component(buffer: Buffer, writer: _Writer, field: Field) -> Iterator[types.CompletionItem]:
    """The parameters that a component still lacks, or the values that one of them allows."""
    component = component_around(writer.cursor.data, buffer.path, writer.cursor.spot)
    document = document_of(component) if component is not None else None
    if document is None:
        return
    if field.names == _VALUE:
        parameter = value_named(document, _name_beside(writer))
        for word in (parameter.allowed_values or ()) if isinstance(parameter, Parameter) else ():
            yield writer.word(word, types.CompletionItemKind.EnumMember)
        return
    for parameter in document.parameters:
        one = writer.word(parameter.name, types.CompletionItemKind.Variable)
        one.documentation = markdown(described_value(parameter))
        yield one


def _name_beside(writer: _Writer) -> str:
    """The name that stands beside the value that is typed."""
    for parent in reversed(writer.cursor.spot.parents):
        for key in ("name", "Name"):
            named = parent.get(key) if isinstance(parent, Mapping) else None
            if isinstance(named, Scalar) and MARK not in named.text:
                return named.text
    return ""
