"""The entry to recipes: a file of any form to the model, and the one recipe that is meant.

`read_recipes` never raises for what is wrong with a file: it is in `Reading.problems`. `one_recipe` is for who builds.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from toe import codes
from toe.check.findings import Findings
from toe.document.loader import parse_yaml
from toe.document.source import read_document
from toe.document.suggest import suggest
from toe.errors import Problem, Severity, ToeError, first_of
from toe.images.model import Reading, Recipe
from toe.images.recipes.api_input import api_kind, read_request
from toe.images.recipes.build import (
    components_of,
    recipe_of,
    resource_of,
    sorted_problems,
    unknown_values,
)
from toe.images.recipes.cloudformation import is_template, read_template
from toe.images.recipes.found import Found
from toe.images.recipes.functions import SHORT_FORMS
from toe.images.recipes.problems import Source
from toe.images.recipes.shapes import RECIPE_KINDS
from toe.nodes import Mapping as MappingNode
from toe.nodes import Node
from toe.words import counted

TERRAFORM_ENDING = ".tf"
API_FORM, TEMPLATE_FORM, TERRAFORM_FORM = "request", "cloudformation", "terraform"


def read_recipes(path: str, *, parameters: Mapping[str, str] | None = None) -> Reading:
    """All that a file says of images. `parameters` are values for a template's parameters or Terraform's variables.

    Raises DocumentError when the file cannot be read, and ToeError for a parameter that it does not have.
    """
    return read_text(read_document(path), path, parameters=parameters)


def read_text(data: bytes, path: str, *, parameters: Mapping[str, str] | None = None) -> Reading:
    """As `read_recipes`, for bytes that were read already. `path` names them, and its folder is where others are."""
    source = Source(path, os.path.dirname(path), data, Findings(path, data))
    found, form, problems = _found(source, parameters or {})
    components = components_of(found, source)
    recipes = tuple(recipe_of(one, components, source) for one in found if one.kind in RECIPE_KINDS)
    others = tuple(resource_of(one, source) for one in found if one.kind not in (*RECIPE_KINDS, "component"))
    open_values = [problem for one in found for problem in unknown_values(one, source)]
    all_problems = sorted_problems([*problems, *source.findings.problems, *open_values])
    return Reading(recipes, tuple(components.values()), others, all_problems, form)


def one_recipe(path: str, *, resource: str = "", parameters: Mapping[str, str] | None = None) -> Recipe:
    """The recipe to build: the only one of the file, or that named `resource` (its label or its name).

    Raises ToeError (exit code 2) with the problems of the file, for no recipe or several, and for values that a build
    needs and the file leaves open.
    """
    reading = read_recipes(path, parameters=parameters)
    errors = tuple(problem for problem in reading.problems if problem.severity is Severity.ERROR)
    if errors:
        raise ToeError(f"the recipe is not valid: {first_of(errors)}", hint=errors[0].hint, problems=errors)
    recipe = _chosen(reading.recipes, path, resource)
    if recipe.unknown:
        raise ToeError(first_of(recipe.unknown), hint=recipe.unknown[0].hint, problems=recipe.unknown)
    return recipe


def _chosen(recipes: Sequence[Recipe], path: str, resource: str) -> Recipe:
    if not recipes:
        raise ToeError(f"{path}: there is no recipe in this file")
    named = [recipe for recipe in recipes if resource in (recipe.label, recipe.name)] if resource else list(recipes)
    labels = [recipe.label or recipe.name for recipe in recipes]
    if not named:
        near = suggest(resource, labels)
        meant = f" (did you mean '{near}'?)" if near else ""
        raise ToeError(f"{path}: there is no recipe '{resource}'{meant}", hint=f"recipes: {', '.join(labels)}")
    if len(named) > 1:
        several = f"{path}: there are {counted(len(named), 'recipe')} in this file: {', '.join(labels)}"
        raise ToeError(several, hint=f"say which: --resource {labels[0]}")
    return named[0]


def _found(source: Source, given: Mapping[str, str]) -> tuple[list[Found], str, list[Problem]]:
    root, problems = parse_yaml(source.data, source.file, functions=SHORT_FORMS)
    if root is None:
        return [], "", problems
    form = form_of(root)
    if form == TEMPLATE_FORM and isinstance(root, MappingNode):
        return list(read_template(root, given, source)), form, problems
    if form == API_FORM and isinstance(root, MappingNode):
        return list(read_request(root, given, source)), form, problems
    message = "this is no recipe: neither a request to Image Builder nor a template with its resources"
    source.at(root, codes.RECIPE_MISSING_FIELD, message, "a recipe has at least 'name', 'parentImage' and 'components'")
    return [], "", problems


def form_of(root: Node) -> str:
    """The form of a recipe file in YAML or JSON, "" where it is none."""
    if not isinstance(root, MappingNode):
        return ""
    if is_template(root):
        return TEMPLATE_FORM
    return API_FORM if api_kind(root) else ""
