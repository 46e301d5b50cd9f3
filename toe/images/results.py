"""What came of a build, and why one failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.errors import EXIT_FAILED, EXIT_SIGNAL_BASE, EXIT_SUCCESS, ToeError
from toe.images.plan import Outlook
from toe.images.records import ImageRecord
from toe.records import NamedTuple


class Failure(NamedTuple):
    """Why a build failed. `component`, `phase` and `step` are "" where no component is to blame.

    `logs` is the folder with the logs of what failed, `details` the block that `toe run` shows of it. `enter` opens a
    shell in the container that was kept, `remove` removes it; "" where none was kept.
    """

    message: str
    component: str = ""
    phase: str = ""
    step: str = ""
    logs: str = ""
    details: str = ""
    enter: str = ""
    remove: str = ""


class BuildError(ToeError):
    """A layer that could not be made, or a test that failed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message, exit_code=EXIT_FAILED)
        self.failure = failure


class LayerResult(NamedTuple):
    """A layer that is there. `outlook` says whether it was cached; `image` is the image with it on top.

    `results` are those of the steps that made it, whenever that was (toe.images.component_runs.step_results).
    """

    outlook: Outlook
    image: str
    seconds: float
    results: tuple[Mapping[str, Any], ...] = ()


class ComponentVerdict(NamedTuple):
    """The tests of one component: `phase` is `test` or `container-host-test`, `steps` how many were run.

    `results` are those of the steps (toe.images.component_runs.step_results).
    """

    component: str
    phase: str
    status: str
    steps: int
    logs: str
    results: tuple[Mapping[str, Any], ...] = ()


class BuildResult(NamedTuple):
    """A build that came to its end. `image` is "" where none was made; `tags` are its names, none before its tests.

    `signal` is the number of the one that stopped it, 0 where nobody says which, None for one that nobody stopped.
    `unshared` says why the registry of `--cache-to` does not have all layers, "" where it has, or none is asked for.
    """

    build: str
    recipe: str
    version: str
    image: str
    tags: tuple[str, ...]
    layers: tuple[LayerResult, ...]
    verdicts: tuple[ComponentVerdict, ...]
    seconds: float
    logs: str
    failure: Failure | None = None
    signal: int | None = None
    record: ImageRecord | None = None
    unshared: str = ""

    @property
    def exit_code(self) -> int:
        """0, 1 for a failure, 128+n after signal n."""
        if self.signal:
            return EXIT_SIGNAL_BASE + self.signal
        return EXIT_FAILED if self.failure or self.unshared or self.signal is not None else EXIT_SUCCESS
