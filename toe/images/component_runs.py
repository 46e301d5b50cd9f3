"""The components of a build run by `toe`: in guests, and on this machine for their tests of it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from shlex import join
from typing import Any, Protocol

from toe.check.lint.secret_patterns import is_secret_name
from toe.errors import Interrupted
from toe.events import Sink
from toe.images.capsule import Capsule
from toe.images.engines.base import Kept
from toe.images.gather import gathered
from toe.images.guest import Guest, run_in
from toe.images.in_template import text_in_place
from toe.images.order import HOST_TEST_PHASE, Found, Part
from toe.images.results import BuildError, ComponentVerdict, Failure
from toe.records import NamedTuple
from toe.results import DocumentResult, RunResult, Status
from toe.session.logs import LogPlace
from toe.session.order import NEVER, Order, Request
from toe.session.run import run as run_here
from toe.sinks.failure_block import failure_text
from toe.system.cancellation import Cancellation

#: Where components run at Image Builder, unless the recipe names another folder.
WORKING_DIRECTORY = "/tmp"
#: The options of `toe run` that the run in a guest looks at; none is given.
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


class KeptGuest(Guest, Protocol):
    """A guest that can stay, so that people enter it."""

    is_kept: bool

    def keep(self) -> Kept:
        """Have it entered, also when this process is gone. Raises ToeError."""


class ComponentRuns:
    """Runs the components of one build. `logs` is the folder for the logs of the runs."""

    def __init__(self, found: Found, runs: Runs) -> None:
        self.logs = ""
        self._results: dict[str, tuple[Mapping[str, Any], ...]] = {}
        self._found = found
        self._runs = runs
        self._count = 0

    def log_folder(self, name: str) -> str:
        """A new folder for the logs of a run; they are numbered in the order of the build."""
        self._count += 1
        folder = os.path.join(self.logs, f"{self._count:02}-{_NOT_IN_NAMES.sub('-', name)}")
        os.mkdir(folder, 0o700)
        return folder

    def order(self, parts: Sequence[Part], phases: tuple[str, ...]) -> Order:
        """What the run of these phases is asked for."""
        secret = {name for part in parts for name in part.given if is_secret_name(name)}
        return Order(
            tuple(Request(_path_of(part), part.given, text_in_place(part.component)) for part in parts),
            phases=phases,
            mask=tuple(sorted(secret)),
            options=_OPTIONS,
            environment=self._runs.environment,
            cancellation=self._runs.cancellation,
            listeners=self._runs.listeners,
            report=self._runs.report,
        )

    def run_in(self, guest: KeptGuest, order: Order, parts: Sequence[Part]) -> RunResult:
        """The result of a run that succeeded. Raises BuildError with the step that failed, and Interrupted."""
        logs = str(guest.folders.logs)
        read = gathered(order._replace(log_place=LogPlace(logs)), self._found.order.environment)
        result = run_in(guest, read, self._found.recipe.working_directory or WORKING_DIRECTORY)
        failure = self._judged(result, parts, logs)
        if failure is None:
            for part, document in zip(parts, result.documents, strict=False):
                self._results[part.name] = step_results(document)
            return result
        if self._found.order.keep_failed:
            kept = guest.keep()
            guest.is_kept = True
            failure = failure._replace(enter=join(kept.enter), remove=join(kept.remove))
        raise BuildError(failure)

    def results(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """What the steps came to that made the layer of a component last, () for one that none has made."""
        return self._results.get(name, ())

    def run_here(self, parts: Sequence[Part]) -> RunResult:
        """The same on this machine, whose environment the steps have."""
        order = self.order(parts, (HOST_TEST_PHASE,))
        logs = self.log_folder(HOST_TEST_PHASE)
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


def verdicts(parts: Sequence[Part], phase: str, result: RunResult) -> list[ComponentVerdict]:
    """The tests of components in a run that succeeded."""

    def verdict(part: Part, document: DocumentResult) -> ComponentVerdict:
        results = step_results(document)
        return ComponentVerdict(part.name, phase, document.status.value, len(results), result.log_url, results)

    return [verdict(part, document) for part, document in zip(parts, result.documents, strict=False)]


def step_results(document: DocumentResult) -> tuple[Mapping[str, Any], ...]:
    """What each step of a component came to: phase, step, status and seconds; no input, no output and so no secret."""
    return tuple(
        {
            "phase": phase.name,
            "step": step.name,
            "status": step.status.value,
            "seconds": round(max(0, step.ended_at_ns - step.started_at_ns) / 1e9, 3),
        }
        for phase in document.phases
        for step in phase.steps
    )
