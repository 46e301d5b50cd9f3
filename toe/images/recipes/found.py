"""A resource of Image Builder as a form's reader hands it on: the API's keys, whatever the form was."""

from __future__ import annotations

from toe.images.recipes.problems import Source
from toe.images.recipes.spelling import Spelling
from toe.nodes import Mapping, Node
from toe.records import NamedTuple


class Found(NamedTuple):
    """One resource. `kind` is a key of `toe.images.recipes.shapes`, `label` its name in the file ("" has none).

    `node` is its tree with the API's keys, `at` where it begins, for what is missing. `source` is the file in which it
    stands: a configuration of Terraform names components of other files of its folder.
    """

    kind: str
    label: str
    node: Mapping
    at: Node
    spelling: Spelling
    source: Source
