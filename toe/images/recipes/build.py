"""From the trees of a file's resources to the model (toe.images.model)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from toe import codes
from toe.document.source import is_remote, read_document
from toe.document.text import decode
from toe.errors import DocumentError, Problem
from toe.images.model import (
    CONTAINER,
    IMAGE,
    ComponentUse,
    InlineComponent,
    Place,
    Recipe,
    Resource,
)
from toe.images.recipes.found import Found
from toe.images.recipes.instance import block_devices, uninstalls_agent, user_data
from toe.images.recipes.left_open import unknown_of_recipe
from toe.images.recipes.plain import known_text, plain, scalar_text, text
from toe.images.recipes.problems import Source
from toe.images.recipes.values import Reference, Unknown, place_of
from toe.nodes import Mapping as MappingNode
from toe.nodes import Node, Scalar
from toe.nodes import Sequence as SequenceNode

_COMPONENT = "component"


def components_of(found: Iterable[Found]) -> dict[str, InlineComponent]:
    """The components that are defined, by their labels."""
    return {one.label: _inline(one, one.source) for one in found if one.kind == _COMPONENT}


def recipe_of(found: Found, components: Mapping[str, InlineComponent], source: Source) -> Recipe:
    """The recipe that a resource describes; `components` are those of the same file."""
    node = found.node
    repository = node.get("targetRepository")
    uses = tuple(_uses(found, components, source))
    dockerfile, uri = _dockerfile(node, source)
    return Recipe(
        kind=CONTAINER if found.kind == "containerRecipe" else IMAGE,
        name=text(node, "name"),
        version=text(node, "semanticVersion"),
        parent_image=text(node, "parentImage"),
        components=uses,
        place=place_of(source.file, found.at),
        label=found.label,
        description=text(node, "description"),
        dockerfile=dockerfile,
        dockerfile_uri=uri,
        working_directory=known_text(node, "workingDirectory"),
        target_repository=known_text(repository, "repositoryName") if isinstance(repository, MappingNode) else "",
        platform=known_text(node, "platformOverride"),
        tags=_tags(node.get("tags")),
        block_devices=tuple(block_devices(node.get("blockDeviceMappings"), source)),
        user_data=user_data(node),
        uninstall_agent=uninstalls_agent(node),
        unknown=tuple(unknown_of_recipe(found, source)),
    )


def _dockerfile(node: MappingNode, source: Source) -> tuple[str, str]:
    """The text of the Dockerfile template, or where else than in a file of this machine it is kept."""
    uri = text(node, "dockerfileTemplateUri")
    if not uri or is_remote(uri):
        return known_text(node, "dockerfileTemplateData"), uri
    try:
        return decode(read_document(os.path.join(source.folder, uri.removeprefix("file://"))))[0], ""
    except DocumentError:
        return "", uri


def resource_of(found: Found, source: Source) -> Resource:
    """Any other resource of Image Builder, as plain data."""
    refers = {key.text: value.label for key, value in found.node if isinstance(value, Reference)}
    fields = plain(found.node)
    return Resource(found.kind, found.label, fields, refers, place_of(source.file, found.at))


def _inline(found: Found, source: Source) -> InlineComponent:
    data = found.node.get("data")
    unknown = data if isinstance(data, Unknown) else found.node.get("uri")
    return InlineComponent(
        name=text(found.node, "name"),
        version=text(found.node, "semanticVersion"),
        text=known_text(found.node, "data"),
        place=place_of(source.file, found.at),
        uri=known_text(found.node, "uri"),
        platform=text(found.node, "platform"),
        description=text(found.node, "description"),
        unknown=(unknown.reason or "it cannot be made out") if isinstance(unknown, Unknown) else "",
        text_place=_text_place(data, source) if isinstance(data, Scalar) and data.style == "|" else None,
    )


def _text_place(data: Scalar, source: Source) -> Place:
    """Where a document within a template begins: the lines of a `|` block are lines of the file."""
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
        reference = inline_reference(inline) if inline is not None else text(use, "componentArn")
        yield ComponentUse(reference, _parameters(use.get("parameters")), place_of(source.file, named or use), inline)


def inline_reference(component: InlineComponent) -> str:
    """How a component of the same file is called where its ARN would stand: `name/version`."""
    return f"{component.name}/{component.version}"


def _parameters(node: Node | None) -> dict[str, tuple[str, ...]]:
    given: dict[str, tuple[str, ...]] = {}
    for item in node.items if isinstance(node, SequenceNode) else ():
        name = text(item, "name") if isinstance(item, MappingNode) else ""
        value = item.get("value") if isinstance(item, MappingNode) else None
        if isinstance(value, SequenceNode):
            given[name] = tuple(scalar_text(one) for one in value.items)
        elif value is not None and name:
            given[name] = (scalar_text(value),)
    return given


def _tags(node: Node | None) -> dict[str, str]:
    if not isinstance(node, MappingNode):
        return {}
    return {key.text: value.text for key, value in node if isinstance(value, Scalar)}


def sorted_problems(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """By line and column, each once."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column, problem.code)))
