"""CloudFormation's intrinsic functions, as far as a template itself knows what they give.

What only AWS knows becomes `Unknown` with its reason; what cannot be right (an unknown name, a cycle, a function in the
wrong form) is a problem at its place. The short forms are the same: `!Sub x` was read as `{Fn::Sub: x}`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping

from toe import codes
from toe.images.recipes.conditions import Conditions
from toe.images.recipes.named import NamedValues
from toe.images.recipes.substitution import VARIABLE, as_text, substituted
from toe.images.recipes.template import Template, text_of
from toe.images.recipes.values import Absent, Unknown, list_at, moved, text_at
from toe.nodes import Kind, Node, Scalar, Sequence
from toe.nodes import Mapping as MappingNode

_LONG_NAMES = (
    "And Base64 Cidr Equals FindInMap GetAtt GetAZs If ImportValue Join Length Not Or Select Split Sub ToJsonString "
    "Transform"
).split()
#: Tag -> the key that it stands for.
SHORT_FORMS: Mapping[str, str] = {
    "!Ref": "Ref",
    "!Condition": "Condition",
    **{f"!{name}": f"Fn::{name}" for name in _LONG_NAMES},
}
#: Only while a stack is made are these known.
_OF_AWS = {
    "Fn::ImportValue": "what another stack exports",
    "Fn::GetAZs": "the availability zones of a region",
    "Fn::Cidr": "an address range",
    "Fn::Transform": "what a macro makes of it",
    "Fn::ToJsonString": "JSON that CloudFormation writes",
}
_DYNAMIC = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):[^{}]{0,2000}\}\}")


class Functions(NamedValues):
    """Evaluates the values of one template."""

    def __init__(self, template: Template) -> None:
        super().__init__(template)
        self.conditions = Conditions(template, self._effort, self.value)
        self._calls: Mapping[str, Callable[[Node, Node], Node]] = {
            "Ref": self._ref,
            "Fn::Base64": self._base64,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::Join": self._join,
            "Fn::Length": self._length,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Sub": self._sub,
        }

    def value(self, node: Node) -> Node:
        """See `NamedValues`."""
        if isinstance(node, Scalar):
            return self._scalar(node)
        if not self._effort.deeper(node):
            return Unknown(node, "")
        try:
            return self._collection(node)
        finally:
            self._effort.back()

    def _collection(self, node: Node) -> Node:
        if isinstance(node, Sequence):
            items = [item for item in map(self.value, node.items) if not isinstance(item, Absent)]
            return Sequence(node.line, node.column, node.end_line, node.end_column, items)
        if not isinstance(node, MappingNode):
            return node
        if len(node.pairs) == 1:
            key, argument = node.pairs[0]
            if key.text in self._calls:
                return self._calls[key.text](node, argument)
            if key.text in _OF_AWS:
                return Unknown(node, f"'{key.text}' gives {_OF_AWS[key.text]}: only AWS knows it")
            if key.text.startswith("Fn::"):
                return Unknown(node, f"'{key.text}' is carried out by CloudFormation")
        pairs = [(key, self.value(value)) for key, value in node.pairs]
        known = [(key, value) for key, value in pairs if not isinstance(value, Absent)]
        return MappingNode(node.line, node.column, node.end_line, node.end_column, known)

    def _scalar(self, node: Scalar) -> Node:
        if "{{resolve:" not in node.text:
            return node
        found = _DYNAMIC.search(node.text)
        if found is None:
            return node
        service = "Systems Manager" if found[1].startswith("ssm") else "Secrets Manager"
        return Unknown(node, f"the value is kept by {service}", partial=_DYNAMIC.sub("*", node.text))

    def _text(self, at: Node, text: str, unknown: Unknown | None) -> Node:
        if not self._effort.spend(at, text):
            return Unknown(at, "")
        return text_at(at, text) if unknown is None else Unknown(at, unknown.reason, unknown.hint, text)

    def _sub(self, at: Node, argument: Node) -> Node:
        parts = argument.items if isinstance(argument, Sequence) else [argument]
        text, own = parts[0] if parts else argument, parts[1] if len(parts) == 2 else None
        if not isinstance(text, Scalar) or len(parts) > 2 or not isinstance(own, MappingNode | None):
            return self._malformed(at, "Fn::Sub", "a text, or a list of a text and a mapping of variables")
        variables = {key.text: value for key, value in own} if own is not None else {}
        whole = VARIABLE.fullmatch(text.text.strip())
        if whole and not whole[1].startswith("!"):
            return moved(self._variable(whole[1].strip(), variables, at), text if text.line else at)
        return substituted(text, lambda name: self._variable(name, variables, at), self._effort)

    def _join(self, at: Node, argument: Node) -> Node:
        parts = argument.items if isinstance(argument, Sequence) else []
        if len(parts) != 2 or not isinstance(parts[0], Scalar):
            return self._malformed(at, "Fn::Join", "[delimiter, [text, text]]")
        listed = self.value(parts[1])
        if isinstance(listed, Unknown):
            return Unknown(at, listed.reason, listed.hint)
        if not isinstance(listed, Sequence):
            return self._malformed(at, "Fn::Join", "[delimiter, [text, text]]")
        if not self._effort.afford(at, [*listed.items, *[parts[0]] * len(listed.items)]):
            return Unknown(at, "")
        texts = [as_text(item) for item in listed.items]
        unknown = next((missing for _, missing in texts if missing is not None), None)
        return self._text(at, parts[0].text.join(text for text, _ in texts), unknown)

    def _split(self, at: Node, argument: Node) -> Node:
        parts = argument.items if isinstance(argument, Sequence) else []
        if len(parts) != 2 or not isinstance(parts[0], Scalar) or not parts[0].text:
            return self._malformed(at, "Fn::Split", "[delimiter, text]")
        text = self.value(parts[1])
        if not isinstance(text, Scalar):
            return text
        if not self._effort.spend(at, text.text):
            return Unknown(at, "")
        return list_at(at, [text_at(at, item) for item in text.text.split(parts[0].text)])

    def _select(self, at: Node, argument: Node) -> Node:
        parts = argument.items if isinstance(argument, Sequence) else []
        if len(parts) != 2:
            return self._malformed(at, "Fn::Select", "[index, list]")
        index, listed = map(self.value, parts)
        for part in (index, listed):
            if isinstance(part, Unknown):
                return Unknown(at, part.reason, part.hint)
        if (
            not isinstance(listed, Sequence)
            or not isinstance(index, Scalar)
            or not re.fullmatch("[0-9]{1,6}", index.text)
        ):
            return self._malformed(at, "Fn::Select", "[index, list]")
        if int(index.text) >= len(listed.items):
            message = f"'Fn::Select' asks for item {index.text} of {len(listed.items)}"
            self._source.at(at, codes.RECIPE_FUNCTION, message, "the first item has the index 0")
            return Unknown(at, "")
        return moved(listed.items[int(index.text)], at)

    def _if(self, at: Node, argument: Node) -> Node:
        parts = argument.items if isinstance(argument, Sequence) else []
        if len(parts) != 3 or not isinstance(parts[0], Scalar):
            return self._malformed(at, "Fn::If", "[Condition, value if it holds, value if not]")
        told = len(self._source.findings.problems)
        truth = self.conditions.holds(parts[0].text, parts[0])
        if truth is None:
            is_told = len(self._source.findings.problems) > told
            return Unknown(at, "" if is_told else f"whether the condition '{parts[0].text}' holds is not known here")
        return self.value(parts[1] if truth else parts[2])

    def _find_in_map(self, at: Node, argument: Node) -> Node:
        parts = argument.items if isinstance(argument, Sequence) else []
        if len(parts) not in (3, 4):
            return self._malformed(at, "Fn::FindInMap", "[MapName, TopLevelKey, SecondLevelKey]")
        keys = [self.value(part) for part in parts[:3]]
        for key in keys:
            if isinstance(key, Unknown):
                return Unknown(at, key.reason, key.hint)
        names = [text_of(key) for key in keys]
        found: Node | None = self._template.mappings.get(names[0])
        for name in names[1:]:
            found = found.get(name) if isinstance(found, MappingNode) else None
        if found is not None:
            return moved(found, at)
        default = parts[3].get("DefaultValue") if len(parts) == 4 and isinstance(parts[3], MappingNode) else None
        if default is not None:
            return self.value(default)
        message = f"the template has no mapping '{'.'.join(names)}'"
        self._source.at(at, codes.RECIPE_UNKNOWN_REFERENCE, message)
        return Unknown(at, "")

    def _base64(self, at: Node, argument: Node) -> Node:
        value = self.value(argument)
        if not isinstance(value, Scalar):
            return value if isinstance(value, Unknown) else self._malformed(at, "Fn::Base64", "Fn::Base64: text")
        return self._text(at, base64.b64encode(value.text.encode("utf-8", "surrogatepass")).decode(), None)

    def _length(self, at: Node, argument: Node) -> Node:
        value = self.value(argument)
        if isinstance(value, Sequence):
            return text_at(at, str(len(value.items)), Kind.INTEGER)
        return value if isinstance(value, Unknown) else self._malformed(at, "Fn::Length", "Fn::Length: list")
