"""Which documents the arguments of `toe validate` stand for: files, folders, patterns, standard input."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from toe.document.source import YAML_ENDINGS, is_remote, is_standard_input, request_path
from toe.errors import ToeError
from toe.records import NamedTuple


class Target(NamedTuple):
    """One document to check. `found`: on a walk through a folder, where YAML that is no component is left out."""

    path: str
    found: bool = False


def targets_of(arguments: Sequence[str]) -> list[Target]:
    """The documents, each once, in the order of the arguments; those of a folder or a pattern sorted.

    Raises ToeError for a pattern that matches nothing.
    """
    targets: dict[str, Target] = {}
    for argument in arguments:
        for target in _targets(argument):
            targets.setdefault(target.path, target)
    return list(targets.values())


def _targets(argument: str) -> Iterator[Target]:
    if is_standard_input(argument) or is_remote(argument):
        yield Target(request_path(argument))
    elif os.path.isdir(argument):
        yield from (Target(path, found=True) for path in _yaml_files(argument))
    elif not os.path.lexists(argument) and any(mark in argument for mark in "*?["):
        yield from _matches(argument)
    else:
        yield Target(argument)


def _matches(pattern: str) -> Iterator[Target]:
    from glob import glob

    matches = sorted(path for path in glob(pattern, recursive=True) if _may_be_read(path))
    if not matches:
        raise ToeError(f"no file matches '{pattern}'")
    yield from map(Target, matches)


def _yaml_files(folder: str) -> Iterator[str]:
    """Files with a YAML ending, without those of hidden folders; links to folders are not followed.

    A folder that cannot be read is one of them, at the end: reading it says why.
    """
    refused: list[OSError] = []
    for path, folders, files in os.walk(folder, onerror=refused.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            whole = os.path.normpath(os.path.join(path, name))
            if name.lower().endswith(YAML_ENDINGS) and _may_be_read(whole):
                yield whole
    yield from (os.path.normpath(error.filename) for error in refused)


def _may_be_read(path: str) -> bool:
    """Whether what was found is a file, or a link to nothing, which is an error; a pipe would be waited for."""
    return os.path.isfile(path) or not os.path.exists(path)
