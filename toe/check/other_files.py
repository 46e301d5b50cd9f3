"""Files that are no component document, and what they are: only asked for a file whose form was refused."""

from __future__ import annotations

from collections.abc import Iterator

from toe.nodes import Mapping, Node, Scalar
from toe.records import NamedTuple

_RESOURCE_TYPE = "AWS::ImageBuilder::Component"
#: Keys, in lower case, that stand beside `data` or `uri` where a component is described to the service.
_OF_A_COMPONENT = frozenset(("name", "version", "semanticversion", "platform", "description", "changedescription"))
_TEXTS = ("data", "uri")


class OtherFile(NamedTuple):
    """What a file is. `node` is where that is seen."""

    node: Node
    message: str
    hint: str


def other_file(root: Node) -> OtherFile | None:
    """What the file with this content is, when it is no component document and known to be something else."""
    if not isinstance(root, Mapping) or root.get("phases") is not None:
        return _buildspec(root) if isinstance(root, Mapping) else None
    for mapping in _places(root):
        described = _described_component(mapping)
        if described is not None:
            return described
    for key, what in (
        ("Resources", "a CloudFormation template"),
        ("AWSTemplateFormatVersion", "a CloudFormation template"),
        ("mainSteps", "a document of Systems Manager"),
        ("runtimeConfig", "a document of Systems Manager"),
        ("steps", "a workflow of Image Builder"),
    ):
        node = root.key_node(key)
        if node is not None and (key != "steps" or root.get("schemaVersion") is not None):
            return OtherFile(node, f"this is {what}, and no component document", "a component document has 'phases'")
    return None


def _buildspec(root: Mapping) -> OtherFile | None:
    version = root.key_node("version")
    if version is None or not isinstance(root.get("phases"), Mapping):
        return None
    hint = "in a component document 'phases' is a list"
    return OtherFile(version, "this is a buildspec of CodeBuild, and no component document", hint)


def _places(root: Mapping) -> Iterator[Mapping]:
    """Where a component may be described: the file itself, GetComponent's answer, the resources of a template."""
    yield root
    for key in ("Properties", "component"):
        inner = root.get(key)
        if isinstance(inner, Mapping):
            yield inner
    resources = root.get("Resources")
    for _, resource in resources if isinstance(resources, Mapping) else ():
        kind = resource.get("Type") if isinstance(resource, Mapping) else None
        if isinstance(kind, Scalar) and kind.text == _RESOURCE_TYPE and isinstance(resource, Mapping):
            properties = resource.get("Properties")
            if isinstance(properties, Mapping):
                yield properties


def _described_component(mapping: Mapping) -> OtherFile | None:
    keys = {key.text.lower() for key, _ in mapping}
    holder = next((key for key, _ in mapping if key.text.lower() in _TEXTS), None)
    if holder is None or not keys & _OF_A_COMPONENT:
        return None
    message = "this describes a component to Image Builder (CloudFormation, CreateComponent), and is no document itself"
    where = "the text under" if holder.text.lower() == "data" else "what stands at the address under"
    hint = f"the component document is {where} '{holder.text}': give that, in a file of its own"
    return OtherFile(holder, message, hint)
