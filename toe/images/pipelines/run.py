"""One run of a pipeline: build and tests, a scan, distribution, copies of the logs, notices; and what is kept of it.

Each stage is a function. Those of others than the build are given (`Stages`): a run knows only when each has its turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from toe.errors import EXIT_FAILED, EXIT_SIGNAL_BASE, EXIT_SUCCESS, Interrupted, ToeError
from toe.images.build import build_image
from toe.images.engines.base import NEWER
from toe.images.order import BuildOrder
from toe.images.pipelines.limit import TestLimit
from toe.images.pipelines.log_copies import copied_logs
from toe.images.pipelines.model import Pipeline
from toe.images.pipelines.state import PipelineState, put_state, state_of
from toe.images.pipelines.updates import Update, made_of, updates_since
from toe.images.preparing import Hooks, Prepared, prepare
from toe.images.records import ImageRecord
from toe.images.results import BuildResult, Failure
from toe.images.store import store_in
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation
from toe.words import Word

_Told = TypeVar("_Told", bound="Outcome | None")


class RunStatus(Word):
    """How a run has ended. SKIPPED: a timer came, and there was nothing to do."""

    SUCCESS = "success"
    FAILED = "failed"
    STOPPED = "stopped"
    SKIPPED = "skipped"
    NOTHING_RUN = "nothingRun"


class Outcome(NamedTuple):
    """What came of a stage: why it failed ("" for a success), and what it tells machines."""

    failure: str = ""
    details: Mapping[str, Any] = MappingProxyType({})


class PipelineRun(NamedTuple):
    """A run that has ended. `why` says in a line why it failed or was left out; `updates` are what it was started for.

    `log_url` is where the logs are, in S3 where they were copied there. `signal` is the number of the one that stopped
    it, 0 for none.
    """

    pipeline: Pipeline
    status: RunStatus
    why: str = ""
    updates: tuple[Update, ...] = ()
    build: BuildResult | None = None
    scan: Outcome | None = None
    distribution: Outcome | None = None
    notices: Outcome | None = None
    log_url: str = ""
    signal: int = 0

    @property
    def exit_code(self) -> int:
        """0, 1 for a failure, 128+n after signal n."""
        if self.signal:
            return EXIT_SIGNAL_BASE + self.signal
        return EXIT_SUCCESS if self.status in (RunStatus.SUCCESS, RunStatus.SKIPPED) else EXIT_FAILED


class Stages(NamedTuple):
    """What comes behind a build. A stage that is None is not there; one that raises ToeError has failed.

    `distribute` gets an image that is tested to its targets, all of them or none; it is asked where the pipeline has a
    distribution configuration. `notify` tells of a run, whatever its end.

    What distributes sends what is missing when it is asked again. `scan` looks for vulnerabilities of an image; one
    that fails keeps it from being distributed. It gives None where nobody wants a scan.
    """

    distribute: Callable[[Pipeline, ImageRecord, Cancellation], Outcome] | None = None
    notify: Callable[[PipelineRun], Outcome] | None = None
    scan: Callable[[Pipeline, ImageRecord, Cancellation], Outcome | None] | None = None


class Asked(NamedTuple):
    """How a run is asked for. `order` is that of its build, `scheduled`: a timer asks, and the schedule's rules hold.

    `log_directory` "": the store's own place.
    """

    order: BuildOrder
    state_directory: str
    log_directory: str = ""
    scheduled: bool = False


def run_pipeline(
    pipeline: Pipeline, asked: Asked, stages: Stages, hooks: Hooks, cancellation: Cancellation
) -> PipelineRun:
    """Run a pipeline. Runs of one pipeline follow each other. Raises ToeError where nothing could be run."""
    store = store_in(asked.state_directory)

    def waits() -> None:
        hooks.report("another run of this pipeline is under way: this one waits")

    with store.locks.held(f"pipeline-{pipeline.key}", cancellation, waits):
        before = state_of(store, pipeline.key)._replace(name=pipeline.name)
        now = time.time()
        why = left_out(pipeline, before, now) if asked.scheduled else ""
        if why:
            return PipelineRun(pipeline, RunStatus.SKIPPED, why)
        try:
            prepared = prepare(_order(pipeline, asked), asked.state_directory, cancellation, hooks, pull=NEWER)
        except ToeError:
            put_state(store, pipeline.key, _failed(before, pipeline, now, RunStatus.NOTHING_RUN))
            raise
        made = made_of(prepared.found)
        updates = tuple(updates_since(before.made_of, made)) if before.image else ()
        if asked.scheduled and not updates and _waits_for_updates(pipeline, before, prepared):
            put_state(store, pipeline.key, before._replace(started_at=now))
            why = f"nothing that the image is made of has changed since build {before.build}"
            return PipelineRun(pipeline, RunStatus.SKIPPED, why)
        for update in updates:
            hooks.report(f"changed  {update.described}")
        run = _carried_out(pipeline, prepared, asked, stages, updates)
        put_state(store, pipeline.key, _kept(before, run, now, made))
    notify = stages.notify
    return run._replace(notices=_staged(lambda: notify(run))) if notify else run


def left_out(pipeline: Pipeline, state: PipelineState, now: float) -> str:
    """Why a run that a timer asks for is left out before anything is looked at, "" where it is not."""
    if not pipeline.is_enabled:
        return "the pipeline's status is DISABLED"
    if state.is_disabled:
        return f"{state.failures} failures in a row have disabled it: a run by hand that succeeds enables it again"
    every = pipeline.schedule.every_seconds if pipeline.schedule else 0
    if every and now - state.started_at < every:
        return f"its last run was less than {every / 3600:g} hours ago"
    return ""


def _order(pipeline: Pipeline, asked: Asked) -> BuildOrder:
    return asked.order._replace(
        recipe=pipeline.recipe_file,
        resource=pipeline.recipe_name,
        no_tests=not pipeline.tests,
        keep_failed=pipeline.infrastructure.keeps_failed,
        image_tags=pipeline.image_tags,
    )


def _waits_for_updates(pipeline: Pipeline, state: PipelineState, prepared: Prepared) -> bool:
    wants = pipeline.schedule is not None and pipeline.schedule.needs_updates
    return wants and bool(state.image) and bool(prepared.maker.image(state.image))


def _carried_out(
    pipeline: Pipeline, prepared: Prepared, asked: Asked, stages: Stages, updates: tuple[Update, ...]
) -> PipelineRun:
    """The stages, as far as each one lets the next begin."""
    report = prepared.hooks.report
    result = _built(pipeline, prepared, asked.log_directory)
    stopped = PipelineRun(pipeline, RunStatus.STOPPED, "stopped", updates, result, log_url=result.logs)
    if result.signal is not None:
        return stopped._replace(signal=result.signal)
    why = result.failure.message if result.failure else ""
    scanned, distribution = None, None
    if result.record is not None:
        try:
            scanned = _scanned(pipeline, result.record, stages, prepared)
            why = scanned.failure if scanned else ""
            if pipeline.distribution is not None and not why:
                distribution = _distributed(pipeline, result.record, stages, prepared)
                why = distribution.failure if distribution else ""
        except Interrupted:
            return stopped._replace(
                why="stopped: the image is there, and not distributed", signal=prepared.cancellation.signal
            )
    log_url = copied_logs(pipeline, result.logs, prepared.cancellation, report)
    status = RunStatus.FAILED if why else RunStatus.SUCCESS
    return PipelineRun(pipeline, status, why, updates, result, scanned, distribution, log_url=log_url)


def _built(pipeline: Pipeline, prepared: Prepared, log_directory: str) -> BuildResult:
    """Build and test, the tests in the time that they have."""
    limit = TestLimit(prepared.hooks.telling, pipeline.test_minutes * 60, prepared.cancellation)
    try:
        result = build_image(prepared._replace(hooks=prepared.hooks._replace(telling=limit)), log_directory)
    finally:
        limit.end()
    if limit.is_over and result.record is None:
        message = f"the tests took longer than {pipeline.test_minutes:g} minutes"
        return result._replace(failure=Failure(message, logs=result.logs), signal=None)
    return result


def _distributed(pipeline: Pipeline, record: ImageRecord, stages: Stages, prepared: Prepared) -> Outcome | None:
    distribute = stages.distribute
    if distribute is None:
        prepared.hooks.report("toe: warning: the distribution configuration is left alone: the image stays here")
        return None
    return _staged(lambda: distribute(pipeline, record, prepared.cancellation))


def _scanned(pipeline: Pipeline, record: ImageRecord, stages: Stages, prepared: Prepared) -> Outcome | None:
    scan = stages.scan
    return _staged(lambda: scan(pipeline, record, prepared.cancellation)) if scan else None


def _staged(stage: Callable[[], _Told]) -> _Told | Outcome:
    try:
        return stage()
    except ToeError as error:
        return Outcome(error.in_one_line)


def _kept(before: PipelineState, run: PipelineRun, now: float, made: Mapping[str, str]) -> PipelineState:
    """What is kept of a run. One that was stopped is no failure. What an image is made of counts when all is done."""
    record = run.build.record if run.build else None
    image, build = (record.image, record.build) if record else (before.image, before.build)
    if run.status is RunStatus.STOPPED:
        return before._replace(started_at=now, last_status=run.status.value, image=image, build=build)
    if run.status is RunStatus.FAILED:
        return _failed(before, run.pipeline, now, run.status)._replace(image=image, build=build)
    return PipelineState(before.name, now, run.status.value, 0, False, image, build, dict(made))


def _failed(before: PipelineState, pipeline: Pipeline, now: float, status: RunStatus) -> PipelineState:
    failures = before.failures + 1
    most = pipeline.schedule.most_failures if pipeline.schedule else 0
    is_disabled = before.is_disabled or 0 < most <= failures
    return before._replace(started_at=now, last_status=status.value, failures=failures, is_disabled=is_disabled)
