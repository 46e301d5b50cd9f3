from __future__ import annotations

import json
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_server import AwsServer
from cloudwatch_service import GROUP, STREAM, LogsService, Stuck, hang_up, join_log_threads, refuse
from sample_events import PLACE, START, bash_events, bash_step, closing, failed_step, opening, run_of

from toe import events
from toe.aws.log_stream import LogTarget
from toe.events import Event
from toe.sinks.cloudwatch import CloudWatchStream
from toe.sinks.fanout import FanOut
from toe.sinks.text_logs import TextLogs
from toe.words import precise_time

TARGET = LogTarget(GROUP, STREAM)
MARK = ".cloudwatch-sent.json"
CREDENTIALS = "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n"


@pytest.fixture
def service(aws: AwsServer) -> LogsService:
    return LogsService(aws)


class Console:
    """A console.log that grows."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "console.log"
        self.path.touch()

    def add(self, *texts: str) -> list[str]:
        """Append lines with the time of now; what they are."""
        start = precise_time(time.time_ns())
        lines = [f"{start} {text}" for text in texts]
        self.add_bytes("".join(f"{line}\n" for line in lines).encode())
        return lines

    def add_bytes(self, data: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(data)

    @property
    def lines(self) -> list[str]:
        return self.path.read_text().splitlines()


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path)


class Streams:
    """Makes streams and stops them after the test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.made: list[CloudWatchStream] = []
        self.said: list[str] = []
        self.say: Callable[[str], object] = lambda line: None

    def __call__(self, target: LogTarget = TARGET, **options: float) -> CloudWatchStream:
        self.made.append(CloudWatchStream(str(self._folder), target, self._hear, **options))
        return self.made[-1]

    def _hear(self, line: str) -> None:
        self.said.append(line)
        self.say(line)


@pytest.fixture
def stream_to(aws: AwsServer, tmp_path: Path) -> Iterator[Streams]:
    streams = Streams(tmp_path)
    yield streams
    for stream in streams.made:
        stream.close(seconds(0), is_over=False)
    join_log_threads()


def seconds(limit: float) -> Callable[[], float]:
    return lambda: limit


def without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)


#: Ends a test that hangs; a busy machine needs its time.
IN_TIME = seconds(120)


def test_lines_arrive_as_they_are_while_the_run_goes_on(
    service: LogsService, console: Console, stream_to: Streams
) -> None:
    first = console.add("Document a.yml", "Stdout: ")
    stream = stream_to()
    assert stream.wait_until_sent(IN_TIME) == ""
    assert service.stored() == first
    second = console.add("Stdout: grüße \x1b[1m", "Stdout:  two ")
    assert stream.close(IN_TIME, is_over=True) == ""
    assert service.stored() == first + second == console.lines


def test_lines_are_sent_without_anybody_asking(service: LogsService, console: Console, stream_to: Streams) -> None:
    arrived = threading.Event()

    def note(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        arrived.set()
        return hang_up(environ, start_response)

    service.faults = [note]
    stream_to(interval_seconds=0.01)
    console.add("Stdout: one")
    assert arrived.wait(120)


class Mask:
    """Takes s3cret out of output."""

    def events(self, event: Event) -> list[Event]:
        if isinstance(event, events.Output):
            return [event._replace(data=event.data.replace(b"s3cret", b"***"))]
        return [event]

    def rest(self) -> list[Event]:
        return []


def test_what_arrives_is_what_the_fan_out_let_through(service: LogsService, tmp_path: Path, stream_to: Streams) -> None:
    step = bash_step("S", "cat token")
    result = failed_step("S", "")
    hidden = PLACE._replace(hidden=True)
    sequence = [
        *opening(steps=(step,)),
        *bash_events(START, PLACE, step, result, b"token s3cret\n", b"", 1),
        *bash_events(START, hidden, step, result, b"hidden s3cret\n", b"", 1),
        *closing(run_of(result)),
    ]
    fan_out = FanOut([TextLogs(str(tmp_path))], pytest.fail, Mask)
    fan_out.emit(sequence[0])
    fan_out.flush()
    stream = stream_to()
    for event in sequence[1:]:
        fan_out.emit(event)
    fan_out.close()
    assert stream.close(IN_TIME, is_over=True) == ""
    text = (tmp_path / "console.log").read_text()
    assert service.messages == text.splitlines()
    assert "Stdout: token ***" in text
    assert "s3cret" not in "".join(service.messages)


def test_100_000_lines_arrive_complete_in_order_and_within_the_limits(
    service: LogsService, console: Console, stream_to: Streams
) -> None:
    stream = stream_to(interval_seconds=0.01)
    lines: list[str] = []
    for block in range(20):
        lines += console.add(*(f"Stdout: line {block * 5000 + number} äöü" for number in range(5000)))
    assert stream.close(IN_TIME, is_over=True) == ""
    assert service.messages == lines
    assert len(service.accepted) >= 10
    assert set(service.calls) == {"PutLogEvents", "CreateLogStream", "CreateLogGroup"}


def test_a_line_beyond_the_limit_is_split_and_nothing_of_it_is_lost(
    service: LogsService, console: Console, stream_to: Streams
) -> None:
    long_line = console.add("Stdout: " + "ü€😀" * 200_000)[0]
    after = console.add("Stdout: after")
    stream = stream_to()
    assert stream.close(IN_TIME, is_over=True) == ""
    assert "".join(service.messages[:-1]) == long_line
    assert "\ufffd" not in long_line
    assert service.messages[-1:] == after
    assert len(service.messages) == len(long_line.encode()) // 262_118 + 2


def test_lines_that_are_too_old_for_the_group_are_sent_with_the_present_time(
    service: LogsService, console: Console, stream_to: Streams
) -> None:
    service.create()
    service.oldest_ms = time.time_ns() // 10**6 - 3_600_000
    old = f"{precise_time(time.time_ns() - 7200 * 10**9)} old"
    console.add_bytes(f"{old}\n{old}\n".encode())
    new = console.add("new")
    stream = stream_to()
    assert stream.close(IN_TIME, is_over=True) == ""
    assert sorted(service.messages) == sorted([old, old, *new])


def test_only_writing_need_be_allowed_when_the_stream_is_there(
    service: LogsService, console: Console, stream_to: Streams
) -> None:
    service.create()
    service.denied = {"CreateLogGroup", "CreateLogStream", "DescribeLogStreams"}
    console.add("Stdout: one")
    stream = stream_to()
    assert stream.close(IN_TIME, is_over=True) == ""
    assert service.calls == ["PutLogEvents"]


def test_a_missing_permission_is_named_at_once(service: LogsService, console: Console, stream_to: Streams) -> None:
    service.denied = {"CreateLogGroup"}
    console.add("Stdout: one")
    stream = stream_to()
    failure = stream.wait_until_sent(seconds(3600))
    assert failure == (
        "cannot write to CloudWatch Logs '/image/builds' stream 'run-1': "
        "AccessDeniedException: not authorized to perform: logs:CreateLogGroup"
    )
    assert stream.close(IN_TIME, is_over=True) == failure


def test_a_stream_that_is_deleted_meanwhile_is_made_again(
    service: LogsService, console: Console, stream_to: Streams
) -> None:
    from toe.aws.clients import aws_client

    console.add("Stdout: one")
    stream = stream_to()
    assert stream.wait_until_sent(IN_TIME) == ""
    aws_client("logs").delete_log_group(logGroupName=GROUP)
    second = console.add("Stdout: two")
    assert stream.close(IN_TIME, is_over=True) == ""
    assert service.stored() == second


def test_throttling_broken_connections_and_server_errors_are_overcome(
    service: LogsService, console: Console, stream_to: Streams
) -> None:
    lines = console.add("Stdout: one", "Stdout: two")
    service.faults = [
        hang_up,
        refuse("ThrottlingException", "Rate exceeded"),
        refuse("InternalFailure", "oops", "500 Internal Server Error"),
    ]
    stream = stream_to()
    assert stream.wait_until_sent(IN_TIME) == ""
    service.faults = [hang_up]
    lines += console.add("Stdout: three")
    assert stream.wait_until_sent(IN_TIME) == ""
    service.faults = [refuse("ServiceUnavailableException", "busy", "503 Service Unavailable")]
    lines += console.add("Stdout: four")
    assert stream.close(IN_TIME, is_over=True) == ""
    assert service.messages == lines


def test_an_endpoint_that_is_not_there_fails_within_the_limit(
    aws: AwsServer, console: Console, stream_to: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")
        lines = console.add("Stdout: one")
        stream = stream_to()
        failure = stream.wait_until_sent(lambda: 0 if stream.trouble else 10)
    assert failure.startswith("cannot write to CloudWatch Logs '/image/builds' stream 'run-1': Could not connect")
    assert failure.endswith("s)")
    assert console.lines == lines


def test_an_endpoint_that_goes_silent_loses_no_line_and_costs_no_memory(
    service: LogsService, console: Console, stream_to: Streams, tmp_path: Path
) -> None:
    service.create()
    stream = stream_to(interval_seconds=0.01)
    first = console.add("Stdout: one")
    assert stream.wait_until_sent(IN_TIME) == ""
    stuck = Stuck()
    service.faults = [stuck]
    console.add("Stdout: two")
    assert stuck.arrived.wait(120)
    tracemalloc.start()
    block = b"2026-01-01T00:00:00.000000000Z Stdout: " + b"x" * 1_000_000 + b"\n"
    for _ in range(30):
        console.add_bytes(block)
    grown = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    failure = stream.close(seconds(0), is_over=True)
    stuck.release()
    assert grown < 15 * len(block)
    assert "no answer" in failure
    assert service.messages == first
    assert json.loads((tmp_path / MARK).read_text())["offset"] == len(first[0]) + 1


def test_a_run_that_goes_on_sends_what_was_left_and_nothing_twice(
    service: LogsService, console: Console, stream_to: Streams, tmp_path: Path
) -> None:
    lines = console.add("Stdout: before the boot")
    first = stream_to()
    assert first.close(IN_TIME, is_over=False) == ""
    service.faults = [hang_up] * 100
    lines += console.add("Stdout: not sent before the boot")
    second = stream_to()
    assert second.close(lambda: 0 if second.trouble else 10, is_over=False) != ""
    join_log_threads()
    service.faults = []
    lines += console.add("Executor: System has rebooted successfully")
    third = stream_to()
    assert third.close(IN_TIME, is_over=True) == ""
    assert service.messages == lines
    assert not (tmp_path / MARK).exists()


def test_a_log_that_a_step_empties_is_followed_from_its_new_start(
    service: LogsService, console: Console, stream_to: Streams
) -> None:
    lines = console.add("Stdout: one", "Stdout: two")
    stream = stream_to()
    assert stream.wait_until_sent(IN_TIME) == ""
    console.path.write_bytes(b"")
    lines += console.add("Stdout: 3")
    assert stream.close(IN_TIME, is_over=True) == ""
    assert service.messages == lines


def test_credentials_that_come_late_are_waited_for(
    service: LogsService, console: Console, stream_to: Streams, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_credentials(monkeypatch)
    file = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    lines = console.add("Stdout: one")
    stream_to.say = lambda line: file.write_text(CREDENTIALS)
    assert stream_to().close(IN_TIME, is_over=True) == ""
    assert stream_to.said == ["waiting for AWS credentials, 60 s at most: Unable to locate credentials"]
    assert service.messages == lines


def test_expired_credentials_are_read_again(
    service: LogsService, console: Console, stream_to: Streams, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_credentials(monkeypatch)
    file = tmp_path / "credentials"
    file.write_text(CREDENTIALS)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    seen: list[str] = []

    def expired(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        seen.append(environ["HTTP_AUTHORIZATION"])
        file.write_text(CREDENTIALS.replace("AKIAIOSFODNN7EXAMPLE", "AKIARENEWED7EXAMPLE2"))
        return refuse("ExpiredTokenException", "The security token included in the request is expired")(
            environ, start_response
        )

    def renewed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        seen.append(environ["HTTP_AUTHORIZATION"])
        return hang_up(environ, start_response)

    service.faults = [expired, renewed]
    console.add("Stdout: one")
    assert stream_to().close(IN_TIME, is_over=True) == ""
    assert "AKIAIOSFODNN7EXAMPLE" in seen[0]
    assert "AKIARENEWED7EXAMPLE2" in seen[1]


def test_credentials_that_never_come_are_named(
    service: LogsService, console: Console, stream_to: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_credentials(monkeypatch)
    console.add("Stdout: one")
    failure = stream_to(credentials_seconds=0).wait_until_sent(IN_TIME)
    assert "no AWS credentials within 0 s: Unable to locate credentials (set AWS_PROFILE" in failure
    assert service.calls == []
