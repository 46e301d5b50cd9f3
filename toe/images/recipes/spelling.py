"""How each form spells the fields of Image Builder's API, and a form's tree with the API's own keys.

The API says `semanticVersion`, CloudFormation `Version`, Terraform `version`; the API has `components`, a list, and
Terraform a block `component` for each. What a form has in another place is put where the API has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from toe import codes
from toe.images.recipes.problems import Source
from toe.images.recipes.values import list_at
from toe.nodes import Mapping as MappingNode
from toe.nodes import Node, Scalar, Sequence
from toe.records import NamedTuple

_VERSIONED = ("imageRecipe", "containerRecipe", "component", "workflow")


class Spelling(NamedTuple):
    """A form's way to write keys. `lenient`: a number may be written as a text, and a text as a number."""

    written: Callable[[str], str]
    lenient: bool
    #: What is not called as its API's field is, by the end of the path: `kind.field` or `field`.
    aliases: Mapping[str, str]
    #: Keys of the form itself, beside the API's.
    own: frozenset[str] = frozenset()
    #: Lists that are written as repeated blocks of another name, and values that are lists in the API.
    blocks: bool = False

    def spell(self, field: str, kind: str = "") -> str:
        """How this form writes a field of the API; `kind` is the resource's, at its top level only."""
        return self.aliases.get(f"{kind}.{field}") or self.aliases.get(field) or self.written(field)


def _pascal(field: str) -> str:
    return field[:1].upper() + field[1:]


def _snake(field: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", field).lower()


API_SPELLING = Spelling(lambda field: field, lenient=False, aliases={})
CLOUDFORMATION_SPELLING = Spelling(
    _pascal,
    lenient=True,
    aliases={
        **{f"{kind}.semanticVersion": "Version" for kind in _VERSIONED},
        "launchPermission": "LaunchPermissionConfiguration",
    },
    own=frozenset(("DeletionSettings", "ImagePipelineExecutionSettings")),
)
TERRAFORM_SPELLING = Spelling(
    _snake,
    lenient=True,
    aliases={
        **{f"{kind}.semanticVersion": "version" for kind in _VERSIONED},
        "components": "component",
        "parameters": "parameter",
        "blockDeviceMappings": "block_device_mapping",
        "distributions": "distribution",
        "workflows": "workflow",
        "fastLaunchConfigurations": "fast_launch_configuration",
        "launchTemplateConfigurations": "launch_template_configuration",
        "ssmParameterConfigurations": "ssm_parameter_configuration",
        "setDefaultVersion": "default",
        "policyDetails": "policy_detail",
        "userDataOverride": "user_data_base64",
        "recipes": "recipe",
    },
    own=frozenset(
        (
            "lifecycle",
            "depends_on",
            "count",
            "for_each",
            "provider",
            "provisioner",
            "connection",
            "timeouts",
            "region",
            "skip_destroy",
        )
    ),
    blocks=True,
)


def to_api_keys(
    node: MappingNode, shape: Mapping[str, Any], kind: str, spelling: Spelling, source: Source
) -> MappingNode:
    """A resource's tree with the API's keys. A key that the form does not have is told and left out."""
    return _structure(node, shape, kind, spelling, source)


def _structure(
    node: MappingNode, shape: Mapping[str, Any], kind: str, spelling: Spelling, source: Source
) -> MappingNode:
    known = {spelling.spell(field, kind): field for field in shape["members"]}
    pairs: list[tuple[Scalar, Node]] = []
    for key, value in node:
        field = known.get(key.text)
        if field is None:
            if key.text not in spelling.own or not kind:
                _report_unknown(key, known, kind, source)
            continue
        member = shape["members"][field]
        renamed = Scalar(key.line, key.column, key.end_line, key.end_column, field, key.kind)
        pairs.append((renamed, _value(value, member, spelling, source)))
    return MappingNode(node.line, node.column, node.end_line, node.end_column, pairs)


def _value(node: Node, shape: Mapping[str, Any], spelling: Spelling, source: Source) -> Node:
    if shape["type"] == "list":
        if spelling.blocks and not isinstance(node, Sequence) and isinstance(node, Scalar | MappingNode):
            node = list_at(node, [node])
        if isinstance(node, Sequence):
            items = [_value(item, shape["member"], spelling, source) for item in node.items]
            return Sequence(node.line, node.column, node.end_line, node.end_column, items)
    if shape["type"] == "structure":
        if spelling.blocks and isinstance(node, Sequence) and len(node.items) == 1:
            node = node.items[0]
        if isinstance(node, MappingNode):
            return _structure(node, shape, "", spelling, source)
    return node


def _report_unknown(key: Scalar, known: Mapping[str, str], kind: str, source: Source) -> None:
    meant = source.suggestion(key.text, known)
    hint = _of_other_kind(key.text, kind) or f"known here: {', '.join(_shown(known))}"
    source.at(key, codes.RECIPE_UNKNOWN_FIELD, f"unknown field '{key.text}'{meant}", hint)


def _shown(known: Mapping[str, str]) -> Iterator[str]:
    """The fields to name: those that only clients fill in are not worth it."""
    yield from (written for written, field in known.items() if field not in ("clientToken", "dryRun"))


#: Fields that only a container recipe has: in an image recipe they are a slip of the kind.
_OF_CONTAINERS = re.compile(r"(?i)^(?:docker_?file_?template|container_?type|target_?repository|platform_?override)")


def _of_other_kind(key: str, kind: str) -> str:
    if kind == "imageRecipe" and _OF_CONTAINERS.match(key):
        return "this is a field of container recipes, and this is an image recipe"
    if kind == "containerRecipe" and re.match(r"(?i)^block_?device_?mapping", key):
        return "a container has no disks: those of the build machine stand under the instance configuration"
    return ""
