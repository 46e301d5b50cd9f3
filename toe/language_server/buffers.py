"""The documents that are open in the editor, as they are typed, and what they read of others."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from toe.actions import ActionTable
from toe.check.check import load_document
from toe.document.recognition import is_component
from toe.document.source import find_nested, identity, is_stream, read_document
from toe.document.text import decode
from toe.errors import DocumentError, Problem
from toe.images.recipes.marks import may_be_of_images
from toe.language_server.line_reader import LineReader
from toe.language_server.positions import Positions
from toe.model import Document

YAML = "yaml"
#: Languages of editors in which a recipe may be written. Component documents are YAML.
LANGUAGES = (YAML, "json", "cloudformation", "terraform", "hcl")
#: Kinds of texts; the other two are those of `toe.images.recipes.recognition`.
COMPONENT = "component"
#: In characters. CloudFormation takes no larger template.
LARGEST_RECIPE = 1_000_000
#: In characters: reading so many takes a tenth of a second and more.
LONG_TEXT = 100_000


def bytes_of(text: str) -> bytes:
    """The bytes of a file with a text. Half a character, which an editor may send, is no UTF-8 there either."""
    return text.encode("utf-8", "surrogatepass")


class Buffer:
    """One version of an open document. `path` is that of its file, or the address of a text that has none yet.

    `good` is the document of the last version that was YAML, None before there was one. `language` is what the editor
    calls the text's language, one of LANGUAGES; `former` is the kind of the version before, "" for none.
    """

    def __init__(
        self,
        uri: str,
        path: str,
        version: int | None,
        positions: Positions,
        good: Document | None,
        language: str = YAML,
        former: str = "",
    ) -> None:
        self._former = former
        self.language = language
        self.uri = uri
        self.path = path
        self.version = version
        self.positions = positions
        self._good = good

    @property
    def text(self) -> str:
        """The text, as the editor has it."""
        return self.positions.text

    @cached_property
    def data(self) -> bytes:
        """The bytes of a file with this text."""
        return bytes_of(self.text)

    @cached_property
    def kind(self) -> str:
        """COMPONENT, RECIPE or SIDE_FILE; "" for any other text, which is left alone."""
        if not self.text.strip():
            return ""
        if len(self.text) <= LARGEST_RECIPE and may_be_of_images(self.data, self.path):
            from toe.images.recipes.recognition import recognised

            found = recognised(self.data, self.path)
            if not found and self._former not in ("", COMPONENT) and self.parsed is None:
                found = self._former  # it is a recipe in which a line is not written yet
            if found:
                return found
        return COMPONENT if self.language == YAML and is_component(self.data) else ""

    @property
    def last_kind(self) -> str:
        """The same, as far as it is known: a version that was typed over is not looked at any more."""
        return self.kind if "kind" in vars(self) else self._former

    @cached_property
    def loaded(self) -> tuple[Document | None, list[Problem]]:
        """The document, as far as it could be built, and what is wrong with its form."""
        return load_document(self.data, self.path, ActionTable())

    @property
    def parsed(self) -> Document | None:
        """The document; None where the text is no YAML."""
        return self.loaded[0]

    @cached_property
    def lines(self) -> LineReader:
        """What its lines say, also where the text is no YAML."""
        return LineReader(self.positions.lines)

    @property
    def good(self) -> Document | None:
        """The document, or that of the last version that was YAML."""
        return self.parsed or self._good

    @property
    def last_good(self) -> Document | None:
        """The same, as far as it is known: a version that was typed over is not read any more."""
        return self.good if "loaded" in vars(self) else self._good

    def around(self, line: int) -> Document | None:
        """The document for who is typing in a line: where that is no YAML, without it; else the last good version.

        That one is taken at once where the text is long: reading it again for each letter would be waited for.
        """
        if len(self.text) > LONG_TEXT and self.last_good is not None:
            return self.last_good
        return self.parsed or self._without_line(line) or self._good

    def _without_line(self, line: int) -> Document | None:
        start = self.positions.offset(line, 1)
        rest = self.text[start + len(self.positions.line(line)) :]
        return load_document(bytes_of(self.text[:start] + rest), self.path, ActionTable())[0]


class Buffers:
    """The open documents by their addresses. `encoding` is that of the positions that are sent and received."""

    def __init__(self) -> None:
        self.encoding = "utf-16"
        self._open: dict[str, Buffer] = {}

    def put(self, uri: str, path: str, text: str, version: int | None, language: str = YAML) -> Buffer:
        """Keep a new version of a document."""
        former = self._open.get(uri)
        good = former.last_good if former is not None else None
        kind = former.last_kind if former is not None else ""
        self._open[uri] = Buffer(uri, path, version, Positions(text, self.encoding), good, language, kind)
        return self._open[uri]

    def remove(self, uri: str) -> None:
        """Forget a document that was closed."""
        self._open.pop(uri, None)

    def get(self, uri: str) -> Buffer | None:
        """The newest version of a document that is open."""
        return self._open.get(uri)

    def component(self, uri: str) -> Buffer | None:
        """As `get`, for component documents alone."""
        found = self._open.get(uri)
        return found if found is not None and found.kind == COMPONENT else None

    def known(self, uri: str) -> Buffer | None:
        """As `get`, for component documents, recipes and toe-images.yml."""
        found = self._open.get(uri)
        return found if found is not None and found.kind else None

    def __iter__(self) -> Iterator[Buffer]:
        return iter(list(self._open.values()))

    def reader(self) -> NestedReader:
        """Reads nested documents as they are now."""
        return NestedReader({identity(buffer.path): buffer.data for buffer in self}, self.encoding)


class NestedReader:
    """Reads nested documents: what is open as it is in the editor, all else from the disk, nothing from elsewhere.

    `read` are the identities of those that were asked for.
    """

    def __init__(self, opened: dict[str, bytes], encoding: str) -> None:
        self.read: set[str] = set()
        self._opened = opened
        self._encoding = encoding

    def __call__(self, path: str, caller: str, bucket_owner: str = "") -> bytes:
        """The bytes of the document that `caller` runs as `path`. Raises DocumentError."""
        return self.data(find_nested(path, caller))

    def data(self, path: str) -> bytes:
        """The bytes of a document in a file. Raises DocumentError."""
        name = identity(path)
        self.read.add(name)
        if name in self._opened:
            return self._opened[name]
        if is_stream(path):
            raise DocumentError(f"{path}: not read: it is a pipe")
        return read_document(path)

    def positions(self, path: str) -> Positions:
        """The places of a document in a file. Raises DocumentError."""
        return Positions(decode(self.data(path))[0], self._encoding)
