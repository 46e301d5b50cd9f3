"""Semantic versions of Image Builder: `major.minor.patch/build`, and what `x` stands for in them. Pure.

Each number is 0 to 2^30-1. `x` means the newest and may be followed by `x` alone: `1.x.x` is a version, `x.2.x` and
`1.x.8` are none (Image Builder's guide, "Semantic versioning").
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from toe.records import NamedTuple

LARGEST = 2**30 - 1
ANY = "x"
_NODES = 3
FORM = "three numbers such as 1.0.0; 1.0.x and 1.x.x mean the newest"


class Version(NamedTuple):
    """A complete version: it has an order."""

    major: int
    minor: int
    patch: int
    build: int = 0

    def __str__(self) -> str:
        return f"{self.semantic}/{self.build}" if self.build else self.semantic

    @property
    def semantic(self) -> str:
        """Without the build number."""
        return f"{self.major}.{self.minor}.{self.patch}"


def version_fault(text: str, *, wildcards: bool = True) -> str:
    """What is wrong with a version as Image Builder reads it, "" when nothing is. Without a build number."""
    nodes = text.split(".")
    if len(nodes) != _NODES or not all(re.fullmatch(r"[0-9]+|x", node) for node in nodes):
        return f"'{text}' is no version: it is {FORM if wildcards else 'three numbers such as 1.0.0'}"
    if ANY in nodes and not wildcards:
        return f"the version '{text}' holds 'x': here it must be three numbers"
    after_wildcard = nodes[nodes.index(ANY) :] if ANY in nodes else []
    if set(after_wildcard) - {ANY}:
        return f"in the version '{text}' a number follows an 'x': after the first 'x' all are 'x'"
    for node in nodes:
        if node != ANY and (len(node) > len(str(LARGEST)) or int(node) > LARGEST):
            return f"in the version '{text}' {node} is larger than {LARGEST}"
    return ""


def parse_version(text: str) -> Version | None:
    """The complete version that a text such as `1.2.3` or `1.2.3/4` is; None for any other."""
    semantic, slash, build = text.partition("/")
    if version_fault(semantic, wildcards=False) or (slash and not _is_number(build)):
        return None
    major, minor, patch = map(int, semantic.split("."))
    return Version(major, minor, patch, int(build or 0))


def matches(wanted: str, version: Version) -> bool:
    """Whether a version is one of those that `1.x.x`, `1.0.0` or `1.0.0/2` stands for."""
    semantic, _, build = wanted.partition("/")
    nodes = zip(semantic.split("."), version[:_NODES], strict=True)
    return all(node in (ANY, str(number)) or _same(node, number) for node, number in nodes) and (
        not build or _same(build, version.build)
    )


def newest(wanted: str, versions: Iterable[Version]) -> Version | None:
    """The newest of the versions that `wanted` stands for, None where none does."""
    return max((version for version in versions if matches(wanted, version)), default=None)


def next_version(wanted: str, taken: Iterable[Version]) -> Version:
    """The version that a recipe gets whose own is `wanted`: where that holds `x`, the next free number.

    `1.0.x` is 1.0.0 at first, then 1.0.1; `1.x.x` is 1.0.0 at first, then the patch after the newest of 1. A complete
    version is itself, with the next build number: builds of one version rise from 1.
    """
    known = [version for version in taken if matches(wanted, version)]
    last = max(known, default=None)
    if ANY not in wanted:
        complete = parse_version(wanted.partition("/")[0])
        if complete is None:
            raise ValueError(version_fault(wanted))
        return complete._replace(build=last.build + 1 if last else 1)
    if last is None:
        major, minor, patch = (0 if node == ANY else int(node) for node in wanted.split("."))
        return Version(major, minor, patch, 1)
    return Version(last.major, last.minor, last.patch + 1, 1)


def _same(node: str, number: int) -> bool:
    return _is_number(node) and int(node) == number


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,10}", text) is not None and int(text) <= LARGEST
