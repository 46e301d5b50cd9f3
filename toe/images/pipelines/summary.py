"""The result of a pipeline's run as data that JSON can hold."""

from __future__ import annotations

from typing import Any

from toe.images.pipelines.run import Outcome, PipelineRun, RunStatus
from toe.images.summary import build_summary


def run_summary(run: PipelineRun) -> dict[str, Any]:
    """What came of a run. `build` is what `toe build` says of one, None where nothing was built."""
    return {
        "pipeline": run.pipeline.name,
        "status": run.status.value,
        "failureMessage": run.why if run.status is RunStatus.FAILED else "",
        "why": run.why,
        "updates": [update._asdict() for update in run.updates],
        "build": build_summary(run.build) if run.build else None,
        "scan": _outcome(run.scan),
        "distribution": _outcome(run.distribution),
        "notices": _outcome(run.notices),
        "logUrl": run.log_url,
    }


def nothing_was_run(message: str) -> dict[str, Any]:
    """The data of a run that did not come about."""
    return {"pipeline": "", "status": RunStatus.NOTHING_RUN.value, "failureMessage": message, "build": None}


def _outcome(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    status = RunStatus.FAILED if outcome.failure else RunStatus.SUCCESS
    return {"status": status.value, "failureMessage": outcome.failure, **outcome.details}
