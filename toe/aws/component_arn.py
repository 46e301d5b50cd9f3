"""ARNs of Image Builder components: `arn:aws:imagebuilder:REGION:ACCOUNT:component/NAME/VERSION[/BUILD]`.

A version is three numbers; an `x` stands for the newest, with nothing but `x` after it. Pure: nothing is asked.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from toe.records import NamedTuple

#: What to write, for messages.
FORM = "arn:aws:imagebuilder:REGION:ACCOUNT:component/NAME/1.0.0"

_NODE = r"(?:[0-9]{1,10}|x)"
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):imagebuilder:(?P<region>[a-z0-9-]+):"
    r"(?P<account>[0-9]{12}|aws(?:-[a-z-]+)?|third-party):component/"
    rf"(?P<name>[A-Za-z0-9_-]+)/(?P<version>{_NODE}\.{_NODE}\.{_NODE})(?:/(?P<build>[0-9]{{1,10}}))?",
    re.ASCII,
)

#: Orders versions as numbers: 1.10.0 comes after 1.9.0. The last is the build, -1 where there is none.
SemanticOrder: TypeAlias = "tuple[int, int, int, int]"


class ComponentArn(NamedTuple):
    """The parts of an ARN. `build` is "" where it has none: the newest is meant."""

    partition: str
    region: str
    account: str
    name: str
    version: str
    build: str = ""

    def __str__(self) -> str:
        version = f"{self.version}/{self.build}" if self.build else self.version
        return f"arn:{self.partition}:imagebuilder:{self.region}:{self.account}:component/{self.name}/{version}"

    @property
    def is_wildcard(self) -> bool:
        """Whether the version leaves something open."""
        return "x" in self.version

    @property
    def order(self) -> SemanticOrder:
        """Where this comes among the versions and builds of a component. Not for a wildcard."""
        major, minor, patch = (int(node) for node in self.version.split("."))
        return major, minor, patch, int(self.build or -1)

    def matches(self, other: ComponentArn) -> bool:
        """Whether `other` is one of those that this version stands for; its build counts where this one names it."""
        nodes = zip(self.version.split("."), other.version.split("."), strict=True)
        same = all(mine in ("x", theirs) for mine, theirs in nodes) and self.build in ("", other.build)
        return same and (self.account, self.name) == (other.account, other.name)


def parse_component_arn(text: str) -> ComponentArn | None:
    """The parts of a component's ARN, None for any other text."""
    found = _ARN.fullmatch(text)
    if found is None:
        return None
    arn = ComponentArn(**{part: value or "" for part, value in found.groupdict().items()})
    nodes = [*arn.version.split("."), *([arn.build] if arn.build else [])]
    after_wildcard = nodes[nodes.index("x") :] if arn.is_wildcard else []
    return arn if set(after_wildcard) <= {"x"} else None
