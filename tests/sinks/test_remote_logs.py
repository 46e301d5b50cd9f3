from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aws_server import REGION, AwsServer
from cloudwatch_service import GROUP, LogsService, Stuck, hang_up, join_log_threads
from sample_events import failed_step, run_of

from toe.aws.clients import aws_client
from toe.aws.log_stream import LogTarget
from toe.results import RunResult, Status
from toe.sinks.remote_logs import RemoteLogOptions, RemoteLogs
from toe.sinks.s3_logs import LogBucket

GOOD = RunResult("run-1", Status.SUCCESS, 1, 2, log_url="x")
BAD = run_of(failed_step())._replace(exit_code=1)
REBOOT = GOOD._replace(status=Status.FAILED, failure_message="reboot", reboot=True, exit_code=194)
DENIED = (
    f"cannot write to CloudWatch Logs '{GROUP}' stream 'run-1': "
    "AccessDeniedException: not authorized to perform: logs:PutLogEvents"
)


class Run:
    """A run with one line in its console.log, and what was reported of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reported: list[str] = []
        self.is_interrupted: Callable[[], bool] = bool
        self.line("first")

    def line(self, text: str) -> None:
        with (self.folder / "console.log").open("a") as file:
            file.write(f"2026-11-24T00:00:00.000000000Z {text}\n")

    def logs(self, *, stream: str = "", ignore: bool = False, bucket: str = "") -> RemoteLogs:
        options = RemoteLogOptions(
            LogTarget(GROUP, stream) if not bucket else None, ignore, LogBucket(bucket, "p") if bucket else None
        )
        return RemoteLogs(options, str(self.folder), "run-1", self.reported.append, lambda: self.is_interrupted())


@pytest.fixture
def service(aws: AwsServer) -> LogsService:
    return LogsService(aws)


@pytest.fixture(autouse=True)
def _no_thread_is_left(aws: AwsServer) -> Iterator[None]:
    yield
    join_log_threads()


@pytest.fixture
def a_run(tmp_path: Path) -> Run:
    folder = tmp_path / "TOE_x"
    folder.mkdir()
    return Run(folder)


def test_a_run_whose_lines_arrive_is_what_it_was(service: LogsService, a_run: Run) -> None:
    logs = a_run.logs()
    assert logs.start() == ""
    assert [message[-5:] for message in service.messages] == ["first"]
    a_run.line("second")
    assert logs.settle(GOOD) == GOOD
    a_run.line("third")
    assert logs.finish(GOOD) == GOOD
    assert [message.split()[1] for message in service.stored()] == ["first", "second", "third"]
    assert a_run.reported == []


def test_no_step_may_run_when_the_first_lines_do_not_arrive(service: LogsService, a_run: Run) -> None:
    service.denied = {"PutLogEvents"}
    logs = a_run.logs()
    assert logs.start() == DENIED
    failed = GOOD._replace(status=Status.FAILED, exit_code=1)
    assert logs.finish(logs.settle(failed)) == failed
    assert a_run.reported == []


def test_a_failure_in_the_middle_fails_a_good_run(service: LogsService, a_run: Run) -> None:
    logs = a_run.logs()
    assert logs.start() == ""
    service.denied = {"PutLogEvents"}
    a_run.line("second")
    result = logs.settle(GOOD)
    assert result == GOOD._replace(status=Status.FAILED, exit_code=1, failure_message=DENIED)
    assert logs.finish(result) == result
    assert a_run.reported == []


def test_a_failure_of_the_last_lines_fails_a_good_run(service: LogsService, a_run: Run) -> None:
    logs = a_run.logs()
    assert logs.start() == ""
    assert logs.settle(GOOD) == GOOD
    service.denied = {"PutLogEvents"}
    a_run.line("last")
    assert logs.finish(GOOD).failure_message == DENIED


@pytest.mark.parametrize("result", [BAD, REBOOT])
def test_a_failure_is_a_warning_when_the_run_has_its_verdict(
    service: LogsService, a_run: Run, result: RunResult
) -> None:
    logs = a_run.logs()
    assert logs.start() == ""
    service.denied = {"PutLogEvents"}
    a_run.line("second")
    assert logs.finish(logs.settle(result)) == result
    assert a_run.reported == [f"warning: {DENIED}"]


def test_ignored_failures_are_one_warning_and_nothing_waits_at_the_start(service: LogsService, a_run: Run) -> None:
    stuck = Stuck()
    service.faults = [stuck]
    logs = a_run.logs(ignore=True)
    assert logs.start() == ""
    assert stuck.arrived.wait(120)
    service.denied = {"PutLogEvents"}
    stuck.release()
    assert logs.finish(logs.settle(GOOD)) == GOOD
    assert a_run.reported == [f"warning: {DENIED}"]


@pytest.mark.parametrize("ignore", [True, False])
def test_a_console_log_that_is_not_there_is_a_failure(service: LogsService, a_run: Run, ignore: bool) -> None:
    (a_run.folder / "console.log").unlink()
    logs = a_run.logs(ignore=ignore)
    reason = (
        f"cannot write to CloudWatch Logs '{GROUP}' stream 'run-1': cannot read console.log: No such file or directory"
    )
    assert logs.start() == ("" if ignore else reason)
    assert logs.finish(logs.settle(GOOD)) == GOOD
    assert a_run.reported == ([f"warning: {reason}"] if ignore else [])


def test_an_interrupted_run_does_not_wait_long(
    service: LogsService, a_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toe.sinks.remote_logs.INTERRUPTED_SECONDS", 0.2)
    logs = a_run.logs()
    assert logs.start() == ""
    service.faults = [hang_up] * 1000
    a_run.line("second")
    monkeypatch.setattr(a_run, "is_interrupted", lambda: True)
    stopped = BAD._replace(signal=15, exit_code=143)
    assert logs.finish(logs.settle(stopped)) == stopped
    assert len(a_run.reported) == 1
    assert a_run.reported[0].startswith("warning: cannot write to CloudWatch Logs")


def test_an_interrupt_ends_the_waiting_at_the_start(
    service: LogsService, a_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toe.sinks.remote_logs.INTERRUPTED_SECONDS", 0.2)
    stuck = Stuck()
    service.faults = [stuck]
    logs = a_run.logs()
    monkeypatch.setattr(a_run, "is_interrupted", stuck.arrived.is_set)
    assert logs.start() == ""
    stuck.release()
    logs.close()
    logs.close()
    assert len(a_run.reported) == 1


def test_the_log_url_is_the_address_in_s3(aws: AwsServer, a_run: Run) -> None:
    s3 = aws_client("s3")
    s3.create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": REGION})
    logs = a_run.logs(bucket="logs")
    assert logs.start() == ""
    assert logs.log_url == "s3://logs/p/TOE_x"
    result = GOOD._replace(log_url=logs.log_url)
    assert logs.finish(logs.settle(result)) == result
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="logs")["Contents"]] == ["p/TOE_x/console.log"]


def test_logs_that_do_not_reach_s3_are_a_warning_and_stay_where_they_are(aws: AwsServer, a_run: Run) -> None:
    logs = a_run.logs(bucket="none")
    result = logs.finish(GOOD._replace(log_url=logs.log_url))
    assert result == GOOD._replace(log_url=str(a_run.folder))
    assert len(a_run.reported) == 1
    assert a_run.reported[0].startswith("warning: cannot upload to 's3://none/p/TOE_x/console.log': NoSuch")
