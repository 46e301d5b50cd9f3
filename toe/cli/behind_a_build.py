"""The stages behind the build of `toe pipeline run`: an image is scanned, gets to its targets, and people are told."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from toe.cli.build import Lines
from toe.cli.terminal import say_line
from toe.images.distribution.sending import Outcome as Placed
from toe.images.pipelines.model import Pipeline
from toe.images.pipelines.run import Outcome, PipelineRun, RunStatus
from toe.images.records import ImageRecord
from toe.images.side_file import severity_named
from toe.images.side_reader import side_file_of
from toe.images.store import Store
from toe.system.cancellation import Cancellation


class Behind:
    """The stages behind a build: an image gets to the targets of the configuration, and people are told.

    Raises ToeError for a key that cannot sign, and for a severity that there is not.
    """

    def __init__(self, store: Store, options: Mapping[str, Any], telling: Lines, cancellation: Cancellation) -> None:
        self._store = store
        self._images_file = options["images_file"] or ""
        self._quiet = bool(options["quiet"])
        self._key = options["sign"] or ""
        if self._key:
            from toe.images.provenance.envelope import require_key

            require_key(self._key)
        self._severity = severity_named(options["fail_on_severity"] or "")
        self._telling = telling
        self._cancellation = cancellation
        self._placed: tuple[Placed, ...] = ()

    def scan(self, found: Pipeline, record: ImageRecord, cancellation: Cancellation) -> Outcome | None:
        """See `Stages.scan`: imageScanningConfiguration asks for one, and so does a severity that is not wanted."""
        from toe.images.distribution.model import source_of
        from toe.images.provenance.scanning import judged

        severity = self._severity or side_file_of(found.recipe_file, self._images_file).fail_on_severity
        is_asked = str(found.scanning.get("imageScanningEnabled", "")).lower() == "true"
        if not severity and not is_asked:
            return None
        if found.scanning.get("ecrConfiguration"):
            self._telling.say(
                "info     'ecrConfiguration' has no meaning here: the image is scanned where it was built"
            )
        say = self._telling.say if not severity else say_line
        return Outcome(*judged(source_of(record), self._store, severity, say, cancellation))

    def distribute(self, found: Pipeline, record: ImageRecord, cancellation: Cancellation) -> Outcome:
        """See `Stages.distribute`."""
        from toe.cli.distribute import Lines as Distributing
        from toe.cli.distribute import distribution_data
        from toe.images.distribution.distribute import distribute as distribute_image
        from toe.images.distribution.model import source_of
        from toe.images.distribution.targets import plan_of
        from toe.images.provenance.beside import publish_statement

        assert found.distribution is not None  # else nobody asks
        source = source_of(record)
        side = side_file_of(found.distribution.place.file, self._images_file)
        plan = plan_of(source, found.distribution, side)
        lines = Distributing(quiet=self._quiet)
        for remark in plan.remarks:
            self._telling.say(f"info     {remark}")
        result = distribute_image(source, plan, self._store, cancellation, lines)
        self._placed = result.outcomes
        left = publish_statement(self._store, record, result, cancellation, self._key) if result.succeeded else []
        lines.ends(source, result)
        return Outcome("; ".join((*result.failures, *left)), distribution_data(source, plan, result, left))

    def notify(self, run: PipelineRun) -> Outcome:
        """See `Stages.notify`: toe-images.yml and the infrastructure say who. Nobody is told of a stop."""
        from toe.images.distribution.model import Source, source_of
        from toe.images.model import CONTAINER
        from toe.images.notices.message import AVAILABLE, FAILED, Change
        from toe.images.notices.notify import notify
        from toe.images.side_file import SNS, Notice

        notices = side_file_of(run.pipeline.recipe_file, self._images_file).notices
        topic = run.pipeline.infrastructure.topic
        if topic:
            notices = (*notices, Notice(SNS, (topic,)))
        if run.build is None or run.status not in (RunStatus.SUCCESS, RunStatus.FAILED):
            return Outcome()
        record = run.build.record
        source = (
            source_of(record)
            if record is not None
            else Source(run.build.build, run.build.recipe, run.build.version, CONTAINER, time.time())
        )
        succeeded = run.status is RunStatus.SUCCESS
        previous = "DISTRIBUTING" if run.distribution is not None else "TESTING"
        change = Change(
            source,
            AVAILABLE if succeeded else FAILED,
            "" if succeeded else run.why,
            previous,
            self._placed,
            record,
            run.pipeline.name,
        )
        failed = notify(notices, change, self._cancellation)
        return Outcome("; ".join(failed), {"told": len(notices) - len(failed)})
