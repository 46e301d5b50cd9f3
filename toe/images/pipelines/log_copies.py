"""Copies of a run's logs in S3, where the infrastructure configuration asks for them."""

from __future__ import annotations

from collections.abc import Callable

from toe.images.pipelines.model import Pipeline
from toe.system.cancellation import Cancellation


def copied_logs(pipeline: Pipeline, logs: str, cancellation: Cancellation, report: Callable[[str], None]) -> str:
    """Copy the logs to the bucket of the infrastructure configuration; returns where they are, here after a failure."""
    if not pipeline.infrastructure.bucket:
        return logs
    from importlib.util import find_spec

    if find_spec("boto3") is None:
        report("toe: warning: the logs are not copied to S3: that needs toe[aws]")
        return logs
    from toe.sinks.remote_logs import INTERRUPTED_SECONDS, UPLOAD_SECONDS
    from toe.sinks.s3_logs import LogBucket, upload_folder

    target = LogBucket(pipeline.infrastructure.bucket, pipeline.infrastructure.prefix)
    failures = upload_folder(
        logs, target, lambda: INTERRUPTED_SECONDS if cancellation.signal else UPLOAD_SECONDS, report
    )
    for failure in failures:
        report(f"toe: warning: {failure}")
    return logs if failures else target.url(logs)
