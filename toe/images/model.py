"""What a recipe is, whatever form it was written in, and where each part of it stands.

Plain values that the other modules of `toe.images` pass around: nothing here reads, judges or builds. The names are
those of Image Builder's API (CreateImageRecipe, CreateContainerRecipe, CreateComponent), in snake_case.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from toe.errors import Problem
from toe.quick_typing import Any
from toe.records import NamedTuple

CONTAINER = "container"
IMAGE = "image"

#: Image Builder takes no more components in one recipe.
MOST_COMPONENTS = 20
#: What stands in a text for a part that only AWS knows, such as the region in an ARN.
UNKNOWN_PART = "*"


class Place(NamedTuple):
    """Where something is written: `line` and `column` count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class InlineComponent(NamedTuple):
    """A component that is defined beside the recipe, in the same template or folder.

    `text` is the document (`Data`), "" where a `Uri` is given. `uri` is that, as it was written; a local one is
    relative to the template's folder. `unknown` says what the template leaves open, "" where all is known: such a
    component cannot run as it stands. `place` is where it is defined, `text_place` where its document begins, if
    the document's lines are lines of the file.
    """

    name: str
    version: str
    text: str
    place: Place
    uri: str = ""
    platform: str = ""
    description: str = ""
    unknown: str = ""
    text_place: Place | None = None


class ComponentUse(NamedTuple):
    """A component as a recipe names it.

    `reference` is an ARN, a path (relative to the recipe) or `name/version`; parts of an ARN that only AWS knows are
    `UNKNOWN_PART`. `parameters` are the recipe's, each a list of texts as the API has it. `inline` is the definition,
    where the same template holds it.
    """

    reference: str
    parameters: Mapping[str, tuple[str, ...]]
    place: Place
    inline: InlineComponent | None = None


class BlockDevice(NamedTuple):
    """A disk of an image recipe. `size_gib` is None for the size of the snapshot or the base."""

    device: str
    size_gib: int | None = None
    volume_type: str = ""
    encrypted: bool = False
    delete_on_termination: bool = True
    snapshot: str = ""
    place: Place = Place("")


class Recipe(NamedTuple):
    """A container recipe or an image recipe (`kind`: CONTAINER or IMAGE).

    `label` is its name in the file: the logical id of a template, the address in Terraform, "" for the API's own form.
    `version` may hold `x` (the next free number). `parent_image` is an image's name, an AMI id or an ARN.
    `dockerfile` is the template's text; `dockerfile_uri` where it is kept instead. `target_repository` is a name in
    ECR, "" for an image recipe. `platform` is Linux, Windows, macOS or "". `user_data` are the decoded bytes.
    `unknown` are the values that a build needs and this file does not tell: errors for a build, nothing for a look.
    """

    kind: str
    name: str
    version: str
    parent_image: str
    components: tuple[ComponentUse, ...]
    place: Place
    label: str = ""
    description: str = ""
    dockerfile: str = ""
    dockerfile_uri: str = ""
    working_directory: str = ""
    target_repository: str = ""
    platform: str = ""
    tags: Mapping[str, str] = MappingProxyType({})
    block_devices: tuple[BlockDevice, ...] = ()
    user_data: bytes = b""
    uninstall_agent: bool = False
    unknown: tuple[Problem, ...] = ()


class Resource(NamedTuple):
    """Another resource of Image Builder that stands in the file.

    `kind` is `imagePipeline`, `image`, `infrastructureConfiguration`, `distributionConfiguration`, `lifecyclePolicy` or
    `workflow`. `fields` has plain data with the API's keys (camelCase); what is not known is left out. `refers` has
    the labels of resources of the same file, by the field that names them (`imageRecipeArn` -> `Recipe`).
    """

    kind: str
    label: str
    fields: Mapping[str, Any]
    refers: Mapping[str, str]
    place: Place


class Reading(NamedTuple):
    """All that one file says of images. `problems` are sorted by place; with an error among them do not build."""

    recipes: tuple[Recipe, ...] = ()
    components: tuple[InlineComponent, ...] = ()
    resources: tuple[Resource, ...] = ()
    problems: tuple[Problem, ...] = ()
    form: str = ""


class Component(NamedTuple):
    """A component that was found: its document and what the recipe gives it.

    `version` has three numbers; `build` is the build number, 1 where nobody gave one. `path` is the document's file,
    or the address it came from; `text` its bytes. `place` is where the recipe names it, `text_place` where the text
    begins if its lines are lines of the file `path`.
    """

    name: str
    version: str
    build: int
    path: str
    text: bytes
    parameters: Mapping[str, tuple[str, ...]]
    place: Place
    text_place: Place | None = None
