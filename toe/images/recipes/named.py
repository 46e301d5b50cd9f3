"""What names mean in a template: `Ref`, `Fn::GetAtt`, and the variables of `Fn::Sub`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from toe import codes
from toe.images.recipes.problems import Effort, Source
from toe.images.recipes.template import KINDS, NAMED_BY, Template, text_of
from toe.images.recipes.values import Reference, Unknown, moved
from toe.nodes import Mapping as MappingNode
from toe.nodes import Node, Scalar, Sequence


class NamedValues(ABC):
    """Looks names up in one template. What they are said to be has functions again, for `value`."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._source: Source = template.source
        self._effort = Effort(template.source, "the template")

    @abstractmethod
    def value(self, node: Node) -> Node:
        """What a node of the template says, with its functions carried out. Absent where it says nothing."""

    def _malformed(self, at: Node, function: str, form: str) -> Unknown:
        self._source.at(at, codes.RECIPE_FUNCTION, f"'{function}' is not in the right form", f"write {form}")
        return Unknown(at, "")

    def _ref(self, at: Node, argument: Node) -> Node:
        if not isinstance(argument, Scalar):
            return self._malformed(at, "Ref", "Ref: Name")
        return self._named(argument.text, at)

    def _named(self, name: str, at: Node) -> Node:
        found = self._template.reference(name, at)
        if found is None:
            return self._property(name, NAMED_BY[self._template.type_of(name)], at)
        return found

    def _property(self, label: str, name: str, at: Node) -> Node:
        """A property of another resource, as the template gives it."""
        kind = self._template.type_of(label)
        unknown = Unknown(at, f"'{label}' ({kind}) exists in AWS only")
        resource = self._template.resources[label]
        properties = resource.get("Properties") if isinstance(resource, MappingNode) else None
        value = properties.get(name) if isinstance(properties, MappingNode) else None
        if value is None or not self._effort.enter(f"{label}.{name}", at):
            return unknown
        try:
            found = self.value(value)
        finally:
            self._effort.leave()
        return moved(found, at) if self._effort.afford(at, [found]) else Unknown(at, "")

    def _get_att(self, at: Node, argument: Node) -> Node:
        if isinstance(argument, Sequence):
            parts = [text_of(item) for item in argument.items]
            label, name = (parts[0], ".".join(parts[1:])) if len(parts) >= 2 else ("", "")
        else:
            label, _, name = text_of(argument).partition(".")
        if not label or not name:
            return self._malformed(at, "Fn::GetAtt", "Resource.Attribute")
        return self._attribute(label, name, at)

    def _attribute(self, label: str, name: str, at: Node) -> Node:
        kind = self._template.type_of(label)
        if kind in KINDS:
            return Reference(at, label, name)
        if label in self._template.resources:
            return Unknown(at, f"'{label}.{name}' ({kind or 'a resource'}) exists in AWS only")
        return self._named(label, at)

    def _variable(self, name: str, variables: Mapping[str, Node], at: Node) -> Node:
        if name in variables:
            return self.value(variables[name])
        label, dot, attribute = name.partition(".")
        return self._attribute(label, attribute, at) if dot else self._named(name, at)
