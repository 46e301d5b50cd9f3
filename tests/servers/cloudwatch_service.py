"""CloudWatch Logs for tests: moto, and before it the limits of the real service and what can go wrong with it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from aws_server import AwsServer

from toe.aws.clients import aws_client

GROUP, STREAM = "/image/builds", "run-1"
_TARGET = "Logs_20140328."
_OLDEST_MS = 14 * 24 * 3600 * 1000

#: Answers a request in place of the service.
Fault = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class LogsService:
    """`faults` answer the next PutLogEvents, `denied` names operations that are forbidden. `calls` lists operations.

    A batch that breaks a limit is refused as the real service does, and so are lines older than 14 days or `oldest_ms`.
    `accepted` has the batches that were taken.
    """

    def __init__(self, aws: AwsServer) -> None:
        self._moto = aws._moto
        self.calls: list[str] = []
        self.accepted: list[list[dict[str, Any]]] = []
        self.faults: list[Fault] = []
        self.denied: set[str] = set()
        self.oldest_ms = 0
        aws.routes["/"] = self

    @property
    def messages(self) -> list[str]:
        """All that was accepted, in the order in which it came."""
        return [event["message"] for batch in self.accepted for event in batch]

    def stored(self) -> list[str]:
        """What the service gives back; a page at most."""
        page = aws_client("logs").get_log_events(logGroupName=GROUP, logStreamName=STREAM, startFromHead=True)
        return [event["message"] for event in page["events"]]

    def create(self) -> None:
        """Make the group and the stream."""
        client = aws_client("logs")
        client.create_log_group(logGroupName=GROUP)
        client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
        self.calls.clear()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = BytesIO(body)
        operation = environ.get("HTTP_X_AMZ_TARGET", "").removeprefix(_TARGET)
        self.calls.append(operation)
        if operation in self.denied:
            return refuse("AccessDeniedException", f"not authorized to perform: logs:{operation}")(
                environ, start_response
            )
        if operation == "PutLogEvents":
            if self.faults:
                return self.faults.pop(0)(environ, start_response)
            return self._put(json.loads(body), environ, start_response)
        answer: Iterable[bytes] = self._moto(environ, start_response)
        return answer

    def _put(
        self, request: dict[str, Any], environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        fault = broken_limit(request["logEvents"])
        if fault:
            return refuse("InvalidParameterException", fault)(environ, start_response)
        oldest_ms = max(self.oldest_ms, time.time_ns() // 1_000_000 - _OLDEST_MS)
        too_old = sum(event["timestamp"] < oldest_ms for event in request["logEvents"])
        request["logEvents"] = request["logEvents"][too_old:]
        body = json.dumps(request).encode()
        environ.update({"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))})
        status: list[str] = []

        def started(line: str, *rest: Any) -> Any:
            status.append(line)
            return lambda data: None

        content = list(self._moto(environ, started))
        if not status[0].startswith("200"):
            return answer(json.loads(b"".join(content)), status[0])(environ, start_response)
        self.accepted.append(request["logEvents"])
        refused = {"rejectedLogEventsInfo": {"tooOldLogEventEndIndex": too_old}} if too_old else {}
        return answer(refused)(environ, start_response)


def broken_limit(events: list[dict[str, Any]]) -> str:
    """Which limit of PutLogEvents a batch breaks, "" for none."""
    sizes = [len(event["message"].encode()) for event in events]
    times = [event["timestamp"] for event in events]
    now_ms = time.time_ns() // 1_000_000
    broken = {
        "no events": not events,
        "an empty message": 0 in sizes,
        "a batch over 1 MiB": sum(sizes) + 26 * len(events) > 1_048_576,
        "over 10,000 events": len(events) > 10_000,
        "an event over 256 KiB": max(sizes, default=0) + 26 > 262_144,
        "not in chronological order": times != sorted(times),
        "over 24 hours": bool(times) and times[-1] - times[0] > 86_400_000,
        "not in milliseconds, or in the future": bool(times) and not 10**12 < times[-1] <= now_ms + 1000,
    }
    return ", ".join(name for name, is_broken in broken.items() if is_broken)


def answer(content: dict[str, Any], status: str = "200 OK") -> Fault:
    """The service says this."""

    def fault(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = json.dumps(content).encode()
        start_response(status, [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))])
        return [body]

    return fault


def refuse(code: str, message: str, status: str = "400 Bad Request") -> Fault:
    """The service refuses with an error code."""
    return answer({"__type": code, "message": message}, status)


def hang_up(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The connection breaks without an answer."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    start_response("200 OK", [])
    return []


class Stuck:
    """A fault: the request is taken and answered only after `release`. `arrived` tells that one is there."""

    def __init__(self) -> None:
        self.arrived = threading.Event()
        self._released = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.arrived.set()
        self._released.wait(20)
        return refuse("ServiceUnavailableException", "busy", "503 Service Unavailable")(environ, start_response)

    def release(self) -> None:
        self._released.set()


def join_log_threads() -> None:
    """Wait for threads that a test gave up: they must not meet the next test's AWS, or the real one."""
    for thread in threading.enumerate():
        if thread.name in ("toe-cloudwatch", "toe-waits"):
            thread.join()
