"""What the store keeps: a layer for each key, and an image for each build that came to its end. As JSON and back.

Records outlive versions of toe: fields may be added, with a default; a record that lacks another one, or has another
kind of value, is not read. None holds a secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar, get_type_hints

from toe.records import NamedTuple

T = TypeVar("T", bound="LayerRecord | ImageRecord")

#: What an engine calls an image by its content: the SHA-256 of its configuration.
_IMAGE_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")


class LayerRecord(NamedTuple):
    """A layer that was built, and may be given back to whoever has the same key on the same image below it.

    `image` is the image with this layer on top, `below` the one that it was built on, by content. `made_at` is in
    seconds since the epoch, `seconds` what building or fetching it took. `build` names the log folder. `results` are
    those of the steps that made it, [] where they are not known.
    """

    key: str
    parts: Mapping[str, str]
    recipe: str
    step: str
    image: str
    below: str
    made_at: float
    seconds: float
    build: str
    results: list[Mapping[str, Any]] = []  # noqa: RUF012 (nobody adds to it)


class ImageRecord(NamedTuple):
    """An image that was built and tested: from what, by what, when, and with which results. It is the input of a
    statement about its origin, and of `toe images`.

    `recipe` has kind, name, version, file and digest of the file; `base` name and digest; `components` for each name,
    version, file, digest of the document, parameters (secrets as `***`), key, layer, cached, seconds and results;
    `tests` for each component, phase, status, steps and results. `toe` has version and capsule, `engine` name and
    identity. Times are in seconds since the epoch.
    """

    build: str
    image: str
    tags: list[str]
    recipe: Mapping[str, Any]
    base: Mapping[str, str]
    components: list[Mapping[str, Any]]
    tests: list[Mapping[str, Any]]
    toe: Mapping[str, str]
    engine: Mapping[str, str]
    platform: str
    started_at: float
    ended_at: float
    logs: str


def text_of(record: LayerRecord | ImageRecord) -> str:
    """The record as JSON."""
    return json.dumps(record._asdict(), indent=1, ensure_ascii=True) + "\n"


def layer_of(data: bytes) -> LayerRecord | None:
    """The record that was written, None for anything else."""
    found = _read(data, LayerRecord)
    if found is None or not (_IMAGE_ID.fullmatch(found.image) and _IMAGE_ID.fullmatch(found.below)):
        return None
    return found if all(isinstance(value, str) for value in found.parts.values()) else None


def image_of(data: bytes) -> ImageRecord | None:
    """The record that was written, None for anything else."""
    found = _read(data, ImageRecord)
    return found if found is not None and _IMAGE_ID.fullmatch(found.image) else None


def _read(data: bytes, kind: type[T]) -> T | None:
    try:
        values = json.loads(data)
        fields = {name: values[name] for name in kind._fields if name in values or name not in kind._field_defaults}
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    hints = get_type_hints(kind).items()
    if not all(isinstance(fields[name], kind_of(hint)) for name, hint in hints if name in fields):
        return None
    return kind(**fields)


def kind_of(hint: Any) -> Any:
    """The Python types whose values JSON gives for a field."""
    if hint is float:
        return (int, float)
    origin = getattr(hint, "__origin__", hint)
    return origin if origin in (list, str, int, bool) else dict
