"""A log stream of CloudWatch Logs: takes batches, is created when it is missing, tells passing trouble from lasting.

Not for when to send and how often to try: that is toe.sinks.cloudwatch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from toe.aws.clients import AwsError, aws_client, aws_faults, error_code
from toe.records import NamedTuple
from toe.words import counted

CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 15

#: What another try may help, besides 429, 5xx and a service that did not answer.
_PASSING = frozenset(
    {
        "OperationAbortedException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ResourceNotFoundException",  # what was just created is not seen everywhere at once
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
#: Credentials that somebody may renew in their file: a new client reads it again.
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})

#: `timestamp` in milliseconds since the Unix epoch, and `message`.
LogEvent: TypeAlias = "dict[str, Any]"


class LogTarget(NamedTuple):
    """A stream of a log group. `region` empty: the one of the environment."""

    group: str
    stream: str
    region: str = ""

    @property
    def shown(self) -> str:
        """For messages."""
        return f"CloudWatch Logs '{self.group}' stream '{self.stream}'"


class PassingAwsError(AwsError):
    """Trouble that another try may help: throttling, a service that does not answer, expired credentials."""


class LogStream:
    """The service's side of a `LogTarget`. Nothing is asked before the first `put`, and each request is made once."""

    def __init__(self, target: LogTarget) -> None:
        self._target = target
        self._names = {"logGroupName": target.group, "logStreamName": target.stream}
        self._client: Any = None

    def put(self, batch: Sequence[LogEvent], now_ms: int) -> None:
        """Send a batch; it must be within the service's limits.

        Events whose time the service does not take (older than the group keeps, a clock that was wrong) are sent again
        with the present time: their text says when they were. Raises AwsError, PassingAwsError where it may pass.
        """
        with self._sorted():
            refused = self._put_or_create(batch)
            if refused:
                refused = self._put([{**event, "timestamp": now_ms} for event in refused])
        if refused:
            raise AwsError(
                f"cannot write to {self._target.shown}: the time of {counted(len(refused), 'line')} was refused"
            )

    def _put_or_create(self, batch: Sequence[LogEvent]) -> list[LogEvent]:
        """Creating comes second: who may write to a stream need not be allowed to create one."""
        from botocore.exceptions import ClientError

        try:
            return self._put(batch)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
        self._create_stream()
        return self._put(batch)

    def _put(self, batch: Sequence[LogEvent]) -> list[LogEvent]:
        """The events that were refused for their time."""
        if self._client is None:
            self._client = aws_client(
                "logs",
                region=self._target.region or None,
                connect_timeout=CONNECT_TIMEOUT_SECONDS,
                read_timeout=READ_TIMEOUT_SECONDS,
                retries={"mode": "standard", "total_max_attempts": 1},
                parameter_validation=False,  # slow, and a batch is well-formed
            )
        refused = self._client.put_log_events(**self._names, logEvents=batch).get("rejectedLogEventsInfo") or {}
        first_taken = max(refused.get("tooOldLogEventEndIndex", 0), refused.get("expiredLogEventEndIndex", 0))
        return [*batch[:first_taken], *batch[refused.get("tooNewLogEventStartIndex", len(batch)) :]]

    def _create_stream(self) -> None:
        from botocore.exceptions import ClientError

        try:
            _create(self._client.create_log_stream, **self._names)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            _create(self._client.create_log_group, logGroupName=self._target.group)
            _create(self._client.create_log_stream, **self._names)

    @contextmanager
    def _sorted(self) -> Iterator[None]:
        try:
            with aws_faults(f"cannot write to {self._target.shown}"):
                yield
        except AwsError as error:
            if error_code(error.__cause__ or error) in _EXPIRED:
                self._client = None
            elif not _passes(error.__cause__):
                raise
            raise PassingAwsError(error.message, hint=error.hint) from error.__cause__


def _create(operation: Any, **names: str) -> None:
    """Somebody else may have been quicker."""
    from botocore.exceptions import ClientError

    try:
        operation(**names)
    except ClientError as error:
        if error_code(error) != "ResourceAlreadyExistsException":
            raise


def _passes(error: BaseException | None) -> bool:
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status == 429 or status >= 500 or error_code(error) in _PASSING
    return isinstance(error, (ConnectionError, HTTPClientError))
