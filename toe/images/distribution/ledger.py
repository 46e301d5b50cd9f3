"""What became of an image's distribution: a file for each build, beside the records of images. It holds no secret.

The places themselves are asked what they have; the file remembers what cannot be asked for, and is there to be read.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from toe.images.distribution.model import Plan, Source, Target
from toe.images.store import DISTRIBUTIONS, Store


class Ledger:
    """The file of one build, read when it is opened. Raises ToeError where it cannot be read or written."""

    def __init__(self, store: Store, source: Source) -> None:
        self._store = store
        self._name = f"{source.build}.json"
        self._content: dict[str, Any] = _content(store.get(DISTRIBUTIONS, self._name)) or {
            "build": source.build,
            "image": source.image,
            "name": source.name,
            "version": source.version,
            "digest": "",
            "targets": [],
            "permissions": [],
            "parameters": [],
        }

    @property
    def digest(self) -> str:
        """The digest of the manifest that registries have of the image, "" before one has it."""
        found = self._content.get("digest")
        return found if isinstance(found, str) else ""

    def note_digest(self, digest: str) -> None:
        """Remember what the manifest is called, before a registry gets it."""
        self._content["digest"] = digest
        self._write()

    def note_sent(self, target: Target, content: str) -> None:
        """A target has the image: `content` is its digest there."""
        self._put(target, {"content": content, "sentAt": _now(), "announced": False})

    def note_announced(self, target: Target, address: str) -> None:
        """The image is what the names of a target mean."""
        self._put(target, {**self._known(target), "address": address, "announced": True, "announcedAt": _now()})

    def note_plan(self, plan: Plan, values: Mapping[str, str]) -> None:
        """Who may use the image, and the parameters with their values, by name and region."""
        self._content["permissions"] = [*plan.permissions]
        self._content["parameters"] = [
            {"name": one.name, "region": one.region, "value": values.get(f"{one.region} {one.name}", "")}
            for one in plan.parameters
        ]
        self._write()

    def _known(self, target: Target) -> dict[str, Any]:
        return next((dict(one) for one in self._content["targets"] if _is_of(one, target)), {})

    def _put(self, target: Target, more: Mapping[str, Any]) -> None:
        others = [one for one in self._content["targets"] if not _is_of(one, target)]
        entry = {
            "kind": target.kind,
            "regions": [*target.regions],
            "place": target.place,
            "names": [*target.names],
            **more,
        }
        self._content["targets"] = [*others, entry]
        self._write()

    def _write(self) -> None:
        self._store.put(DISTRIBUTIONS, self._name, json.dumps(self._content, indent=1) + "\n")


def distribution_of(store: Store, build: str) -> Mapping[str, Any] | None:
    """What became of the distribution of a build's image, None where it was not distributed."""
    return _content(store.get(DISTRIBUTIONS, f"{build}.json"))


def _content(data: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(found, dict) and isinstance(found.get("targets"), list)
    return found if whole and all(isinstance(one, dict) for one in found["targets"]) else None


def _is_of(entry: Mapping[str, Any], target: Target) -> bool:
    return (entry.get("kind"), entry.get("place"), entry.get("names")) == (target.kind, target.place, [*target.names])


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
