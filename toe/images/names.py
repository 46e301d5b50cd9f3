"""How recipes name components: ARNs of which a part may be unknown, `name/version`, names. Pure.

toe.aws.component_arn parses complete ARNs for the service; a template knows no region while nobody makes a stack of it.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from toe.images.model import UNKNOWN_PART
from toe.images.versions import version_fault
from toe.records import NamedTuple

ARN_PREFIX = "arn:"
#: Accounts of components that Image Builder or a seller keeps, and nobody's own.
MANAGED_ACCOUNTS = ("aws", "aws-marketplace", "third-party")
NEWEST = "x.x.x"

_ARN = re.compile(
    r"arn:[^:/]+:imagebuilder:(?P<region>[^:/]+):(?P<account>[^:/]+):component/(?P<name>[A-Za-z0-9_*-]+)"
    r"/(?P<version>[^/]+)(?:/(?P<build>[0-9]{1,10}))?"
)
_NAME = r"[A-Za-z0-9_-][A-Za-z0-9_ -]{0,126}"
_NAME_AND_VERSION = re.compile(rf"(?P<name>{_NAME})(?:/(?P<version>[0-9x.]+)(?:/(?P<build>[0-9]{{1,10}}))?)?")


class ComponentName(NamedTuple):
    """What a reference says. `account` and `region` are "" where it is no ARN, `build` where any is meant."""

    name: str
    version: str
    build: str = ""
    region: str = ""
    account: str = ""

    @property
    def wanted(self) -> str:
        """The version, with the build number where one is asked for: what `versions.matches` takes."""
        return f"{self.version}/{self.build}" if self.build else self.version

    @property
    def is_managed(self) -> bool:
        """Whether Amazon or a seller keeps the component in Image Builder."""
        return self.account in MANAGED_ACCOUNTS


def parse_reference(text: str) -> ComponentName | None:
    """The component that an ARN, `name/version` or a name means; None for a path and for what says no name."""
    found = _ARN.fullmatch(text) or _NAME_AND_VERSION.fullmatch(text)
    if found is None:
        return None
    parts = {key: value or "" for key, value in found.groupdict().items()}
    name = ComponentName(**{**parts, "version": parts["version"] or NEWEST})
    if version_fault(name.version) or UNKNOWN_PART in name.name:
        return None
    return name


def is_reference_like(text: str) -> bool:
    """Whether a key of toe-images.yml can mean a component: a reference, or a pattern of one with `*`."""
    return parse_reference(text) is not None or UNKNOWN_PART in text


def folder_name(name: str) -> str:
    """A component's name as ARNs have it: in small letters, with hyphens for spaces."""
    return name.strip().lower().replace(" ", "-")


def covers(key: str, reference: str) -> bool:
    """Whether a key of toe-images.yml means what a recipe names.

    The same text; a pattern with `*`; or the same component, where one of the two leaves region or account open, or the
    key is a plain name or `name/version`.
    """
    if key == reference or (UNKNOWN_PART in key and fnmatchcase(reference, key)):
        return True
    mine, theirs = parse_reference(key), parse_reference(reference)
    if mine is None or theirs is None or folder_name(mine.name) != folder_name(theirs.name):
        return False
    if not _agree(mine.region, theirs.region) or not _agree(mine.account, theirs.account):
        return False
    return "/" not in key or mine.wanted == theirs.wanted


def covers_image(key: str, image: str) -> bool:
    """Whether a key of toe-images.yml means the base that a recipe names: the same text, or one is a pattern of it.

    The base holds `*` where the recipe leaves its region or account open.
    """
    if key == image or (UNKNOWN_PART in key and fnmatchcase(image, key)):
        return True
    return image.startswith(ARN_PREFIX) and UNKNOWN_PART in image and fnmatchcase(key, image)


def _agree(mine: str, theirs: str) -> bool:
    return mine == theirs or "" in (mine, theirs) or UNKNOWN_PART in (mine, theirs)
