"""A lifecycle policy from a file: CreateLifecyclePolicy's own form, CloudFormation's or Terraform's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.errors import Problem, Severity, ToeError
from toe.images.keeping.policy import AGE, DELETE, UNIT_SECONDS, Policy, Rule
from toe.images.model import Resource
from toe.images.recipes.read import judged_recipes, one_resource

_KIND = "lifecyclePolicy"


def read_policy(
    path: str, *, resource: str = "", parameters: Mapping[str, str] | None = None
) -> tuple[Policy, list[Problem]]:
    """The policy of a file, and what of it means nothing here, as information.

    `resource` names one of several. Raises ToeError with all that is wrong, and for a value that the file leaves open.
    """
    reading = judged_recipes(path, parameters=parameters)
    found = one_resource(reading, path, _KIND, resource)
    return _policy(found), [problem for problem in reading.problems if problem.severity is Severity.INFO]


def _policy(resource: Resource) -> Policy:
    fields = resource.fields
    selection = _known(fields, "resourceSelection", resource)
    details = [_known(detail, "action", resource) and detail for detail in _known(fields, "policyDetails", resource)]
    return Policy(
        name=str(fields.get("name") or resource.label),
        resource_type=_known(fields, "resourceType", resource),
        rules=tuple(_rule(detail, resource) for detail in details if detail["action"].get("type") == DELETE),
        recipes=tuple(
            (_known(recipe, "name", resource), _known(recipe, "semanticVersion", resource))
            for recipe in selection.get("recipes") or ()
        ),
        tags=selection.get("tagMap") or {},
        is_enabled=fields.get("status", "ENABLED") == "ENABLED",
    )


def _rule(detail: Mapping[str, Any], resource: Resource) -> Rule:
    rule = _known(detail, "filter", resource)
    value = int(_known(rule, "value", resource))
    exclusion = detail.get("exclusionRules") or {}
    excluded = {**(exclusion.get("tagMap") or {}), **((exclusion.get("amis") or {}).get("tagMap") or {})}
    included = detail["action"].get("includeResources") or {}
    with_image = any(_is_true(included.get(field)) for field in ("amis", "containers"))
    if rule.get("type") != AGE:
        return Rule(rule["type"], most=value, excluded=excluded, with_image=with_image)
    seconds = value * UNIT_SECONDS[_known(rule, "unit", resource)]
    least = int(rule.get("retainAtLeast", 0))
    return Rule(AGE, seconds=seconds, retain_at_least=least, excluded=excluded, with_image=with_image)


def _known(fields: Mapping[str, Any], field: str, resource: Resource) -> Any:
    """A required field. The file was judged: where it is missing its value is not known."""
    if field not in fields:
        raise ToeError(f"{resource.place}: the value of '{field}' is not known here", hint="give it: --parameters N=V")
    return fields[field]


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"
