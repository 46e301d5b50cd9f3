"""The first record of a state: what a run is and where it goes on. Looked at before anything in it is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from toe.errors import ToeError

_HEAD = {
    "id": str,
    "directory": str,
    "folder": str,
    "started_at": int,
    "identity": dict,
    "order": dict,
    "new_folders": list,
}
_IDENTITY = {"program": str, "documents": list, "phases": list, "parameters": list}
_DOCUMENT = {"path": str, "sha256": str}
_HINT = "toe abandon puts it aside; then run the documents anew"


def require_head(path: str, head: Mapping[str, Any]) -> None:
    """Raise ToeError when the state at `path` lacks something that it must begin with."""
    with understood(path):
        require(head, _HEAD)
        identity = head["identity"]
        require(identity, _IDENTITY)
        for document in identity["documents"]:
            require(document, _DOCUMENT)
        for parameters in identity["parameters"]:
            if not isinstance(parameters, dict):
                raise TypeError("'parameters' has something that is no dict")
        if len(identity["documents"]) != len(identity["parameters"]):
            raise ValueError("it has parameters of other documents")


@contextmanager
def understood(path: str = "") -> Iterator[None]:
    """Turn what comes of a record with missing or odd parts into one ToeError."""
    try:
        yield
    except KeyError as error:
        raise _not_understood(path, f"{error} is missing") from error
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise _not_understood(path, str(error)) from error


def require(data: Mapping[str, Any], kinds: Mapping[str, type]) -> None:
    """Raise KeyError or TypeError when a record lacks one of these keys, or has something of another kind there."""
    for key, kind in kinds.items():
        if not isinstance(data[key], kind):
            raise TypeError(f"'{key}' is no {kind.__name__}")


def _not_understood(path: str, why: str) -> ToeError:
    named = f"the state '{path}'" if path else "the state"
    return ToeError(f"{named} holds a record that is not understood: {why}", hint=_HINT)
