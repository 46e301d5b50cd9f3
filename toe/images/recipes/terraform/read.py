"""The resources of Image Builder in one Terraform file, with the API's keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from toe.document.suggest import did_you_mean
from toe.errors import ToeError
from toe.images.recipes.found import Found
from toe.images.recipes.problems import Source
from toe.images.recipes.shapes import shapes
from toe.images.recipes.spelling import TERRAFORM_SPELLING, to_api_keys
from toe.images.recipes.terraform.folder import Folder
from toe.images.recipes.terraform.kinds import KINDS
from toe.images.recipes.terraform.syntax import Hcl, blocks, node_of, parse_file, parts
from toe.images.recipes.terraform.values import Values
from toe.images.recipes.values import list_at, mapping_at, references_in
from toe.nodes import Kind, Scalar
from toe.nodes import Mapping as MappingNode

#: Terraform has them in the recipe itself, the API one level down.
_OF_THE_INSTANCE = ("user_data_base64", "systems_manager_agent")
_INSTANCE = "additional_instance_configuration"
_VARIABLE = re.compile(r"\bvar\.([A-Za-z_][A-Za-z0-9_-]*)")


def read_configuration(source: Source, given: Mapping[str, str]) -> Iterator[Found]:
    """The resources of the file in their order, then the components of other files of its folder that they name.

    Raises ToeError for a given variable that there is not.
    """
    body = parse_file(source)
    if body is None:
        return
    folder = Folder(body, source, given)
    _refuse_undeclared(folder, source)
    values = Values(folder)
    here: set[str] = set()
    found = []
    for kind, labels, inner, whole in blocks(body):
        if kind.text == "resource" and len(labels) == 2 and labels[0] in KINDS:
            here.add(".".join(labels))
            one = _found(".".join(labels), KINDS[labels[0]], inner, whole, values, source)
            found += [one] if one is not None else []
    yield from found
    for label in sorted({named.label for one in found for named in references_in(one.node)} - here):
        said = folder.resource(label)
        if said is not None:
            kind_name = label.partition(".")[0]
            other = _found(label, KINDS[kind_name], parts(said.tree)[-1], said.tree, values, said.source)
            if other is not None and other.kind == "component":
                yield other


def _refuse_undeclared(folder: Folder, source: Source) -> None:
    used = set(_VARIABLE.findall(source.data.decode("utf-8", "replace")))
    for name in folder.given:
        if name not in used and folder.variable(name) is None:
            near = did_you_mean(name, sorted(used))
            raise ToeError(f"{source.file}: the configuration has no variable '{name}'{near}")


def _found(label: str, kind: str, body: Hcl, whole: Hcl, values: Values, source: Source) -> Found | None:
    at = node_of(parts(whole)[0])
    node = values.body(body, node_of(whole))
    count = node.get("count")
    if isinstance(count, Scalar) and count.text == "0":
        return None
    if kind == "imageRecipe":
        node = _with_instance(node)
    api = to_api_keys(node, shapes()[kind], kind, TERRAFORM_SPELLING, source)
    return Found(kind, label, api, at, TERRAFORM_SPELLING, source)


def _with_instance(node: MappingNode) -> MappingNode:
    """The settings of the build's instance, where the API has them."""
    own = [(key, value) for key, value in node if key.text in _OF_THE_INSTANCE]
    if not own:
        return node
    first = own[0][0]
    key = Scalar(first.line, first.column, first.end_line, first.end_column, _INSTANCE, Kind.STRING)
    others = [(key, value) for key, value in node if key.text not in _OF_THE_INSTANCE]
    return mapping_at(node, [*others, (key, list_at(first, [mapping_at(first, own)]))])
