"""From what a build is asked for to all that it needs: recipe, components and base, read, checked and identified.

Nothing is built or run here. What is wrong is said with its place, before anything was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from toe.actions import ActionTable
from toe.check.check import CheckOptions, check_all
from toe.check.reading import DocumentReader
from toe.document.source import read_document
from toe.errors import DocumentError, Problem, Severity, ToeError, first_of
from toe.images.dockerfile import Template, parted
from toe.images.identities import OutsideIdentities
from toe.images.image_names import image_names
from toe.images.in_template import text_in_place
from toe.images.key import digest_of
from toe.images.layers import Surroundings, layers_of
from toe.images.library import Library, library_of, resolve
from toe.images.machines.outputs import disk_name
from toe.images.model import CONTAINER, Component, Recipe
from toe.images.order import BUILD_PHASES, HOST_TEST_PHASE, TEST_PHASE, BuildOrder, Found, Part
from toe.images.plan import DEFAULT_MAX_AGE_SECONDS
from toe.images.recipes.read import judged_recipes, recipe_to_build
from toe.images.reproducible import image_time
from toe.images.side_file import FILE_NAME, SideFile
from toe.images.side_reader import side_file_of
from toe.images.versions import Version, next_version, parse_version
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation

_LINUX = "linux"


class Given(NamedTuple):
    """What was read before an engine is needed: recipe, side file and components. `seconds` stand in the image."""

    order: BuildOrder
    recipe: Recipe
    recipe_digest: str
    side: SideFile
    parts: tuple[Part, ...]
    template: Template | None
    reader: DocumentReader
    seconds: int


class Base(NamedTuple):
    """The image that all begins with, by name and content, and what its layers depend on."""

    name: str
    digest: str
    platform: str
    engine: str
    toe: str


def given_for(order: BuildOrder) -> Given:
    """Read the recipe, its side file and its components, and check them. Raises ToeError, with all problems."""
    reading = judged_recipes(order.recipe, parameters=order.parameters)
    recipe = recipe_to_build(reading, order.recipe, order.resource)
    if recipe.platform and recipe.platform.lower() != _LINUX:
        raise ToeError(f"{recipe.place}: the recipe is for {recipe.platform}; containers are built for Linux alone")
    side = side_file_of(order.recipe, order.images_file)
    reader = DocumentReader()
    library = library_of(order.recipe, reading.components, side, fetches=order.fetches)
    parts = tuple(_parts(recipe, library, reader))
    _refuse_unknown(order.refresh, [part.name for part in parts])
    digest = digest_of(read_document(order.recipe))
    return Given(order, recipe, digest, side, parts, _template(recipe), reader, image_time(order.environment))


def base_of(given: Given) -> str:
    """The name of the local image that stands for the recipe's base. Raises ToeError for one that only AWS has."""
    recipe = given.recipe
    named = given.side.local_image(recipe.parent_image)
    if named is not None:
        return named.value
    if recipe.parent_image.startswith(("ami-", "arn:", "ssm:")):
        hint = f"name a local image for it in {FILE_NAME}: images: {{'{recipe.parent_image}': localhost/IMAGE}}"
        raise ToeError(f"{recipe.place}: the base '{recipe.parent_image}' is an image of AWS", hint=hint)
    return recipe.parent_image


def found_for(
    given: Given,
    base: Base,
    digest: Callable[[str], str],
    taken: Iterable[Version],
    cancellation: Cancellation,
    environment: Mapping[str, str],
) -> Found:
    """All that the build needs. `digest` gives a local image by content, `taken` are the recipe's versions so far.

    `environment` is what components are given beside the variables of their image.
    """
    order = given.order
    common = {"engine": base.engine, "platform": base.platform, "time": str(given.seconds)}
    of_components = {"phases": ",".join(BUILD_PHASES), "toe": base.toe}
    if given.recipe.working_directory:
        of_components["working directory"] = given.recipe.working_directory
    identities = OutsideIdentities(order.environment, cancellation)
    around = Surroundings(common, of_components, identities, given.reader, environment, digest)
    version = next_version(given.recipe.version, taken)
    return Found(
        order,
        given.recipe,
        given.recipe_digest,
        version,
        names_of(given.recipe, version, order),
        base.name,
        base.digest,
        base.platform,
        base.engine,
        base.toe,
        given.parts,
        given.template,
        tuple(layers_of(given.parts, given.template, around)),
        DEFAULT_MAX_AGE_SECONDS if given.side.max_age_seconds is None else given.side.max_age_seconds,
        given.seconds,
    )


def _template(recipe: Recipe) -> Template | None:
    """The Dockerfile template of a container recipe. An image recipe has none: its components are all there is."""
    if recipe.kind != CONTAINER:
        return None
    if recipe.dockerfile_uri:
        raise ToeError(
            f"{recipe.place}: the Dockerfile template is kept elsewhere: {recipe.dockerfile_uri}",
            hint="put its text into the recipe: dockerfileTemplateData",
        )
    return parted(recipe.dockerfile)


def _parts(recipe: Recipe, library: Library, reader: DocumentReader) -> Iterator[Part]:
    """The components with their documents. Raises ToeError with what is wrong in any of them."""
    problems: list[Problem] = []
    names: dict[str, int] = {}
    found: list[Part] = []
    for use in recipe.components:
        component = resolve(use, library)
        names[component.name] = count = names.get(component.name, 0) + 1
        name = component.name if count == 1 else f"{component.name} ({count})"
        options = CheckOptions((_LINUX,), given_parameters=component.parameters, read_nested=reader.read_nested)
        document, said = check_all(text_in_place(component), component.path, options, ActionTable(()))
        errors = [problem for problem in said if problem.severity is Severity.ERROR]
        problems += errors
        if document is not None and not errors:
            _refuse_undeclared(component, [parameter.name for parameter in document.parameters])
            found.append(Part(name, component, document, component.parameters))
    if problems:
        raise DocumentError(first_of(problems), problems=tuple(dict.fromkeys(problems)))
    yield from found


def _refuse_undeclared(component: Component, declared: list[str]) -> None:
    """Image Builder refuses a recipe that gives a component what it does not declare."""
    for name in component.parameters:
        if name not in declared:
            hint = f"it declares {', '.join(declared)}" if declared else "it declares none"
            raise ToeError(f"{component.place}: '{component.name}' declares no parameter '{name}'", hint=hint)


def _refuse_unknown(names: Iterable[str], known: list[str]) -> None:
    for name in names:
        if name not in known:
            raise ToeError(f"--refresh: the recipe has no component '{name}'", hint=f"it has {', '.join(known)}")


def versions_of(recipe: str, records: Iterable[tuple[str, str]]) -> Iterator[Version]:
    """The versions that a recipe has been built as. `records`: name and version of what was built."""
    for name, text in records:
        version = parse_version(text)
        if name == recipe and version is not None:
            yield version


def tests_of(found: Found) -> tuple[list[Part], list[Part]]:
    """The components with tests for the image, and those with tests for this machine."""
    return (
        [part for part in found.parts if part.has(TEST_PHASE)],
        [part for part in found.parts if part.has(HOST_TEST_PHASE)],
    )


def with_version(found: Found, version: Version) -> Found:
    """The same with another version, and the names that belong to it."""
    return found._replace(version=version, tags=names_of(found.recipe, version, found.order))


def names_of(recipe: Recipe, version: Version, order: BuildOrder) -> tuple[str, ...]:
    """The names of an image, or the file of a machine's. Raises ToeError for what is none."""
    if order.disk_format:
        return (disk_name(recipe, version, order.output, order.disk_format),)
    return image_names(recipe, version, order.tags)
