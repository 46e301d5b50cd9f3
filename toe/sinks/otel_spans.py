"""OpenTelemetry: a span for the run and for each document, phase, step and attempt, sent to an OTLP collector.

Where it is, and all else, say the variables that every OpenTelemetry program knows (OTEL_EXPORTER_OTLP_ENDPOINT,
OTEL_SERVICE_NAME, TRACEPARENT ...). A thread of the SDK sends: whatever becomes of that, the run knows nothing of it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from toe import events
from toe.results import Status
from toe.version import __version__
from toe.waiting import GaveUpError, waited_for

#: How long the collector may take at the end of a run.
PATIENCE_SECONDS = 5.0
#: Some thousand steps, each with its attempt, whose spans wait for a collector that does not answer.
_MOST_WAITING = 20_000
_FAILED = (Status.FAILED, Status.TIMED_OUT)


class OtelSpans:
    """Makes the spans as events come. What is still open when a run is cut off by a reboot ends there."""

    name = "the OpenTelemetry spans"

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._faults: list[str] = []
        self._lost = 0
        self._silence()
        ids = RandomIdGenerator()
        self._ids: Any = ids
        self._provider: Any = TracerProvider(
            resource=Resource.create(_resource(environment)), id_generator=ids, shutdown_on_exit=False
        )
        exporter = OTLPSpanExporter()
        exporter.export = self._watched(exporter.export)
        self._provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=_MOST_WAITING))
        self._tracer: Any = self._provider.get_tracer("toe", __version__)
        # W3C's way to hand a trace to a child process: a CI system shows the run within its own job.
        self._outside = TraceContextTextMapPropagator().extract(
            {key: environment[key.upper()] for key in ("traceparent", "tracestate") if key.upper() in environment}
        )
        #: The spans that are open, the outermost first, each with its kind and the depth of nested documents.
        self._open: list[tuple[str, int, Any]] = []

    def _silence(self) -> None:
        """The SDK tells its troubles to `logging`; people get one line, at the end."""
        logger = logging.getLogger("opentelemetry")
        logger.propagate = False
        logger.handlers = [_Listener(self._faults)]

    def _watched(self, export: Callable[[Sequence[Any]], Any]) -> Callable[[Sequence[Any]], Any]:
        def watched(spans: Sequence[Any]) -> Any:
            self._lost += len(spans)
            result = export(spans)
            if result is SpanExportResult.SUCCESS:
                self._lost -= len(spans)
            return result

        return watched

    def handle(self, event: events.Event) -> None:
        """Begin or end a span."""
        if isinstance(event, (events.RunStarted, events.RunResumed)):
            self._run_started(event)
        elif isinstance(event, events.RunFinished):
            result = event.result
            self._end("run", 0, event.at_ns, result.status, result.failure_message, {"toe.exit_code": result.exit_code})
        else:
            self._below_the_run(event)

    def _below_the_run(self, event: events.Event) -> None:
        if isinstance(event, events.DocumentStarted):
            path = event.document.path
            names = {"toe.document.path": path, "toe.document.name": event.document.name}
            self._begin("document", event.where.depth, event.at_ns, f"document {path}", names)
        elif isinstance(event, events.PhaseStarted):
            phase = event.where.phase
            self._begin("phase", event.where.depth, event.at_ns, f"phase {phase}", {"toe.phase.name": phase})
        elif isinstance(event, events.StepStarted):
            step = event.step
            names = {"toe.step.name": step.name, "toe.step.action": step.action}
            self._begin("step", event.where.depth, event.at_ns, f"step {step.name}", names)
        elif isinstance(event, events.AttemptStarted):
            number = event.where.attempt
            self._begin("attempt", event.where.depth, event.at_ns, f"attempt {number}", {"toe.attempt.number": number})
        elif isinstance(event, events.AttemptFinished):
            status = Status.SUCCESS if event.succeeded else Status.FAILED
            self._end("attempt", event.where.depth, event.at_ns, status, "", {"toe.will_retry": event.will_retry})
        elif isinstance(event, events.StepFinished):
            more: dict[str, object] = {"toe.step.attempts": event.result.attempts}
            failure = event.result.failure
            if failure is not None and failure.exit_code is not None:
                more["toe.step.exit_code"] = failure.exit_code
            self._end("step", event.where.depth, event.at_ns, event.result.status, event.result.failure_message, more)
        elif isinstance(event, (events.PhaseFinished, events.DocumentFinished)):
            kind = "phase" if isinstance(event, events.PhaseFinished) else "document"
            self._end(kind, event.where.depth, event.at_ns, event.result.status, event.result.failure_message)

    def _run_started(self, event: events.RunStarted | events.RunResumed) -> None:
        """Both halves of a run that reboots are in one trace: its id comes of the log folder, which they share."""
        folder = os.path.basename(event.log_directory)
        trace_id = int.from_bytes(sha256(folder.encode("utf-8", "backslashreplace")).digest()[:16], "big")
        self._ids.generate_trace_id = lambda: trace_id
        names = {"toe.execution_id": event.execution_id, "toe.log_directory": event.log_directory}
        names["toe.resumed"] = str(isinstance(event, events.RunResumed)).lower()
        self._begin("run", 0, event.at_ns, "toe run", names)

    def _begin(self, kind: str, depth: int, at_ns: int, name: str, attributes: Mapping[str, object]) -> None:
        parent = set_span_in_context(self._open[-1][2]) if self._open else self._outside
        span = self._tracer.start_span(name, parent, attributes=attributes, start_time=at_ns)
        self._open.append((kind, depth, span))

    def _end(
        self,
        kind: str,
        depth: int,
        at_ns: int,
        status: Status,
        message: str,
        attributes: Mapping[str, object] | None = None,
    ) -> None:
        """End a span, and before it those in it that a reboot or a stop left open."""
        if not any((its_kind, its_depth) == (kind, depth) for its_kind, its_depth, _ in self._open):
            return
        while True:
            its_kind, its_depth, span = self._open.pop()
            if (its_kind, its_depth) == (kind, depth):
                span.set_attributes({"toe.status": status.value, **(attributes or {})})
                if status in _FAILED:
                    span.set_status(StatusCode.ERROR, message or None)
                span.end(at_ns)
                return
            span.end(at_ns)

    def close(self) -> None:
        """What is open was cut off, and ends now."""
        while self._open:
            self._open.pop()[2].end()

    def finish(self, report: Callable[[str], None]) -> None:
        """Wait until all is sent, though not for long. `report` gets one line when it could not be."""
        reason = "the collector does not answer"
        try:
            waited_for(self._provider.shutdown, limit_seconds=PATIENCE_SECONDS)
        except GaveUpError:
            self._lost += 1
        except Exception as error:
            self._lost += 1
            reason = f"{type(error).__name__}: {error}"
        if self._lost:
            reason = self._faults[-1] if self._faults else reason
            report(f"toe: warning: not all OpenTelemetry spans were sent: {reason[:300]}")
        elif self._faults:
            report(f"toe: warning: OpenTelemetry: {self._faults[-1][:300]}")


class _Listener(logging.Handler):
    def __init__(self, faults: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._faults = faults

    def emit(self, record: logging.LogRecord) -> None:
        self._faults.append(record.getMessage())
        del self._faults[:-1]  # the last one is told


def _resource(environment: Mapping[str, str]) -> dict[str, str]:
    """What the variables do not say."""
    named = "OTEL_SERVICE_NAME" in environment or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return {"service.version": __version__, **({} if named else {"service.name": "toe"})}
