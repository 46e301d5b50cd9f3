"""What is kept of a pipeline's runs: the last one, failures in a row, the newest image and what that was made of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, get_type_hints

from toe.images.records import kind_of
from toe.images.store import Store
from toe.records import NamedTuple


class PipelineState(NamedTuple):
    """Of one pipeline. Times are in seconds since the epoch, 0 for never; `last_status` is a word of the result.

    `failures` counts those in a row; `is_disabled`: so many that no timer starts it any more. `image` is the newest
    image by content, `build` its build, and `made_of` what may be newer one day, by name (see `updates`).
    """

    name: str
    started_at: float = 0.0
    last_status: str = ""
    failures: int = 0
    is_disabled: bool = False
    image: str = ""
    build: str = ""
    made_of: Mapping[str, str] = MappingProxyType({})

    @property
    def as_data(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return {**self._asdict(), "made_of": dict(self.made_of)}


def state_of(store: Store, name: str) -> PipelineState:
    """What is known of a pipeline; of one that never ran, and where nothing can be read, that it never ran."""
    data = store.pipeline(name)
    try:
        values: dict[str, Any] = json.loads(data) if data else {}
        fields = {field: values[field] for field in PipelineState._fields}
    except (ValueError, KeyError, TypeError, RecursionError):
        return PipelineState(name)
    hints = get_type_hints(PipelineState)
    if not all(isinstance(value, kind_of(hints[field])) for field, value in fields.items()):
        return PipelineState(name)
    return PipelineState(**fields)


def put_state(store: Store, key: str, state: PipelineState) -> None:
    """Keep it. Raises ToeError."""
    store.put_pipeline(key, json.dumps(state.as_data, indent=1, ensure_ascii=True) + "\n")


def newest_images(store: Store) -> Iterator[tuple[str, str]]:
    """Each pipeline that has an image, by its name, with that image by content."""
    for key in store.pipelines():
        state = state_of(store, key)
        if state.image:
            yield state.name, state.image
