"""What may stand at a place of a recipe file: the fields of the service's model, as the file's form writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from toe.images.recipes.api_input import api_kind
from toe.images.recipes.rules import unused_fields
from toe.images.recipes.shapes import shapes
from toe.images.recipes.spelling import API_SPELLING, CLOUDFORMATION_SPELLING, Spelling
from toe.images.recipes.template import KINDS, section, text_of
from toe.language_server.recipes.meanings import meaning
from toe.nodes import Mapping as MappingNode
from toe.nodes import Node
from toe.records import NamedTuple

Path = tuple[str | int, ...]
_RESOURCE_DEPTH = 3
_FUNCTION = "Fn::"


class Field(NamedTuple):
    """A field: `written` as the file's form has it, `names` the API's from the resource of this `kind` on.

    The resource itself has no names. `shape` is the service's model of what stands there.
    """

    kind: str
    names: tuple[str, ...]
    written: str
    shape: Mapping[str, Any]
    required: bool = False

    @property
    def is_collection(self) -> bool:
        """Whether a mapping or a list stands behind it."""
        return self.shape["type"] in ("structure", "list", "map")

    @property
    def described(self) -> str:
        """What it is, what it may hold and what follows from it here, as Markdown."""
        lines = [f"**{self.written}**" + (" (required)" if self.required else ""), meaning(self.kind, self.names)]
        reason = self._unused()
        lines.append(f"It has no meaning here: {reason}." if reason else "")
        lines.append(_limits(self.shape))
        return "\n\n".join(line for line in lines if line)

    def _unused(self) -> str:
        """Why nothing follows from it here, or from what it is a part of; "" where something does."""
        reasons = unused_fields(self.kind)
        paths = (".".join(self.names[:depth]) for depth in range(1, len(self.names) + 1))
        return next((reasons[path] for path in paths if path in reasons), "")


def field_at(root: Node, path: Path) -> Field | None:
    """The field at a path of a file, or the resource; None where the model knows nothing of it.

    The path of an item is that of its list with the number: its field has the shape of an item.
    """
    resource, spelling, rest = _resource(root, path)
    if not resource:
        return None
    field = Field(resource, (), resource, shapes()[resource])
    parts = list(rest)
    while parts:
        part = parts.pop(0)
        inner = _inner(field, part, spelling)
        if inner is not None:
            field = inner
        elif isinstance(part, str) and is_function(part):
            if parts and isinstance(parts[0], int):  # the branches of Fn::If
                parts.pop(0)
        else:
            return None
    return field


def fields_in(root: Node, path: Path) -> Iterator[Field]:
    """The fields that a mapping at a path may have."""
    field = field_at(root, path)
    if field is None or field.shape["type"] != "structure":
        return
    _, spelling, _ = _resource(root, path)
    for name in field.shape["members"]:
        written = spelling.spell(name, field.kind if not field.names else "")
        inner = _inner(field, written, spelling)
        if inner is not None:
            yield inner


def _resource(root: Node, path: Path) -> tuple[str, Spelling, Path]:
    """The kind of the resource around a path, how its form writes, and the rest of the path within it; "" for none."""
    if not isinstance(root, MappingNode):
        return "", API_SPELLING, ()
    if path[:1] == ("Resources",) and len(path) >= _RESOURCE_DEPTH:
        resources = root.get("Resources")
        resource = resources.get(str(path[1])) if isinstance(resources, MappingNode) else None
        kind = KINDS.get(text_of(resource.get("Type")), "") if isinstance(resource, MappingNode) else ""
        is_inside = path[2] == "Properties"
        return kind if is_inside else "", CLOUDFORMATION_SPELLING, path[_RESOURCE_DEPTH:]
    if root.get("Resources") is not None:
        return "", CLOUDFORMATION_SPELLING, ()
    kind = api_kind(root)
    is_answer = isinstance(root.get(kind), MappingNode)
    if is_answer and path[:1] != (kind,):
        return "", API_SPELLING, ()
    return kind, API_SPELLING, path[1:] if is_answer else path


def _inner(field: Field, part: str | int, spelling: Spelling) -> Field | None:
    shape = field.shape
    if isinstance(part, int):
        return field._replace(shape=shape["member"], required=False) if shape["type"] == "list" else None
    if shape["type"] == "structure":
        is_top = not field.names
        for name, member in shape["members"].items():
            if spelling.spell(name, field.kind if is_top else "") == part:
                return Field(field.kind, (*field.names, name), part, member, name in shape["required"])
    return None


def is_function(key: str) -> bool:
    """Whether a key of a template is that of a function."""
    return key == "Ref" or key.startswith(_FUNCTION)


def names_for(root: Node, function: str) -> Iterator[str]:
    """What a function of a template may name: parameters and resources, and of Image Builder's their ARNs."""
    if not isinstance(root, MappingNode):
        return
    if function == "Ref":
        yield from (name for part in ("Parameters", "Resources") for name in section(root, part))
    elif function == "Fn::GetAtt":
        for name, resource in section(root, "Resources").items():
            if isinstance(resource, MappingNode) and text_of(resource.get("Type")) in KINDS:
                yield f"{name}.Arn"


def words_of(shape: Mapping[str, Any]) -> list[str]:
    """The words of which one must stand at a field; [] where any may."""
    if shape["type"] == "boolean":
        return ["true", "false"]
    return list(shape.get("enum", ()))


def _limits(shape: Mapping[str, Any]) -> str:
    """What a value may be, in a line."""
    kind, words = shape["type"], shape.get("enum")
    if words:
        return "One of " + ", ".join(f"`{word}`" for word in words) + "."
    what = {"string": "A text", "integer": "A whole number", "boolean": "`true` or `false`", "list": "A list"}
    unit = {"string": " characters", "list": " items"}.get(kind, "")
    least, most = shape.get("min"), shape.get("max")
    line = what.get(kind, "A mapping")
    if most is not None and unit:
        line += f" of {f'{least} to ' if least is not None else 'at most '}{most}{unit}"
    elif most is not None and kind == "integer":
        line += f" from {least or 0} to {most}"
    form = f", of the form `{shape['pattern']}`" if "pattern" in shape and "`" not in shape["pattern"] else ""
    return f"{line}{form}."
