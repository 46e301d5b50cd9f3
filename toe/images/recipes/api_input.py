"""The API's own form: what `aws imagebuilder create-image-recipe --cli-input-json` takes, as JSON or YAML.

Also read is what `get-image-recipe` and `get-container-recipe` answer: the recipe is one level down, with fields beside
it that the service adds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from toe.errors import ToeError
from toe.images.recipes.found import Found
from toe.images.recipes.problems import Source
from toe.images.recipes.shapes import shapes
from toe.images.recipes.spelling import API_SPELLING, to_api_keys
from toe.nodes import Kind, Scalar
from toe.nodes import Mapping as MappingNode

#: Fields by which a container recipe is told from an image recipe.
_OF_CONTAINERS = ("containerType", "dockerfileTemplateData", "dockerfileTemplateUri", "targetRepository")
#: Fields by which requests for other resources are told.
_OF_OTHERS = {
    "lifecyclePolicy": ("policyDetails", "resourceSelection"),
    "infrastructureConfiguration": ("name", "instanceProfileName"),
    "distributionConfiguration": ("name", "distributions"),
}
#: What the service adds to a recipe that it has: `version` is what was `semanticVersion`.
_OF_ANSWERS = ("arn", "type", "owner", "dateCreated", "encrypted", "platform", "osVersion")


def api_kind(root: MappingNode) -> str:
    """What a tree in the API's own form describes, "" where it is none of its requests."""
    keys = {key.text for key, _ in root}
    if "parentImage" in keys and keys & {"components", "semanticVersion", "name"}:
        return "containerRecipe" if keys & set(_OF_CONTAINERS) else "imageRecipe"
    if {"semanticVersion", "platform"} <= keys and keys & {"data", "uri"}:
        return "component"
    for kind in ("imageRecipe", "containerRecipe"):
        if isinstance(root.get(kind), MappingNode):
            return kind
    if "infrastructureConfigurationArn" in keys and keys & {"imageRecipeArn", "containerRecipeArn"}:
        return "imagePipeline" if "name" in keys else "image"
    for kind, fields in _OF_OTHERS.items():
        if keys.issuperset(fields):
            return kind
    return ""


def read_request(root: MappingNode, given: Mapping[str, str], source: Source) -> Iterator[Found]:
    """The one resource of the file. Raises ToeError for given parameters: this form has none."""
    if given:
        raise ToeError(
            f"{source.file}: a recipe in the API's own form has no parameters, such as '{next(iter(given))}'"
        )
    kind = api_kind(root)
    answer = root.get(kind)
    node = _without_answers(answer) if isinstance(answer, MappingNode) else root
    tree = to_api_keys(node, shapes()[kind], kind, API_SPELLING, source)
    yield Found(kind, "", tree, root, API_SPELLING, source)


def _without_answers(node: MappingNode) -> MappingNode:
    pairs = [(_asked(key), value) for key, value in node if key.text not in _OF_ANSWERS]
    return MappingNode(node.line, node.column, node.end_line, node.end_column, pairs)


def _asked(key: Scalar) -> Scalar:
    text = "semanticVersion" if key.text == "version" else key.text
    return Scalar(key.line, key.column, key.end_line, key.end_column, text, Kind.STRING)
