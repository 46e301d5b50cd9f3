"""The entry to recipes: a file of any form to the model, and the one recipe that is meant.

`read_recipes` only reads: what is wrong with a file by its form alone is in `Reading.problems`. `judged_recipes` is for
who builds: it judges as `toe validate` does, and raises; `recipe_to_build` says which recipe is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from toe.document.source import read_document
from toe.document.suggest import did_you_mean
from toe.errors import Severity, ToeError, first_of
from toe.images.model import Reading, Recipe, Resource
from toe.images.recipes.file import open_file
from toe.words import counted

#: What people call the kinds of resources.
KIND_WORDS: Mapping[str, str] = {
    "imagePipeline": "pipeline",
    "infrastructureConfiguration": "infrastructure configuration",
    "distributionConfiguration": "distribution configuration",
    "lifecyclePolicy": "lifecycle policy",
}


def read_recipes(path: str, *, parameters: Mapping[str, str] | None = None) -> Reading:
    """All that a file says of images. `parameters` are values for a template's parameters or Terraform's variables.

    Raises DocumentError when the file cannot be read, and ToeError for a parameter that it does not have.
    """
    return read_text(read_document(path), path, parameters=parameters)


def read_text(data: bytes, path: str, *, parameters: Mapping[str, str] | None = None) -> Reading:
    """As `read_recipes`, for bytes that were read already. `path` names them, and its folder is where others are."""
    return open_file(data, path, parameters or {}).reading()


def recipe_to_build(reading: Reading, path: str, resource: str = "") -> Recipe:
    """The recipe of a judged file to build: the only one, or that named `resource` (its label or its name).

    Raises ToeError (exit code 2) for no recipe or several, and for values that a build needs and the file leaves open.
    """
    recipe = _chosen(reading.recipes, path, resource)
    if recipe.unknown:
        raise ToeError(first_of(recipe.unknown), hint=recipe.unknown[0].hint, problems=recipe.unknown)
    return recipe


def judged_recipes(path: str, *, parameters: Mapping[str, str] | None = None) -> Reading:
    """As `read_recipes`, of a file in which nothing is wrong. Raises ToeError (exit code 2) with its problems."""
    from toe.images.recipes.check import judge_file

    file = open_file(read_document(path), path, parameters or {})
    judge_file(file, is_strict=False)
    reading = file.reading()
    errors = tuple(problem for problem in reading.problems if problem.severity is Severity.ERROR)
    if errors:
        raise ToeError(f"the recipe is not valid: {first_of(errors)}", hint=errors[0].hint, problems=errors)
    return reading


def one_resource(reading: Reading, path: str, kind: str, resource: str = "") -> Resource:
    """The only resource of a kind, or that named `resource` (its label or its name). Raises ToeError."""
    there = [one for one in reading.resources if one.kind == kind]
    named = [one for one in there if not resource or resource in (*_names(one.label), one.fields.get("name"))]
    labels = [one.label or str(one.fields.get("name", "")) for one in there]
    what = KIND_WORDS[kind]
    if not named:
        near = did_you_mean(resource, labels)
        missing = f"there is no {what} '{resource}'{near}" if there else f"there is no {what} in this file"
        raise ToeError(f"{path}: {missing}", hint=f"there are: {', '.join(labels)}" if there else "")
    if len(named) > 1:
        several = f"{path}: there is more than one {what} in this file: {', '.join(labels)}"
        raise ToeError(several, hint=f"say which: --resource {labels[0]}")
    return named[0]


def _chosen(recipes: Sequence[Recipe], path: str, resource: str) -> Recipe:
    if not recipes:
        raise ToeError(f"{path}: there is no recipe in this file")
    named = [recipe for recipe in recipes if not resource or resource in (*_names(recipe.label), recipe.name)]
    labels = [recipe.label or recipe.name for recipe in recipes]
    if not named:
        near = did_you_mean(resource, labels)
        raise ToeError(f"{path}: there is no recipe '{resource}'{near}", hint=f"recipes: {', '.join(labels)}")
    if len(named) > 1:
        several = f"{path}: there are {counted(len(named), 'recipe')} in this file: {', '.join(labels)}"
        raise ToeError(several, hint=f"say which: --resource {labels[0]}")
    return named[0]


def _names(label: str) -> tuple[str, str]:
    """A label, and of Terraform's `type.name` the name alone."""
    return label, label.rpartition(".")[2]
