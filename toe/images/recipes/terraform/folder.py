"""What a folder of Terraform files says by name: variables and their values, locals, resources.

The file that is read comes first; the others of its folder are only parsed for a name that it does not have.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from toe.check.findings import Findings
from toe.document.source import read_document
from toe.errors import DocumentError
from toe.images.recipes.problems import Source
from toe.images.recipes.terraform.syntax import MOST_BYTES, Hcl, attributes, blocks, parse_file
from toe.nodes import Scalar
from toe.records import NamedTuple

ENDING = ".tf"
#: Of a folder, beside the file that is read: no real one has more.
MOST_FILES = 200
MOST_OTHER_BYTES = 2 * 1024 * 1024


class Said(NamedTuple):
    """An expression or a body, and the file in which it stands. `key` is its name there."""

    tree: Hcl
    source: Source
    key: Scalar | None = None


class Folder:
    """The names of one folder. `given` are values for variables, from who reads the file."""

    def __init__(self, body: Hcl, source: Source, given: Mapping[str, str]) -> None:
        self.source = source
        self.given = given
        self._variables: dict[str, Said] = {}
        self._locals: dict[str, Said] = {}
        self._resources: dict[str, Said] = {}
        self._values: dict[str, Said] | None = None
        self._others: Iterator[Source] = _other_files(source)
        self._take(body, source)

    def variable(self, name: str) -> Said | None:
        """The body of a variable's declaration."""
        return self._find(self._variables, name)

    def local(self, name: str) -> Said | None:
        """The expression of a local value."""
        return self._find(self._locals, name)

    def resource(self, address: str) -> Said | None:
        """The body of a resource, by `type.name`."""
        return self._find(self._resources, address)

    def assigned(self, name: str) -> Said | None:
        """The value of a variable in `terraform.tfvars` or `*.auto.tfvars`, which Terraform reads unasked."""
        if self._values is None:
            self._values = {}
            for source in _value_files(self.source):
                body = parse_file(source)
                for key, expression in attributes(body) if body is not None else ():
                    self._values[key.text] = Said(expression, source, key)
        return self._values.get(name)

    def _find(self, table: dict[str, Said], name: str) -> Said | None:
        while name not in table:
            source = next(self._others, None)
            if source is None:
                return None
            body = parse_file(source)
            if body is not None:
                self._take(body, source)
        return table[name]

    def _take(self, body: Hcl, source: Source) -> None:
        for kind, labels, inner, whole in blocks(body):
            if kind.text == "variable" and len(labels) == 1:
                self._variables.setdefault(labels[0], Said(inner, source, kind))
            elif kind.text == "resource" and len(labels) == 2:
                self._resources.setdefault(".".join(labels), Said(whole, source, kind))
            elif kind.text == "locals":
                for key, expression in attributes(inner):
                    self._locals.setdefault(key.text, Said(expression, source, key))


def _other_files(source: Source) -> Iterator[Source]:
    names = [name for name in _names(source) if name.endswith(ENDING) and name != os.path.basename(source.file)]
    left = MOST_OTHER_BYTES
    for name in names[:MOST_FILES]:
        found = _source(os.path.join(source.folder, name))
        left -= len(found.data) if found is not None else 0
        if left < 0:
            return
        # most files of a folder say nothing that others ask for
        if found is not None and re.search(rb"\b(?:variable|locals|resource)\b", found.data):
            yield found


def _value_files(source: Source) -> Iterator[Source]:
    names = _names(source)
    wanted = [name for name in names if name == "terraform.tfvars"]
    wanted += [name for name in names if name.endswith(".auto.tfvars")]
    for name in wanted[:MOST_FILES]:
        found = _source(os.path.join(source.folder, name))
        if found is not None:
            yield found


def _names(source: Source) -> list[str]:
    try:
        return sorted(os.listdir(source.folder or "."))
    except OSError:
        return []


def _source(path: str) -> Source | None:
    """A file of the folder with findings of its own: what is wrong in it is told when it is checked itself."""
    try:
        if os.path.getsize(path) > MOST_BYTES:
            return None
        data = read_document(path)
    except (OSError, DocumentError):
        return None
    return Source(path, os.path.dirname(path), data, Findings(path, data))
