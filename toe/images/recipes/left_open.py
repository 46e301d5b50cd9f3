"""What a recipe file leaves open: told as information, and refused by who builds where a build needs it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from toe import codes
from toe.errors import Problem, Severity
from toe.images.recipes.found import Found
from toe.images.recipes.problems import Source
from toe.images.recipes.shapes import RECIPE_KINDS
from toe.images.recipes.values import Reference, Unknown
from toe.nodes import Mapping as MappingNode
from toe.nodes import Node
from toe.nodes import Sequence as SequenceNode

#: Of which nothing follows here: that a part of it is open is no news.
_UNUSED = ("tags", "amiTags", "instanceConfiguration")
#: Without these a build would make another image than the one that is meant.
_NEEDED = ("name", "semanticVersion", "dockerfileTemplateData", "dockerfileTemplateUri", "workingDirectory")
#: An ARN of which the region or the account is open still says which component or image is meant.
_NAMED = re.compile(r"^arn:[^/]*:(?:component|image)/[a-z0-9_-]+/[0-9x.]+")


def unknown_values(found: Found, source: Source) -> Iterator[Problem]:
    """What the file leaves open in a recipe or a component, as information."""
    if found.kind in (*RECIPE_KINDS, "component"):
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


def unknown_of_recipe(found: Found, source: Source) -> Iterator[Problem]:
    """What a build cannot do without. The base and the components may be named in toe-images.yml all the same."""
    for field in _NEEDED:
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
