"""Layers that are containers' file systems: components run in a container, the parts of a template by the engine.

Nothing of the builder gets into an image: what a component's run needs and what it writes are mounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from toe.errors import ToeError
from toe.images.capsule import empty_folder
from toe.images.component_runs import ComponentRuns, Runs, verdicts
from toe.images.engines.base import Engine, Wanted
from toe.images.engines.find import sharing
from toe.images.in_container import ContainerGuest, container_guest
from toe.images.order import AFTER, BEFORE, BUILD_PHASES, HOST_TEST_PHASE, TEST_PHASE, Found
from toe.images.plan import Layer
from toe.images.results import ComponentVerdict

#: The one label that a build adds: the key of the last layer that it made.
LABEL = "dev.toe.key"


class ContainerMaker:
    """Makes the layers of one build in containers of an engine."""

    def __init__(self, engine: Engine, found: Found, runs: Runs) -> None:
        self.components = ComponentRuns(found, runs)
        self._engine = engine
        self._found = found
        self._runs = runs
        self._parts = {part.name: part for part in found.parts}
        self._seconds = found.seconds if engine.sets_times else None

    @property
    def engines(self) -> tuple[str, ...]:
        """See `Keeper.engines`."""
        return sharing(self._engine.name)

    def image(self, name: str) -> str:
        """See `Maker.image`."""
        try:
            return self._engine.digest(name)
        except ToeError:
            return ""

    def make(self, layer: Layer, below: str, name: str, key: str) -> str:
        """See `Maker.make`."""
        if layer.name in (BEFORE, AFTER):
            return self._made_of_template(layer.name, below, name, key)
        part = self._parts[layer.name]
        order = self.components.order((part,), tuple(phase for phase in BUILD_PHASES if part.has(phase)))
        with self._guest(below, part.name) as guest:
            self.components.run_in(guest, order, (part,))
            return guest.container.commit(name, labels={LABEL: key}, timestamp=self._seconds)

    def results(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """See `Maker.results`."""
        return self.components.results(name)

    def remove(self, name: str) -> None:
        """See `Maker.remove`."""
        self._engine.clear(name)
        with suppress(ToeError):
            self._engine.remove_image(name)

    def tag(self, image: str, name: str) -> None:
        """See `Maker.tag`."""
        self._engine.tag(image, name)

    def test(self, image: str) -> list[ComponentVerdict]:
        """See `Maker.test`."""
        told: list[ComponentVerdict] = []
        tested = tuple(part for part in self._found.parts if part.has(TEST_PHASE))
        if tested:
            order = self.components.order(tested, (TEST_PHASE,))
            with self._guest(image, "test") as guest:
                result = self.components.run_in(guest, order, tested)
            told += verdicts(tested, TEST_PHASE, result)
        on_host = tuple(part for part in self._found.parts if part.has(HOST_TEST_PHASE))
        if on_host:
            told += verdicts(on_host, HOST_TEST_PHASE, self.components.run_here(on_host))
        return told

    def close(self) -> None:
        """Nothing waits for its name: engines name what they make."""

    def _made_of_template(self, part: str, below: str, name: str, key: str) -> str:
        template = self._found.template
        assert template is not None  # without one there is no such layer
        base = self._found.base_digest.removeprefix("sha256:")
        wanted = Wanted(name, below, {LABEL: key}, self._seconds, self._found.order.platform)
        return self._engine.build(
            template.first if part == BEFORE else partial(template.rest, base),
            empty_folder(),  # as at Image Builder, where a template has no other files
            wanted,
            self._runs.cancellation,
        )

    def _guest(self, image: str, name: str) -> AbstractContextManager[ContainerGuest]:
        return container_guest(
            self._engine,
            image,
            self._runs.capsule(),
            Path(self.components.log_folder(name)),
            platform=self._found.order.platform,
        )
