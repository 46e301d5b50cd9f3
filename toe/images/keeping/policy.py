"""Which images a lifecycle policy of Image Builder wants to go (CreateLifecyclePolicy). Pure.

Rules count the images of each recipe for themselves, newest first. `includeResources` and the like are read elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from toe.images.keeping.catalog import Entry
from toe.images.versions import matches, parse_version
from toe.records import NamedTuple

AGE, COUNT = "AGE", "COUNT"
DELETE = "DELETE"
AMI_IMAGE, CONTAINER_IMAGE = "AMI_IMAGE", "CONTAINER_IMAGE"
_DAY = 86400
#: A month and a year as people count them for ages: the service does not say more.
UNIT_SECONDS = {"DAYS": _DAY, "WEEKS": 7 * _DAY, "MONTHS": 30 * _DAY, "YEARS": 365 * _DAY}
_RESOURCE_OF_KIND = {"container": CONTAINER_IMAGE, "image": AMI_IMAGE}


class Rule(NamedTuple):
    """One of a policy's `policyDetails` that deletes.

    `seconds` is the age of AGE, `most` the number of COUNT. `retain_at_least` images of a recipe stay whatever their
    age. `excluded` are tags, one of which is enough to stay. `with_image`: the image goes too, not its record alone.
    """

    type: str
    seconds: float = 0
    most: int = 0
    retain_at_least: int = 0
    excluded: Mapping[str, str] = MappingProxyType({})
    with_image: bool = True

    @property
    def described(self) -> str:
        """The rule in words."""
        if self.type == COUNT:
            return f"more than {self.most} of this recipe"
        return f"older than {self.seconds / _DAY:.0f} days"


class Policy(NamedTuple):
    """A policy. `recipes` are names with versions, which may hold `x`; `tags` select images that have one of them."""

    name: str
    resource_type: str
    rules: tuple[Rule, ...]
    recipes: tuple[tuple[str, str], ...] = ()
    tags: Mapping[str, str] = MappingProxyType({})
    is_enabled: bool = True

    def selects(self, entry: Entry) -> bool:
        """Whether the policy is about this image."""
        if _RESOURCE_OF_KIND.get(entry.kind) != self.resource_type:
            return False
        version = parse_version(entry.version)
        if any(
            name == entry.name and version is not None and matches(wanted, version) for name, wanted in self.recipes
        ):
            return True
        return has_one_of(entry.resource_tags, self.tags)


class Chosen(NamedTuple):
    """An image that a rule wants to go."""

    entry: Entry
    rule: Rule


def has_one_of(tags: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether one of the wanted tags is there, with its value."""
    return any(tags.get(key) == value for key, value in wanted.items())


def chosen_by(policy: Policy, there: Iterable[Entry], now: float) -> list[Chosen]:
    """The images that the policy wants to go, each once. `now` in seconds since the epoch."""
    if not policy.is_enabled:
        return []
    recipes: dict[str, list[Entry]] = {}
    for entry in sorted(there, key=lambda one: -one.made_at):
        if policy.selects(entry):
            recipes.setdefault(entry.name, []).append(entry)
    found: dict[str, Chosen] = {}
    for rule in policy.rules:
        for images in recipes.values():
            for entry in _passed(rule, images, now):
                found.setdefault(entry.newest.build, Chosen(entry, rule))
    return list(found.values())


def _passed(rule: Rule, images: list[Entry], now: float) -> Iterator[Entry]:
    """The images of one recipe, newest first, that are beyond the rule's threshold."""
    for number, entry in enumerate(images):
        if rule.type == COUNT:
            is_beyond = number >= rule.most
        else:
            is_beyond = now - entry.made_at > rule.seconds and number >= rule.retain_at_least
        if is_beyond and not has_one_of(entry.resource_tags, rule.excluded):
            yield entry
