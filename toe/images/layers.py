"""The layers of a recipe with their keys: what goes into each of them beside the image that it is built on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from toe.check.reading import DocumentReader
from toe.engine.plan import plan_document
from toe.errors import ToeError
from toe.images.dockerfile import Template, images_in
from toe.images.key import Key, digest_of
from toe.images.order import AFTER, BEFORE, BUILD_PHASES, Part
from toe.images.outside import Identities, Outside, shown
from toe.images.plan import Layer
from toe.model import ParameterValue
from toe.records import NamedTuple


class Surroundings(NamedTuple):
    """What the layers of one build have in common: parts of each key, and whom to ask for what is outside.

    `common` is for all layers, `of_components` for those in which toe runs.
    `environment` is what components are given beside the variables of their image. `digest` gives a local image by
    content, and raises ToeError where it is not there.
    """

    common: Mapping[str, str]
    of_components: Mapping[str, str]
    identities: Identities
    reader: DocumentReader
    environment: Mapping[str, str]
    digest: Callable[[str], str]


def layers_of(parts: tuple[Part, ...], template: Template | None, around: Surroundings) -> Iterator[Layer]:
    """The layers in the order in which they are built. A component that only tests has none."""
    if template is not None and template.has_before:
        yield _template_layer(BEFORE, template.first("BASE"), around)
    for part in parts:
        if part.has(*BUILD_PHASES):
            yield _component_layer(part, around)
    if template is not None and template.has_after:
        yield _template_layer(AFTER, template.rest("BASE", "IMAGE"), around)


def _component_layer(part: Part, around: Surroundings) -> Layer:
    outside = Outside(around.environment, around.identities, around.reader)
    outside.look(plan_document(part.document, BUILD_PHASES, part.given))
    parts = {
        "document": digest_of(part.component.text),
        **{f"parameter {name}": _shown(name, value) for name, value in sorted(part.given.items())},
        **dict(sorted(outside.parts.items())),
        **around.of_components,
        **around.common,
    }
    return Layer(part.name, Key(parts, tuple(outside.uncacheable)))


def _shown(name: str, value: ParameterValue) -> str:
    text = value if isinstance(value, str) else ",".join(value)
    return shown(f"parameter {name}", name, text)


def _template_layer(name: str, text: str, around: Surroundings) -> Layer:
    """What a Dockerfile fetches is known as little as what a script does; the images that it names are."""
    parts = {"Dockerfile": digest_of(text.encode("utf-8", "surrogatepass"))}
    for image in images_in(text):
        try:
            parts[f"image {image}"] = around.digest(image)
        except ToeError:
            parts[f"image {image}"] = "(not here)"
    return Layer(name, Key({**parts, **around.common}))
