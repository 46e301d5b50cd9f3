"""What a recipe gives a component against the parameters that the component's document declares."""

from __future__ import annotations

from collections.abc import Iterator

from toe import codes
from toe.images.model import ComponentUse
from toe.images.recipes.problems import Source
from toe.images.recipes.values import Unknown
from toe.model import Document, Parameter
from toe.nodes import Mapping as MappingNode
from toe.nodes import Node, Scalar, Sequence


def check_parameters(node: MappingNode, use: ComponentUse, document: Document, source: Source) -> None:
    """Report parameters that are missing, not declared, or given a value that they do not take.

    `node` is the recipe's entry for the component: the places of names and values.
    """
    declared = {parameter.name: parameter for parameter in document.parameters}
    entries = list(_entries(node))
    for name, value in entries:
        if name.text not in declared:
            hint = f"it declares {', '.join(declared)}" if declared else "it declares no parameters"
            message = f"the component has no parameter '{name.text}'{source.suggestion(name.text, declared)}"
            source.at(name, codes.RECIPE_PARAMETER_UNKNOWN, message, hint)
        elif value is not None:
            _check_value(declared[name.text], value, source)
    given = {name.text for name, _ in entries}
    for parameter in document.parameters:
        if parameter.default is None and parameter.name not in given and not _is_open(node.get("parameters")):
            at = node.get("parameters") or node.get("componentArn") or node
            message = f"the component needs a value for its parameter '{parameter.name}'"
            source.at(
                at, codes.RECIPE_PARAMETER_MISSING, message, f"its document gives it no default ({parameter.type})"
            )


def _entries(node: MappingNode) -> Iterator[tuple[Scalar, Node | None]]:
    parameters = node.get("parameters")
    for item in parameters.items if isinstance(parameters, Sequence) else ():
        name = item.get("name") if isinstance(item, MappingNode) else None
        if isinstance(name, Scalar) and isinstance(item, MappingNode):
            yield name, item.get("value")


def _is_open(parameters: Node | None) -> bool:
    """Whether more parameters may be given than the file tells."""
    if isinstance(parameters, Unknown):
        return True
    return isinstance(parameters, Sequence) and any(
        isinstance(item, Unknown) or (isinstance(item, MappingNode) and isinstance(item.get("name"), Unknown))
        for item in parameters.items
    )


def _check_value(parameter: Parameter, value: Node, source: Source) -> None:
    items = value.items if isinstance(value, Sequence) else [value]
    if parameter.type != "stringList" and len(items) != 1:
        message = f"the parameter '{parameter.name}' is a {parameter.type}, and {len(items)} values are given"
        source.at(value, codes.RECIPE_PARAMETER_VALUE, message, "give one value")
        return
    for item in items:
        if parameter.allowed_values is None or not isinstance(item, Scalar):
            continue
        for text in item.text.split(",") if parameter.type == "stringList" else [item.text]:
            if text not in parameter.allowed_values:
                near = source.suggestion(text, parameter.allowed_values)
                message = f"the parameter '{parameter.name}' does not allow '{text}'{near}"
                hint = f"one of {', '.join(parameter.allowed_values)}"
                source.at(item, codes.RECIPE_PARAMETER_VALUE, message, hint)
