"""`toe-images.lock`: by which digests the layers of a registry are known. Who has the file trusts it as the recipe.

    {"layers": {KEY: {"step": "web-server", "image": "sha256:...", "manifest": "sha256:...", "made_at": 1764000000.0}}}

`image` is the image by its content, as engines call it; `manifest` what the registry calls it. A tag says nothing: who
may write to the registry may have it mean anything.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any

from toe.errors import ToeError
from toe.records import NamedTuple
from toe.system.files.opening import write_all
from toe.system.files.staging import StagedFile

LOCK_NAME = "toe-images.lock"
_KEY = re.compile(r"[0-9a-f]{64}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HINT = "toe build --cache-to REGISTRY writes it; to begin anew, remove it"


class SharedLayer(NamedTuple):
    """A layer that was pushed to a registry. `made_at` is in seconds since the epoch."""

    step: str
    image: str
    manifest: str
    made_at: float


def lock_beside(recipe: str) -> str:
    """The path of the file that stands beside a recipe."""
    return os.path.join(os.path.dirname(recipe), LOCK_NAME)


def read_lock(path: str) -> dict[str, SharedLayer]:
    """The layers by their keys, {} without a file. Raises ToeError for a file that `write_lock` has not written."""
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except FileNotFoundError:
        return {}
    except json.JSONDecodeError as error:
        raise ToeError(f"{path}:{error.lineno}:{error.colno}: no JSON: {error.msg}", hint=_HINT) from error
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or "no JSON"
        raise ToeError(f"cannot read '{path}': {reason}", hint=_HINT) from error
    layers = data.get("layers") if isinstance(data, dict) else None
    if not isinstance(layers, dict):
        raise ToeError(f"{path}:1:1: it has no 'layers'", hint=_HINT)
    return {key: _layer(path, key, fields) for key, fields in layers.items()}


def write_lock(path: str, layers: Mapping[str, SharedLayer]) -> None:
    """Write the file, in an order that keeps differences of versions small. Raises ToeError, with exit code 1."""
    ordered = sorted(layers.items(), key=lambda pair: (pair[1].step, pair[0]))
    text = json.dumps({"layers": {key: layer._asdict() for key, layer in ordered}}, indent=1) + "\n"
    try:
        with StagedFile(path, 0o644) as file:
            write_all(file.descriptor, text.encode())
            file.sync()
            file.place()
    except OSError as error:
        raise ToeError(f"cannot write '{path}': {error.strerror or error}", exit_code=1) from error


def _layer(path: str, key: str, fields: Any) -> SharedLayer:
    try:
        layer = SharedLayer(*(fields[name] for name in SharedLayer._fields))
        digests = (layer.image, layer.manifest)
        is_sound = all(_DIGEST.fullmatch(one) for one in digests) and isinstance(layer.made_at, int | float)
    except (KeyError, TypeError):
        is_sound = False
    if not (is_sound and _KEY.fullmatch(key) and isinstance(layer.step, str)):
        raise ToeError(f"{path}: the layer '{key}' has no sound digests", hint=_HINT)
    return layer
