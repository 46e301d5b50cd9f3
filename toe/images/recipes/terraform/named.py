"""What names mean in Terraform's expressions: variables, locals, attributes of resources, and steps from them."""

from __future__ import annotations

from abc import ABC, abstractmethod

from toe.images.recipes.problems import Effort
from toe.images.recipes.terraform.folder import Folder, Said
from toe.images.recipes.terraform.kinds import KINDS, LATER, WORKED_OUT
from toe.images.recipes.terraform.syntax import Hcl, attributes, node_of, parts, tokens, word_of
from toe.images.recipes.values import Reference, Unknown, moved, text_at
from toe.nodes import Mapping as MappingNode
from toe.nodes import Node, Scalar, Sequence


class NamedValues(ABC):
    """Looks names up in one folder. What they are said to be is an expression again, for `value`."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._effort = Effort(folder.source, "the configuration")

    @abstractmethod
    def value(self, tree: Hcl) -> Node:
        """What an expression gives; Absent for null."""

    @abstractmethod
    def _expression(self, text: str, at: Node) -> Node:
        """What an expression in a text gives."""

    def _named(self, tree: Hcl, at: Node) -> Node:
        root, steps = self._path(tree)
        if root.data != "identifier":
            return self._stepped(self.value(root), steps, at)
        name = word_of(root)
        words = [step for step in steps if isinstance(step, str)]
        dotted = ".".join([name, *words[:2]])
        if name in LATER:
            return Unknown(at, f"'{dotted}' {LATER[name]}")
        if name == "path" and words[:1] in (["module"], ["root"], ["cwd"]):
            return text_at(at, ".")
        if name == "var" and words:
            return self._stepped(self._variable(words[0], at), steps[1:], at)
        if name == "local" and words:
            said = self._folder.local(words[0])
            return self._stepped(self._said(f"local.{words[0]}", said, at), steps[1:], at)
        return self._resource(name, steps, at) if words else Unknown(at, WORKED_OUT)

    def _path(self, tree: Hcl) -> tuple[Hcl, list[str | Node]]:
        """The first name of `a.b[0].c`, and the steps from it: names, and values in brackets."""
        steps: list[str | Node] = []
        while True:
            inner = parts(tree)
            if tree.data == "expr_term" and len(inner) == 1:
                tree = inner[0]
            elif tree.data == "get_attr_expr_term":
                steps.append(word_of(parts(inner[1])[0]))
                tree = inner[0]
            elif tree.data == "index_expr_term":
                indexes = parts(inner[1])
                steps.append(self.value(indexes[0]) if indexes else text_at(node_of(inner[1]), tokens(inner[1])[-1]))
                tree = inner[0]
            else:
                return tree, steps[::-1]

    def _stepped(self, value: Node, steps: list[str | Node], at: Node) -> Node:
        """A part of a value: of a mapping by its key, of a list by its number."""
        for step in steps:
            if isinstance(value, Unknown):
                return Unknown(at, value.reason, value.hint)
            key = step if isinstance(step, str) else step.text if isinstance(step, Scalar) else ""
            if isinstance(value, MappingNode):
                found = value.get(key)
            elif isinstance(value, Sequence) and key.isdecimal() and int(key[:9]) < len(value.items):
                found = value.items[int(key[:9])]
            else:
                found = None
            if found is None:
                return Unknown(at, f"there is no '{key}' in this value" if key else WORKED_OUT)
            value = found
        return value if isinstance(value, Unknown) else moved(value, at)

    def _variable(self, name: str, at: Node) -> Node:
        hint = f"give it: --parameters {name}=VALUE"
        if name in self._folder.given:
            return self._given(self._folder.given[name], at)
        assigned = self._folder.assigned(name)
        if assigned is not None:
            return self._said(f"var.{name}", assigned, at)
        declared = self._folder.variable(name)
        if declared is None:
            return Unknown(at, f"no *.tf of this folder declares the variable '{name}'", hint)
        default = next((value for key, value in attributes(declared.tree) if key.text == "default"), None)
        if default is None:
            return Unknown(at, f"the variable '{name}' has no default", hint)
        return self._said(f"var.{name}", Said(default, declared.source), at)

    def _given(self, text: str, at: Node) -> Node:
        """A value of who reads the file: lists and mappings in Terraform's own writing, all else as it is."""
        return self._expression(text, at) if text.startswith(("[", "{")) else text_at(at, text)

    def _said(self, name: str, said: Said | None, at: Node) -> Node:
        if said is None:
            return Unknown(at, f"no *.tf of this folder says what '{name}' is")
        if not self._effort.enter(name, at):
            return Unknown(at, "")
        try:
            value = self.value(said.tree)
        finally:
            self._effort.leave()
        if isinstance(value, Reference):
            return Reference(at, value.label, value.attribute)
        if isinstance(value, Unknown):
            return Unknown(at, value.reason, value.hint, value.partial)
        return moved(value, at) if self._effort.afford(at, [value]) else Unknown(at, "")

    def _resource(self, kind: str, steps: list[str | Node], at: Node) -> Node:
        """What an attribute of a resource gives: `arn` and `id` are Image Builder's, others may stand in its body."""
        words = [step for step in steps if isinstance(step, str)]
        address, attribute = f"{kind}.{words[0]}", words[1] if len(words) > 1 else ""
        said = self._folder.resource(address)
        if said is None:
            return Unknown(at, f"no *.tf of this folder has the resource '{address}'")
        if kind in KINDS and attribute in ("arn", "id"):
            return Reference(at, address, attribute)
        body = parts(said.tree)[-1]
        expression = next((value for key, value in attributes(body) if key.text == attribute), None)
        if expression is None:
            return Unknown(at, f"'{address}.{attribute}' exists in AWS only")
        return self._said(f"{address}.{attribute}", Said(expression, said.source), at)
