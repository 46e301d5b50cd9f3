"""What a run does with its logs beyond the local folder, and when a failure of that is a failure of the run.

AWSTOE has an option for the one (`--cw-ignore-failures`) and none for the other: failing to write to CloudWatch Logs
fails the run unless it is told otherwise, failing to copy the folder to S3 is a warning.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from toe.aws.log_stream import LogTarget
from toe.errors import EXIT_FAILED
from toe.execution_names import safe_name
from toe.records import NamedTuple
from toe.results import RunResult, Status
from toe.sinks.cloudwatch import CloudWatchStream
from toe.sinks.s3_logs import LogBucket, upload_folder

START_SECONDS = 75
END_SECONDS = 30
UPLOAD_SECONDS = 30 * 60
#: When somebody has asked the run to stop: those who ask kill after 10 to 90 seconds.
INTERRUPTED_SECONDS = 5


class RemoteLogOptions(NamedTuple):
    """Where logs go besides the folder. An empty stream name stands for the execution id."""

    cloudwatch: LogTarget | None = None
    ignore_cloudwatch_failures: bool = False
    bucket: LogBucket | None = None


class RemoteLogs:
    """Call `start` when the first events are in console.log, `settle` before the run's end is told to the sinks, and
    `finish` when they are closed: also before a reboot. `close` is for when anything else ends the run.

    `report` gets a line for each failure that is no failure of the run; `stopping`: somebody asked the run to stop.
    """

    def __init__(
        self,
        options: RemoteLogOptions,
        folder: str,
        execution_id: str,
        report: Callable[[str], None],
        stopping: Callable[[], bool],
        hurrying: Callable[[], bool] = lambda: False,
    ) -> None:
        self._options = options
        self._folder = folder
        self._execution_id = execution_id
        self._report = report
        self._stopping = stopping
        self._hurrying = hurrying
        self._stream: CloudWatchStream | None = None
        self._failure = ""

    @property
    def log_url(self) -> str:
        """Where the logs will be found: the `s3://` address, or the local folder."""
        bucket = self._options.bucket
        return bucket.url(self._folder) if bucket else os.path.abspath(self._folder)

    def start(self) -> str:
        """Why no step may run, "" when all is well. Unless failures are ignored, the first lines must arrive."""
        target = self._options.cloudwatch
        if target is None:
            return ""
        target = target._replace(stream=target.stream or _stream_name(self._execution_id))
        try:
            self._stream = CloudWatchStream(self._folder, target, self._report)
        except OSError as error:
            self._failure = f"cannot write to {target.shown}: cannot read console.log: {error.strerror}"
        if self._stream is not None and not self._options.ignore_cloudwatch_failures:
            self._failure = self._stream.wait_until_sent(self._limit(START_SECONDS))
        if self._failure and not self._options.ignore_cloudwatch_failures and not self._stopping():
            return self._failure
        if self._failure:
            self._report(f"warning: {self._failure}")
        return ""

    def settle(self, result: RunResult) -> RunResult:
        """The result, changed if the run has failed because CloudWatch Logs did not get its lines."""
        if self._stream is None:
            return result
        return self._judged(result, self._stream.wait_until_sent(self._limit(END_SECONDS)))

    def finish(self, result: RunResult) -> RunResult:
        """Send the last lines, copy the folder to S3, and return the result with the address where the logs are."""
        if self._stream is not None:
            is_over = not result.reboot and result.signal is None  # what was stopped can be resumed
            failure = self._stream.close(self._limit(END_SECONDS), is_over=is_over)
            result = self._judged(result, failure)
            self._stream = None
        if self._options.bucket is None:
            return result
        failures = upload_folder(self._folder, self._options.bucket, self._limit(UPLOAD_SECONDS), self._report)
        for failure in failures:
            self._report(f"warning: {failure}")
        return result._replace(log_url=os.path.abspath(self._folder)) if failures else result

    def close(self) -> None:
        """Send what can be sent in a moment. After `finish` there is nothing left to do."""
        if self._stream is not None:
            self._stream.close(lambda: INTERRUPTED_SECONDS, is_over=False)
            self._stream = None

    def _judged(self, result: RunResult, failure: str) -> RunResult:
        """Each failure counts once. A run that asks for a reboot sends the rest when it goes on."""
        if not failure or failure == self._failure:
            return result
        self._failure = failure
        if result.status is Status.SUCCESS and not self._options.ignore_cloudwatch_failures:
            return result._replace(status=Status.FAILED, exit_code=EXIT_FAILED, failure_message=failure)
        self._report(f"warning: {failure}")
        return result

    def _limit(self, seconds: float) -> Callable[[], float]:
        """How long the service is waited for: less when the run was asked to stop, and not at all in a hurry."""

        def limit() -> float:
            if self._hurrying():
                return 0
            return min(seconds, INTERRUPTED_SECONDS) if self._stopping() else seconds

        return limit


def _stream_name(execution_id: str) -> str:
    """The id, or a name made of it: a stream's has at most 512 characters, no ':' and no '*' (CloudWatch Logs)."""
    is_name = len(execution_id) <= 512 and execution_id.isprintable() and not {":", "*"} & {*execution_id}
    return execution_id if is_name else safe_name(execution_id)
