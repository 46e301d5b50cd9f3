"""Layers that are containers' file systems: components run in a container, the parts of a template by the engine.

Nothing of the builder gets into an image: what a component's run needs and what it writes are mounts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from shlex import join

from toe.check.lint.secret_patterns import is_secret_name
from toe.errors import Interrupted, ToeError
from toe.events import Sink
from toe.images.capsule import Capsule, empty_folder
from toe.images.engines.base import Engine, Wanted
from toe.images.gather import gathered
from toe.images.guest import run_in
from toe.images.in_container import ContainerGuest, container_guest
from toe.images.order import AFTER, BEFORE, BUILD_PHASES, HOST_TEST_PHASE, TEST_PHASE, Found, Part
from toe.images.plan import Layer
from toe.images.results import BuildError, ComponentVerdict, Failure
from toe.records import NamedTuple
from toe.results import DocumentResult, RunResult, Status
from toe.session.logs import LogPlace
from toe.session.order import NEVER, Order, Request
from toe.session.run import run as run_here
from toe.sinks.failure_block import failure_text
from toe.system.cancellation import Cancellation

#: The one label that a build adds: the key of the last layer that it made.
LABEL = "dev.toe.key"
#: Where components run at Image Builder, unless the recipe names another folder.
WORKING_DIRECTORY = "/tmp"
#: The options of `toe run` that the run in a container looks at; none is given.
_OPTIONS = {"reboot": None, "max_reboots": None, "log_directory": None}
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


class Runs(NamedTuple):
    """What all runs of toe in one build have in common. `environment` is theirs beside that of the image.

    `capsule` is made where it is not there.
    """

    capsule: Callable[[], Capsule]
    environment: Mapping[str, str]
    cancellation: Cancellation
    listeners: Callable[[], Sequence[Sink]]
    report: Callable[[str], None]


class ContainerMaker:
    """Makes the layers of one build in containers of an engine. `logs` is the folder for the logs of its runs."""

    def __init__(self, engine: Engine, found: Found, runs: Runs) -> None:
        self.logs = ""
        self._engine = engine
        self._found = found
        self._runs = runs
        self._parts = {part.name: part for part in found.parts}
        self._seconds = found.seconds if engine.sets_times else None
        self._count = 0

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
        order = self._order((part,), tuple(phase for phase in BUILD_PHASES if part.has(phase)))
        with self._guest(below, part.name) as guest:
            self._run_in(guest, order, (part,))
            return guest.container.commit(name, labels={LABEL: key}, timestamp=self._seconds)

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
        verdicts: list[ComponentVerdict] = []
        tested = tuple(part for part in self._found.parts if part.has(TEST_PHASE))
        if tested:
            order = self._order(tested, (TEST_PHASE,))
            with self._guest(image, "test") as guest:
                result = self._run_in(guest, order, tested)
            verdicts += _verdicts(tested, TEST_PHASE, result)
        on_host = tuple(part for part in self._found.parts if part.has(HOST_TEST_PHASE))
        if on_host:
            verdicts += _verdicts(on_host, HOST_TEST_PHASE, self._run_here(on_host))
        return verdicts

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
            self._engine, image, self._runs.capsule(), Path(self._log_folder(name)), platform=self._found.order.platform
        )

    def _log_folder(self, name: str) -> str:
        """A new folder for the logs of a run; they are numbered in the order of the build."""
        self._count += 1
        folder = os.path.join(self.logs, f"{self._count:02}-{_NOT_IN_NAMES.sub('-', name)}")
        os.mkdir(folder, 0o700)
        return folder

    def _order(self, parts: Sequence[Part], phases: tuple[str, ...]) -> Order:
        secret = {name for part in parts for name in part.given if is_secret_name(name)}
        return Order(
            tuple(Request(_path_of(part), part.given, part.component.text) for part in parts),
            phases=phases,
            mask=tuple(sorted(secret)),
            options=_OPTIONS,
            environment=self._runs.environment,
            cancellation=self._runs.cancellation,
            listeners=self._runs.listeners,
            report=self._runs.report,
        )

    def _run_in(self, guest: ContainerGuest, order: Order, parts: Sequence[Part]) -> RunResult:
        """The result of a run that succeeded. Raises BuildError with the step that failed, and Interrupted."""
        logs = str(guest.folders.logs)
        read = gathered(order._replace(log_place=LogPlace(logs)), self._found.order.environment)
        result = run_in(guest, read, self._found.recipe.working_directory or WORKING_DIRECTORY)
        failure = self._judged(result, parts, logs)
        if failure is None:
            return result
        if self._found.order.keep_failed:
            kept = guest.container.keep()
            guest.is_kept = True
            failure = failure._replace(enter=join(kept.enter), remove=join(kept.remove))
        raise BuildError(failure)

    def _run_here(self, parts: Sequence[Part]) -> RunResult:
        """The same on this machine, whose environment the steps have."""
        order = self._order(parts, (HOST_TEST_PHASE,))
        logs = self._log_folder(HOST_TEST_PHASE)
        environment = {**self._found.order.environment, **self._runs.environment}
        result = run_here(order._replace(environment=environment, log_directory=logs, reboot=NEVER, own_process=True))
        failure = self._judged(result, parts, result.log_url)
        if failure is not None:
            raise BuildError(failure)
        return result

    def _judged(self, result: RunResult, parts: Sequence[Part], logs: str) -> Failure | None:
        """Why a run failed, None for a success. Raises Interrupted for one that was stopped."""
        if result.cancelled or self._runs.cancellation.requested:
            raise Interrupted
        if result.status is Status.SUCCESS and not result.reboot:
            return None
        details = failure_text(result)
        for part, document in zip(parts, result.documents, strict=False):
            for phase in document.phases:
                for step in phase.steps:
                    if step.status in (Status.FAILED, Status.TIMED_OUT) and step.failure is not None:
                        message = f"component {part.name}, phase {phase.name}, step {step.name}: {step.failure.message}"
                        return Failure(message, part.name, phase.name, step.name, logs, details)
        named = parts[0].name if len(parts) == 1 else ""
        message = f"component {named}: {result.failure_message}" if named else result.failure_message
        return Failure(message, named, logs=logs, details=details)


def _path_of(part: Part) -> str:
    """What a component's document is called: several may stand in one template."""
    component = part.component
    return f"{component.path}#{part.name}" if component.path == component.place.file else component.path


def _verdicts(parts: Sequence[Part], phase: str, result: RunResult) -> list[ComponentVerdict]:
    return [
        ComponentVerdict(part.name, phase, document.status.value, _steps_of(document), result.log_url)
        for part, document in zip(parts, result.documents, strict=False)
    ]


def _steps_of(document: DocumentResult) -> int:
    return sum(len(phase.steps) for phase in document.phases)
