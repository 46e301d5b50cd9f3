"""What a build is asked for, and what was found for it before anything is built."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType

from toe.images.dockerfile import Template
from toe.images.model import Component, Recipe
from toe.images.plan import Layer
from toe.images.versions import Version
from toe.model import Document, ParameterValue
from toe.records import NamedTuple

BUILD_PHASES = ("build", "validate")
TEST_PHASE = "test"
HOST_TEST_PHASE = "container-host-test"
#: How a disk can start by itself.
EFI = "efi"
#: Names of the layers that are made of a Dockerfile template.
BEFORE, AFTER = "Dockerfile up to the components", "Dockerfile behind the components"

_NOTHING: Mapping[str, str] = MappingProxyType({})


class BuildOrder(NamedTuple):
    """A build as the command line or a program asks for it.

    `recipe` is the file; `resource` names the recipe in a file with several, `parameters` are the template's.
    `images_file` is the side file, "" for the one beside the recipe. `engine`, `isolation` and `platform` "": what the
    side file says, else what is found. `tags` are names for the image, () for those of the recipe. `refresh` names
    components. `variables` names those variables of `environment`, this machine's, that components are given.
    `image_tags` stand in the image's record beside those of the recipe. `disk_format` is that of a machine image, ""
    for an image of containers; `output` its file or folder, `bootable` how it starts by itself: EFI or "". `network`:
    machines get one. `fetches`: components that are not here are read from Image Builder, S3 and the web. `cache_from`
    and `cache_to` are registries that share the cache, "" for none.
    """

    recipe: str
    resource: str = ""
    parameters: Mapping[str, str] = _NOTHING
    images_file: str = ""
    engine: str = ""
    isolation: str = ""
    platform: str = ""
    tags: tuple[str, ...] = ()
    no_cache: bool = False
    refresh: tuple[str, ...] = ()
    no_tests: bool = False
    keep_failed: bool = False
    variables: tuple[str, ...] = ()
    environment: Mapping[str, str] = os.environ
    image_tags: Mapping[str, str] = _NOTHING
    disk_format: str = ""
    output: str = ""
    bootable: str = ""
    fetches: bool = False
    cache_from: str = ""
    cache_to: str = ""
    network: bool = False


class Part(NamedTuple):
    """A component of the recipe with its document. `name` is its own among the recipe's; `given` are parameters."""

    name: str
    component: Component
    document: Document
    given: Mapping[str, ParameterValue]

    def has(self, *phases: str) -> bool:
        """Whether the document has one of these phases."""
        return any(phase.name in phases for phase in self.document.phases)


class Found(NamedTuple):
    """All that a build needs, read and checked. `version` has the build number that it would get now.

    `base` is the image that the recipe names, or the side file for it; `base_digest` that by content. `engine` and
    `toe` are their identities. `seconds` is the time that stands in the image, since the epoch.
    """

    order: BuildOrder
    recipe: Recipe
    recipe_digest: str
    version: Version
    tags: tuple[str, ...]
    base: str
    base_digest: str
    platform: str
    engine: str
    toe: str
    parts: tuple[Part, ...]
    template: Template | None
    layers: tuple[Layer, ...]
    max_age_seconds: float
    seconds: int
