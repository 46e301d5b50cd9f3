"""Names of distributed images: Image Builder's variables in them, tags of registries, names of files. Pure."""

from __future__ import annotations

import re
import time

from toe.document.suggest import did_you_mean
from toe.errors import ToeError
from toe.images.distribution.model import Source

_VARIABLE = re.compile(r"\{\{\s{0,20}imagebuilder:(\w{1,64})\s{0,20}\}\}")
#: https://github.com/opencontainers/distribution-spec: tags.
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_NOT_IN_FILES = re.compile(r"[^A-Za-z0-9._-]+")
NEWEST = "latest"


def filled(text: str, source: Source) -> str:
    """A name with the values of its variables. Raises ToeError for one that Image Builder does not have."""
    values = {"buildDate": build_date(source.made_at), "buildVersion": str(source.numbers.build)}

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name not in values:
            hint = f"there are {', '.join(values)}"
            raise ToeError(f"unknown variable 'imagebuilder:{name}'{did_you_mean(name, values)}", hint=hint)
        return values[name]

    return _VARIABLE.sub(value, text)


def build_date(seconds: float) -> str:
    """A time as Image Builder writes it into names: `2026-11-29T14-22-05.123Z`."""
    return time.strftime("%Y-%m-%dT%H-%M-%S", time.gmtime(seconds)) + f".{int(seconds * 1000) % 1000:03}Z"


def tags_of(wanted: list[str], source: Source) -> tuple[str, ...]:
    """The tags of a container image, `latest` last; without any its version with the build number, and `latest`.

    Raises ToeError for what is no tag.
    """
    numbers = source.numbers
    tags = [filled(text, source) for text in wanted] or [f"{numbers.semantic}-{numbers.build}", NEWEST]
    for tag in tags:
        if not _TAG.fullmatch(tag):
            raise ToeError(f"'{tag}' is no tag of an image", hint="letters, digits, '.', '_' and '-', 128 at most")
    return tuple(sorted(dict.fromkeys(tags), key=lambda tag: tag == NEWEST))


def file_name(wanted: str, source: Source) -> str:
    """The name of a disk's file, without an ending: that of the configuration, else the recipe's with its version."""
    numbers = source.numbers
    name = filled(wanted, source) if wanted else f"{source.name}-{numbers.semantic}-{numbers.build}"
    return in_files(name)


def repository_name(name: str) -> str:
    """A name as it can be the last part of a repository."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "image"


def in_files(name: str) -> str:
    """A name as it can stand in names of files and keys."""
    return _NOT_IN_FILES.sub("-", name).strip("-.") or "image"
