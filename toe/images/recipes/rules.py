"""Image Builder's rules for recipes that its model does not hold: versions, counts, combinations, the template.

And what of a recipe means nothing outside of AWS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from toe import codes
from toe.images.model import MOST_COMPONENTS
from toe.images.recipes.found import Found
from toe.images.recipes.other_rules import UNUSED, check_other_rules
from toe.images.recipes.problems import Source
from toe.images.recipes.shapes import RECIPE_KINDS
from toe.images.recipes.values import Reference, Unknown
from toe.images.versions import version_fault
from toe.nodes import Mapping as MappingNode
from toe.nodes import Node, Scalar, Sequence

VARIABLES: Mapping[str, str] = {
    "parentImage": "the base",
    "environments": "the preparation of the components",
    "components": "the components",
}
_VARIABLE = re.compile(r"\{\{\{\s{0,20}imagebuilder:(\w{1,64})\s{0,20}\}\}\}")
#: An ARN of a component of which parts may be open; its version is judged apart.
_ARN = re.compile(
    r"arn:[^:]*:imagebuilder:[^:]+:(?:[0-9]{12}|aws(?:-[a-z-]+)?|third-party|\*):component/[a-z0-9_-]+/"
    r"(?P<version>[^/]*)(?P<build>/[0-9]+)?"
)
_VERSIONED = ("component", "workflow")
#: (kind, field) -> why nothing follows from it here.
_UNUSED: Mapping[str, Mapping[str, str]] = {
    "containerRecipe": {
        "kmsKeyId": "images on this machine are not encrypted by a key of AWS",
        "instanceConfiguration": "no instance builds the container here",
        "imageOsVersionOverride": "the base itself says which system it is",
        "clientToken": "nothing is asked of the service",
        "dryRun": "to look without building is --plan",
    },
    "imageRecipe": {
        "amiTags": "there is no AMI here",
        "amiWatermarks": "there is no AMI here",
        "clientToken": "nothing is asked of the service",
        "dryRun": "to look without building is --plan",
    },
    "component": {
        "kmsKeyId": "a document on this machine is not encrypted",
        "clientToken": "nothing is asked of the service",
        "dryRun": "nothing is asked of the service",
    },
}


def unused_fields(kind: str) -> Mapping[str, str]:
    """The fields of a kind of resource, as paths with dots, from which nothing follows here, each with the reason."""
    return {**_UNUSED.get(kind, {}), **UNUSED.get(kind, {})}


def check_rules(found: Found, source: Source, *, is_strict: bool) -> None:
    """Report what breaks the rules. `is_strict`: what only `toe` reads, such as paths of components, is refused too."""
    _check_version(found, source)
    _check_data_or_uri(found, source)
    if found.kind in RECIPE_KINDS:
        _check_components(found, source, is_strict)
    if found.kind == "containerRecipe":
        _check_template(found, source)
    check_other_rules(found, source)
    for field, reason in _UNUSED.get(found.kind, {}).items():
        key = found.node.key_node(field)
        if key is not None:
            written = found.spelling.spell(field, found.kind)
            source.at(key, codes.RECIPE_UNUSED_FIELD, f"'{written}' has no meaning here: {reason}")


def _check_version(found: Found, source: Source) -> None:
    version = found.node.get("semanticVersion")
    if isinstance(version, Scalar) and (found.kind in RECIPE_KINDS or found.kind in _VERSIONED):
        fault = version_fault(version.text, wildcards=found.kind in RECIPE_KINDS)
        if fault:
            source.at(version, codes.RECIPE_VERSION, fault)


def _check_data_or_uri(found: Found, source: Source) -> None:
    pairs = {
        "containerRecipe": ("dockerfileTemplateData", "dockerfileTemplateUri", "a Dockerfile template"),
        "component": ("data", "uri", "a document"),
        "workflow": ("data", "uri", "a document"),
    }
    if found.kind not in pairs:
        return
    data, uri, what = pairs[found.kind]
    names = [found.spelling.spell(field) for field in (data, uri)]
    given = [key for key in (found.node.key_node(data), found.node.key_node(uri)) if key is not None]
    if len(given) == 2:
        message = f"'{names[0]}' and '{names[1]}' exclude each other"
        source.at(given[1], codes.RECIPE_COMBINATION, message, f"leave one of them out: {what} is given once")
    elif not given:
        message = f"neither '{names[0]}' nor '{names[1]}' is given"
        source.at(found.at, codes.RECIPE_COMBINATION, message, f"one of them says {what}")


def _check_components(found: Found, source: Source, is_strict: bool) -> None:
    uses = found.node.get("components")
    items = uses.items if isinstance(uses, Sequence) else []
    if len(items) > MOST_COMPONENTS:
        message = f"{len(items)} components: Image Builder takes at most {MOST_COMPONENTS} in one recipe"
        source.at(items[MOST_COMPONENTS], codes.RECIPE_COMPONENTS, message)
    for use in items:
        named = use.get("componentArn") if isinstance(use, MappingNode) else None
        if named is not None:
            _check_reference(named, source, is_strict)
        _check_given_once(use, source)


def _check_reference(named: Node, source: Source, is_strict: bool) -> None:
    if isinstance(named, Reference) or not isinstance(named, Scalar | Unknown):
        return
    text = named.partial if isinstance(named, Unknown) else named.text
    arn = _ARN.fullmatch(text)
    if arn is not None:
        fault = version_fault(arn["version"], wildcards=not arn["build"])
        if fault:
            source.at(named, codes.RECIPE_VERSION, fault)
    elif isinstance(named, Scalar) and (is_strict or text.startswith("arn:")):
        hint = "arn:aws:imagebuilder:REGION:ACCOUNT:component/NAME/1.0.0, the name in small letters"
        source.at(named, codes.RECIPE_VALUE, f"'{text[:200]}' is no ARN of a component", hint)


def _check_given_once(use: Node, source: Source) -> None:
    parameters = use.get("parameters") if isinstance(use, MappingNode) else None
    seen: set[str] = set()
    for parameter in parameters.items if isinstance(parameters, Sequence) else ():
        name = parameter.get("name") if isinstance(parameter, MappingNode) else None
        if isinstance(name, Scalar):
            if name.text in seen:
                source.at(name, codes.RECIPE_COMBINATION, f"the parameter '{name.text}' is given twice")
            seen.add(name.text)


def _check_template(found: Found, source: Source) -> None:
    template = found.node.get("dockerfileTemplateData")
    if not isinstance(template, Scalar):
        return
    used = set(_variables(template.text))
    for name, what in VARIABLES.items():
        if name not in used:
            message = f"the Dockerfile template does not hold {{{{{{ imagebuilder:{name} }}}}}}"
            source.at(template, codes.RECIPE_TEMPLATE, message, f"without it {what} would not get into the image")
    for name in sorted(used - VARIABLES.keys()):
        near = source.suggestion(name, VARIABLES)
        message = f"the Dockerfile template holds an unknown variable 'imagebuilder:{name}'{near}"
        source.at(template, codes.RECIPE_TEMPLATE, message, f"there are {', '.join(VARIABLES)}")


def _variables(template: str) -> Iterator[str]:
    yield from (found[1] for found in _VARIABLE.finditer(template))
