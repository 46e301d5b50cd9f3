"""One recipe file, opened: its form, its resources with the API's keys, and the model of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import islice

from toe import codes
from toe.check.findings import MOST_PROBLEMS, Findings
from toe.document.loader import parse_yaml
from toe.errors import Problem, ToeError
from toe.images.model import InlineComponent, Reading
from toe.images.recipes.api_input import api_kind, read_request
from toe.images.recipes.build import components_of, recipe_of, resource_of, sorted_problems
from toe.images.recipes.cloudformation import is_template, read_template
from toe.images.recipes.found import Found
from toe.images.recipes.functions import SHORT_FORMS
from toe.images.recipes.left_open import unknown_values
from toe.images.recipes.problems import Source
from toe.images.recipes.shapes import RECIPE_KINDS
from toe.nodes import Mapping as MappingNode
from toe.nodes import Node
from toe.records import NamedTuple

TERRAFORM_ENDING = ".tf"
API_FORM, TEMPLATE_FORM, TERRAFORM_FORM = "request", "cloudformation", "terraform"


class RecipeFile(NamedTuple):
    """What a file holds. `components` are those that it defines or names, by label; `problems` are those of YAML."""

    source: Source
    form: str
    found: tuple[Found, ...]
    components: Mapping[str, InlineComponent]
    problems: tuple[Problem, ...]

    def reading(self) -> Reading:
        """The model of it all, and what is wrong or open until now."""
        source = self.source
        recipes = tuple(recipe_of(one, self.components, source) for one in self.found if one.kind in RECIPE_KINDS)
        others = tuple(resource_of(one, source) for one in self.found if one.kind not in (*RECIPE_KINDS, "component"))
        left_open = islice((problem for one in self.found for problem in unknown_values(one, source)), MOST_PROBLEMS)
        problems = sorted_problems([*self.problems, *source.findings.problems, *left_open])
        return Reading(recipes, tuple(self.components.values()), others, problems, self.form)


def open_file(data: bytes, path: str, parameters: Mapping[str, str]) -> RecipeFile:
    """The file in `data`. `path` names it, and its folder is where others are.

    Raises ToeError for a parameter that it does not have, and where Terraform's extra is not installed.
    """
    source = Source(path, os.path.dirname(path), data, Findings(path, data))
    if path.endswith(TERRAFORM_ENDING):
        found = _configuration(source, parameters)
        components = components_of(found)
        here = tuple(one for one in found if one.source is source)
        return RecipeFile(source, TERRAFORM_FORM, here, components, ())
    root, problems = parse_yaml(data, path, functions=SHORT_FORMS)
    form = form_of(root)
    found = []
    if form == TEMPLATE_FORM and isinstance(root, MappingNode):
        found = list(read_template(root, parameters, source))
    elif form == API_FORM and isinstance(root, MappingNode):
        found = list(read_request(root, parameters, source))
    elif root is not None:
        message = "this is no recipe: neither a request to Image Builder nor a template with its resources"
        hint = "a recipe has at least 'name', 'semanticVersion' and 'parentImage'"
        source.at(root, codes.RECIPE_MISSING_FIELD, message, hint)
    return RecipeFile(source, form, tuple(found), components_of(found), tuple(problems))


def _configuration(source: Source, parameters: Mapping[str, str]) -> list[Found]:
    try:
        import hcl2  # noqa: F401  # what is imported next needs it
    except ImportError as error:
        hint = "pip install 'toe-executor[terraform]'"
        raise ToeError("Terraform needs the package 'python-hcl2', which is not installed", hint=hint) from error
    from toe.images.recipes.terraform.read import read_configuration

    return list(read_configuration(source, parameters))


def form_of(root: Node | None) -> str:
    """The form of a recipe file in YAML or JSON, "" where it is none."""
    if not isinstance(root, MappingNode):
        return ""
    if is_template(root):
        return TEMPLATE_FORM
    return API_FORM if api_kind(root) else ""
