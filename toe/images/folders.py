"""A folder of components on this machine: `NAME/VERSION/`, with a document or several builds of it.

`2.yml` and `2/component.yml` are build 2 of a version. A version without such numbers is build 1: its one component
document, or the one called `component.yml` or as the component is; others beside it may be its nested documents.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from toe.document.recognition import is_component
from toe.document.source import YAML_ENDINGS, read_document
from toe.errors import DocumentError, ToeError
from toe.images.names import folder_name
from toe.images.versions import Version, parse_version

_BUILD = re.compile(r"[0-9]{1,9}")
#: Of the documents of a folder, in a message.
MOST_NAMED = 10


def names_in(folders: tuple[str, ...]) -> list[str]:
    """The names of the components that there are."""
    return sorted({entry for folder in folders for entry in _folders_in(folder)})


def versions_in(folders: tuple[str, ...], name: str) -> dict[Version, str]:
    """The documents of a component, by version and build. Of the same one in two folders the first counts.

    Raises ToeError where a version's folder does not say which document is meant.
    """
    found: dict[Version, str] = {}
    for folder in folders:
        for version, path in _versions(folder, name):
            found.setdefault(version, path)
    return found


def _versions(folder: str, name: str) -> Iterator[tuple[Version, str]]:
    for entry in _folders_in(folder):
        if folder_name(entry) != folder_name(name):
            continue
        for number in _folders_in(os.path.join(folder, entry)):
            version = parse_version(number)
            if version is not None:
                for build, path in _builds(os.path.join(folder, entry, number), entry):
                    yield version._replace(build=build), path


def _builds(folder: str, name: str) -> Iterator[tuple[int, str]]:
    """The builds of one version and their documents."""
    is_numbered = False
    for entry in _entries(folder):
        stem, ending = os.path.splitext(entry)
        path = os.path.join(folder, entry)
        if ending.lower() in YAML_ENDINGS and _BUILD.fullmatch(stem) and os.path.isfile(path):
            is_numbered = True
            yield int(stem), path
        elif _BUILD.fullmatch(entry) and os.path.isdir(path):
            is_numbered = True
            yield int(entry), _document(path, name)
    if not is_numbered:
        yield 1, _document(folder, name)


def _document(folder: str, name: str) -> str:
    """The component document of a folder. Raises ToeError for none and for several that could be meant."""
    files = [entry for entry in _entries(folder) if entry.lower().endswith(YAML_ENDINGS)]
    for stem in ("component", name):
        found = [entry for entry in files if folder_name(os.path.splitext(entry)[0]) == folder_name(stem)]
        if len(found) == 1:
            return os.path.join(folder, found[0])
    documents = [entry for entry in files if _is_document(os.path.join(folder, entry))]
    if len(documents) == 1:
        return os.path.join(folder, documents[0])
    if not documents:
        raise ToeError(f"there is no component document in {folder}", hint="it holds one *.yml")
    hint = "call the one that is meant component.yml; the others may be its nested documents"
    raise ToeError(f"there are several documents in {folder}: {', '.join(documents[:MOST_NAMED])}", hint=hint)


def _is_document(path: str) -> bool:
    try:
        return is_component(read_document(path))
    except DocumentError:
        return False


def _entries(folder: str) -> list[str]:
    """The names in a folder. Raises ToeError where they cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError as error:
        raise ToeError(f"cannot read the folder {folder}: {error.strerror}") from error


def _folders_in(folder: str) -> list[str]:
    try:
        return sorted(entry for entry in os.listdir(folder) if os.path.isdir(os.path.join(folder, entry)))
    except OSError:
        return []
