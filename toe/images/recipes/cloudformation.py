"""CloudFormation templates, YAML or JSON: the resources of Image Builder in them. All others are left alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from toe import codes
from toe.images.recipes.found import Found
from toe.images.recipes.functions import Functions
from toe.images.recipes.problems import Source
from toe.images.recipes.shapes import shapes
from toe.images.recipes.spelling import CLOUDFORMATION_SPELLING, to_api_keys
from toe.images.recipes.template import KINDS, PREFIX, Template, text_of
from toe.nodes import Mapping as MappingNode
from toe.nodes import Node, Scalar, Sequence

#: Resources that CloudFormation makes of a list: the key is this and a name.
_LOOP = "Fn::ForEach::"


def is_template(root: MappingNode) -> bool:
    """Whether a tree is a template with something of Image Builder in it."""
    resources = root.get("Resources")
    return isinstance(resources, MappingNode) and any(_is_of_images(key, value) for key, value in resources)


def _is_of_images(key: Scalar, resource: Node) -> bool:
    if key.text.startswith(_LOOP):
        return _holds_type(resource)
    return isinstance(resource, MappingNode) and text_of(resource.get("Type")).startswith(PREFIX)


def _holds_type(node: Node) -> bool:
    """Whether a type of Image Builder stands somewhere in a tree."""
    if isinstance(node, MappingNode):
        return any(_holds_type(value) for _, value in node)
    if isinstance(node, Sequence):
        return any(map(_holds_type, node.items))
    return text_of(node).startswith(PREFIX)


def read_template(root: MappingNode, given: Mapping[str, str], source: Source) -> Iterator[Found]:
    """The resources of Image Builder, in their order. Raises ToeError for a given parameter that there is not."""
    template = Template(root, given, source)
    functions = Functions(template)
    resources = root.get("Resources")
    for key, resource in resources if isinstance(resources, MappingNode) else ():
        if key.text.startswith(_LOOP) and _holds_type(resource):
            message = "these resources are not known here: CloudFormation makes them for each item of a list"
            source.at(key, codes.RECIPE_NOT_KNOWN, message, "a template that says them one by one can be read")
            continue
        kind = text_of(resource.get("Type")) if isinstance(resource, MappingNode) else ""
        if not kind.startswith(PREFIX) or not isinstance(resource, MappingNode):
            continue
        if kind not in KINDS:
            node = resource.get("Type") or resource
            hint = f"there are {', '.join(name.removeprefix(PREFIX) for name in KINDS)}"
            source.at(node, codes.RECIPE_UNKNOWN_FIELD, f"Image Builder has no resource '{kind}'", hint)
            continue
        found = _resource(key, KINDS[kind], resource, functions, source)
        if found is not None:
            yield found


def _resource(key: Scalar, kind: str, resource: MappingNode, functions: Functions, source: Source) -> Found | None:
    condition = resource.get("Condition")
    if isinstance(condition, Scalar) and functions.conditions.holds(condition.text, condition) is False:
        return None
    properties = resource.get("Properties")
    if not isinstance(properties, MappingNode):
        if properties is not None:
            source.at(properties, codes.RECIPE_WRONG_KIND, f"'Properties' is a mapping, not {properties.described}")
        properties = MappingNode(key.line, key.column, key.end_line, key.end_column, [])
    value = functions.value(properties)
    if not isinstance(value, MappingNode):
        value = MappingNode(key.line, key.column, key.end_line, key.end_column, [])
    node = to_api_keys(value, shapes()[kind], kind, CLOUDFORMATION_SPELLING, source)
    return Found(kind, key.text, node, key, CLOUDFORMATION_SPELLING, source)
