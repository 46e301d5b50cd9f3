"""The part of an image recipe that is about its machine: disks, user data, the agent of Systems Manager."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from toe.images.model import BlockDevice
from toe.images.recipes.plain import known_text, plain
from toe.images.recipes.problems import Source
from toe.images.recipes.values import place_of
from toe.nodes import Mapping as MappingNode
from toe.nodes import Node, Scalar
from toe.nodes import Sequence as SequenceNode


def block_devices(node: Node | None, source: Source) -> Iterator[BlockDevice]:
    """The disks that an image recipe asks for."""
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


def user_data(node: MappingNode) -> bytes:
    """What the build's instance is started with, decoded."""
    configuration = node.get("additionalInstanceConfiguration")
    text = known_text(configuration, "userDataOverride") if isinstance(configuration, MappingNode) else ""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""  # which the schema has told


def uninstalls_agent(node: MappingNode) -> bool:
    """Whether the agent of Systems Manager goes before the image is made."""
    value: Node | None = node
    for key in ("additionalInstanceConfiguration", "systemsManagerAgent", "uninstallAfterBuild"):
        value = value.get(key) if isinstance(value, MappingNode) else None
    return isinstance(value, Scalar) and _is_true(value.text)
