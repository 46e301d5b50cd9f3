"""From the trees of a file's resources to the model (toe.images.model)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from toe import codes
from toe.errors import Problem, Severity
from toe.images.model import (
    CONTAINER,
    IMAGE,
    BlockDevice,
    ComponentUse,
    InlineComponent,
    Place,
    Recipe,
    Resource,
)
from toe.images.recipes.found import Found
from toe.images.recipes.problems import Source
from toe.images.recipes.shapes import RECIPE_KINDS
from toe.images.recipes.values import Reference, Unknown, place_of
from toe.nodes import Kind, Node, Scalar
from toe.nodes import Mapping as MappingNode
from toe.nodes import Sequence as SequenceNode

_COMPONENT = "component"
#: Of which nothing follows here: that a part of it is open is no news.
_UNUSED = ("tags", "amiTags", "instanceConfiguration")
#: An ARN of which the region or the account is open still says which component or image is meant.
_NAMED = re.compile(r"^arn:[^/]*:(?:component|image)/[a-z0-9_-]+/[0-9x.]+")


def components_of(found: Iterable[Found]) -> dict[str, InlineComponent]:
    """The components that are defined, by their labels."""
    return {one.label: _inline(one, one.source) for one in found if one.kind == _COMPONENT}


def recipe_of(found: Found, components: Mapping[str, InlineComponent], source: Source) -> Recipe:
    """The recipe that a resource describes; `components` are those of the same file."""
    node = found.node
    repository = node.get("targetRepository")
    uses = tuple(_uses(found, components, source))
    return Recipe(
        kind=CONTAINER if found.kind == "containerRecipe" else IMAGE,
        name=_text(node, "name"),
        version=_text(node, "semanticVersion"),
        parent_image=_text(node, "parentImage"),
        components=uses,
        place=place_of(source.file, found.at),
        label=found.label,
        description=_text(node, "description"),
        dockerfile=_known_text(node, "dockerfileTemplateData"),
        dockerfile_uri=_text(node, "dockerfileTemplateUri"),
        working_directory=_text(node, "workingDirectory"),
        target_repository=_text(repository, "repositoryName") if isinstance(repository, MappingNode) else "",
        platform=_text(node, "platformOverride"),
        tags=_tags(node.get("tags")),
        block_devices=tuple(_block_devices(node.get("blockDeviceMappings"), source)),
        user_data=_user_data(node),
        uninstall_agent=_uninstalls_agent(node),
        unknown=tuple(_unknown_of_recipe(found, source)),
    )


def resource_of(found: Found, source: Source) -> Resource:
    """Any other resource of Image Builder, as plain data."""
    refers = {key.text: value.label for key, value in found.node if isinstance(value, Reference)}
    fields = plain(found.node)
    return Resource(found.kind, found.label, fields, refers, place_of(source.file, found.at))


def plain(node: Node) -> Any:
    """A tree as plain data, texts as the source has them; without what is not known."""
    if isinstance(node, MappingNode):
        return {key.text: plain(value) for key, value in node if not isinstance(value, Unknown)}
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items if not isinstance(item, Unknown)]
    if not isinstance(node, Scalar):
        return None
    if node.kind is Kind.BOOLEAN:
        return node.text.lower() in ("true", "yes", "on")
    return int(node.text) if node.kind is Kind.INTEGER and node.text.isdecimal() and len(node.text) < 20 else node.text


def unknown_values(found: Found, source: Source) -> Iterator[Problem]:
    """What the file leaves open in a recipe or a component, as information."""
    if found.kind in (*RECIPE_KINDS, _COMPONENT):
        for field, value in _unknown_in(_without_unused(found.node), ""):
            if (
                field != "kmsKeyId"
                and value.reason
                and not isinstance(value, Reference)
                and not _NAMED.search(value.partial)
            ):
                yield _not_known(found, field, value, source, Severity.INFO)


def _without_unused(node: MappingNode) -> MappingNode:
    """A resource without what means nothing here."""
    pairs = [(key, value) for key, value in node if key.text not in _UNUSED]
    return MappingNode(node.line, node.column, node.end_line, node.end_column, pairs)


def _unknown_in(node: Node, field: str) -> Iterator[tuple[str, Unknown]]:
    if isinstance(node, Unknown):
        yield field, node
    elif isinstance(node, MappingNode):
        for key, value in node:
            yield from _unknown_in(value, key.text)
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _unknown_in(item, field)


def _unknown_of_recipe(found: Found, source: Source) -> Iterator[Problem]:
    """What a build cannot do without. The base and the components may be named in toe-images.yml all the same."""
    for field in ("name", "semanticVersion", "dockerfileTemplateData", "dockerfileTemplateUri"):
        value = found.node.get(field)
        if isinstance(value, Unknown):
            yield _not_known(found, field, value, source, Severity.ERROR)
    configuration = found.node.get("additionalInstanceConfiguration")
    for _, value in _unknown_in(configuration, "") if configuration is not None else ():
        yield _not_known(found, "userDataOverride", value, source, Severity.ERROR)
    uses = found.node.get("components")
    if isinstance(uses, Unknown):
        yield _not_known(found, "components", uses, source, Severity.ERROR)
    for use in uses.items if isinstance(uses, SequenceNode) else ():
        if isinstance(use, Unknown):
            yield _not_known(found, "components", use, source, Severity.ERROR)
        parameters = use.get("parameters") if isinstance(use, MappingNode) else None
        for _, value in _unknown_in(parameters, "") if parameters is not None else ():
            yield _not_known(found, "parameters", value, source, Severity.ERROR)


def _not_known(found: Found, field: str, value: Unknown, source: Source, severity: Severity) -> Problem:
    written = found.spelling.spell(field, found.kind)
    reason = f": {value.reason}" if value.reason else ""
    place = (value.line, value.column, value.line, value.column + 1)
    return Problem(
        codes.RECIPE_NOT_KNOWN,
        severity,
        f"'{written}' is not known here{reason}",
        value.hint,
        source.file,
        *place,
        source.findings.source_line(value.line, value.column),
    )


def _inline(found: Found, source: Source) -> InlineComponent:
    data = found.node.get("data")
    unknown = data if isinstance(data, Unknown) else found.node.get("uri")
    return InlineComponent(
        name=_text(found.node, "name"),
        version=_text(found.node, "semanticVersion"),
        text=_known_text(found.node, "data"),
        place=place_of(source.file, found.at),
        uri=_known_text(found.node, "uri"),
        platform=_text(found.node, "platform"),
        description=_text(found.node, "description"),
        unknown=(unknown.reason or "it cannot be made out") if isinstance(unknown, Unknown) else "",
        text_place=_text_place(data, source) if isinstance(data, Scalar) else None,
    )


def _text_place(data: Scalar, source: Source) -> Place:
    """Where a document within a template begins: the lines of a `|` block are lines of the file."""
    place = place_of(source.file, data)
    if data.style != "|":
        return place
    lines = data.text.splitlines()
    number = next((number for number, line in enumerate(lines) if line.strip()), 0)
    whole = source.findings.lines[data.line + number] if data.line + number < len(source.findings.lines) else ""
    return Place(source.file, data.line + 1, max(whole.find(lines[number]) if lines else 0, 0) + 1)


def _uses(found: Found, components: Mapping[str, InlineComponent], source: Source) -> Iterator[ComponentUse]:
    uses = found.node.get("components")
    for use in uses.items if isinstance(uses, SequenceNode) else ():
        if not isinstance(use, MappingNode):
            continue
        named = use.get("componentArn")
        inline = None
        if isinstance(named, Reference):
            inline = components.get(named.label)
            if inline is None:
                field = found.spelling.spell("componentArn")
                message = f"'{field}' is the ARN of a component, and '{named.label}' is none"
                source.at(named, codes.RECIPE_UNKNOWN_REFERENCE, message)
        reference = inline_reference(inline) if inline is not None else _text(use, "componentArn")
        yield ComponentUse(reference, _parameters(use.get("parameters")), place_of(source.file, named or use), inline)


def inline_reference(component: InlineComponent) -> str:
    """How a component of the same file is called where its ARN would stand: `name/version`."""
    return f"{component.name}/{component.version}"


def _parameters(node: Node | None) -> dict[str, tuple[str, ...]]:
    given: dict[str, tuple[str, ...]] = {}
    for item in node.items if isinstance(node, SequenceNode) else ():
        name = _text(item, "name") if isinstance(item, MappingNode) else ""
        value = item.get("value") if isinstance(item, MappingNode) else None
        if isinstance(value, SequenceNode):
            given[name] = tuple(_scalar_text(one) for one in value.items)
        elif value is not None and name:
            given[name] = (_scalar_text(value),)
    return given


def _block_devices(node: Node | None, source: Source) -> Iterator[BlockDevice]:
    for item in node.items if isinstance(node, SequenceNode) else ():
        if not isinstance(item, MappingNode):
            continue
        fields = plain(item)
        ebs = fields.get("ebs") if isinstance(fields.get("ebs"), dict) else {}
        size = str(ebs.get("volumeSize", ""))
        yield BlockDevice(
            device=str(fields.get("deviceName", "")),
            size_gib=int(size) if size.isdecimal() and len(size) < 10 else None,
            volume_type=str(ebs.get("volumeType", "")),
            encrypted=_is_true(ebs.get("encrypted")),
            delete_on_termination="deleteOnTermination" not in ebs or _is_true(ebs["deleteOnTermination"]),
            snapshot=str(ebs.get("snapshotId", "")),
            place=place_of(source.file, item),
        )


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def _user_data(node: MappingNode) -> bytes:
    configuration = node.get("additionalInstanceConfiguration")
    text = _known_text(configuration, "userDataOverride") if isinstance(configuration, MappingNode) else ""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""  # which the schema has told


def _uninstalls_agent(node: MappingNode) -> bool:
    value: Node | None = node
    for key in ("additionalInstanceConfiguration", "systemsManagerAgent", "uninstallAfterBuild"):
        value = value.get(key) if isinstance(value, MappingNode) else None
    return isinstance(value, Scalar) and _is_true(value.text)


def _tags(node: Node | None) -> dict[str, str]:
    if not isinstance(node, MappingNode):
        return {}
    return {key.text: value.text for key, value in node if isinstance(value, Scalar)}


def _text(node: Node | None, key: str) -> str:
    """The text under a key, with UNKNOWN_PART where a part of it is not known; "" where there is none."""
    value = node.get(key) if isinstance(node, MappingNode) else None
    return "" if value is None else _scalar_text(value)


def _scalar_text(value: Node) -> str:
    if isinstance(value, Unknown):
        return value.partial
    return value.text if isinstance(value, Scalar) else ""


def _known_text(node: Node | None, key: str) -> str:
    """The text under a key if all of it is known."""
    value = node.get(key) if isinstance(node, MappingNode) else None
    return value.text if isinstance(value, Scalar) else ""


def sorted_problems(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """By line and column, each once."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column, problem.code)))
