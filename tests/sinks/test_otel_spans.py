"""`--otel`: spans at a collector on loopback, and collectors that are broken, slow or not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="toe[otel] is not installed")

TOE = [sys.executable, "-m", "toe"]
HEAD = "schemaVersion: 1.0\nphases:\n- name: build\n  steps:\n"
STEP = "  - {name: %s, action: ExecuteBash, %sinputs: {commands: ['%s']}}\n"


class Collector(ThreadingHTTPServer):
    """Keeps the spans that it is sent; answers with `code`, and only when `free` is set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans: list[Any] = []
        self.resources: list[dict[str, str]] = []
        self.code = 200
        self.free = Event()
        self.free.set()

    def span(self, name: str) -> Any:
        (found,) = [span for span in self.spans if span.name == name]
        return found

    def path_of(self, span: Any) -> list[str]:
        """The names from the root down to a span."""
        names = []
        by_id = {one.span_id: one for one in self.spans}
        while span is not None:
            names.append(span.name)
            span = by_id.get(span.parent_span_id)
        return names[::-1]


class _Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.free.wait(60)
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            self.server.resources.append({item.key: item.value.string_value for item in resource.resource.attributes})
            for scope in resource.scope_spans:
                self.server.spans += scope.spans
        self.send_response(self.server.code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.free.set()
        server.shutdown()
        thread.join()


def toe(endpoint: Collector | str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    url = endpoint if isinstance(endpoint, str) else f"http://127.0.0.1:{endpoint.server_port}"
    environment = {**os.environ, "TOE_NO_REBOOT": "", "OTEL_EXPORTER_OTLP_ENDPOINT": url, **variables}
    command = [*TOE, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)


def attributes(span: Any) -> dict[str, Any]:
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in span.attributes}


def test_each_document_phase_step_and_attempt_is_a_span(collector: Collector) -> None:
    Path("inner.yml").write_text(HEAD + STEP % ("Inner", "", "echo hi"))
    call = "  - {name: Call, action: ExecuteDocument, inputs: {document: inner.yml}}\n"
    Path("a.yml").write_text(HEAD + call + STEP % ("Bad", "maxAttempts: 2, ", "exit 4"))
    done = toe(collector, "run", "a.yml", "--quiet", "--otel")
    assert (done.returncode, "spans" in done.stderr) == (1, False)
    assert collector.path_of(collector.span("step Inner")) == [
        "toe run",
        "document a.yml",
        "phase build",
        "step Call",
        "attempt 1",
        "document inner.yml",
        "phase build",
        "step Inner",
    ]
    bad = collector.span("step Bad")
    assert (bad.status.code, bad.status.message) == (2, "exit status 4")
    assert attributes(bad)["toe.step.exit_code"] == 4
    tries = [span for span in collector.spans if span.parent_span_id == bad.span_id]
    assert [attributes(span)["toe.will_retry"] for span in tries] == [True, False]
    assert all(
        bad.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano <= bad.end_time_unix_nano
        for span in tries
    )
    assert attributes(collector.span("toe run"))["toe.exit_code"] == 1
    assert collector.resources[0]["service.name"] == "toe"


def test_both_halves_of_a_run_that_rebooted_are_in_one_trace_and_that_of_the_caller_wins(collector: Collector) -> None:
    Path("a.yml").write_text(HEAD + STEP % ("One", "", "test -e second || { touch second; exit 194; }"))
    assert toe(collector, "run", "a.yml", "--quiet", "--otel", "--reboot", "exit").returncode == 194
    assert toe(collector, "resume").returncode == 0
    assert [span.name for span in collector.spans].count("toe run") == 2
    assert len({span.trace_id for span in collector.spans}) == 1
    collector.spans.clear()
    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    toe(collector, "run", "a.yml", "--otel", TRACEPARENT=f"00-{trace}-{parent}-01", OTEL_SERVICE_NAME="mine")
    assert collector.span("toe run").parent_span_id.hex() == parent
    assert {span.trace_id.hex() for span in collector.spans} == {trace}
    assert collector.resources[-1]["service.name"] == "mine"


def test_a_run_goes_on_where_the_library_is_gone(collector: Collector) -> None:
    Path("a.yml").write_text(HEAD + STEP % ("One", "", "test -e second || { touch second; exit 194; }"))
    assert toe(collector, "run", "a.yml", "--quiet", "--otel", "--reboot", "exit").returncode == 194
    Path("without/opentelemetry").mkdir(parents=True)
    Path("without/opentelemetry/__init__.py").write_text("raise ImportError('not installed')\n")
    done = toe(collector, "resume", PYTHONPATH="without")
    assert (done.returncode, done.stderr.count("toe: warning: --otel needs toe[otel]\n")) == (0, 1)


def test_secrets_and_what_is_hidden_are_in_no_span(collector: Collector) -> None:
    Path("a.yml").write_text(HEAD + STEP % ("One", "", "echo $TOKEN; exit 3"))
    toe(collector, "run", "a.yml", "--otel", "--mask", "TOKEN", "-i", "of-hunter2000", TOKEN="hunter2000")
    assert attributes(collector.span("toe run"))["toe.execution_id"] == "of-***"
    assert "hunter2000" not in str(collector.spans)


@pytest.mark.parametrize("way", ["refuses", "is not there", "does not answer"])
def test_a_collector_that_fails_changes_nothing_and_is_one_line(collector: Collector, way: str) -> None:
    Path("a.yml").write_text(HEAD + STEP % ("One", "", "echo hi"))
    if way == "refuses":
        collector.code = 400
    if way == "does not answer":
        collector.free.clear()
    endpoint = "http://127.0.0.1:9" if way == "is not there" else collector
    code = (
        "import sys, toe.sinks.otel_spans as spans, toe.cli.main as main\n"
        "spans.PATIENCE_SECONDS = 0.5\n"
        "code = main.command_line(sys.argv[1:])\n"
        "import os; os._exit(code)"
    )
    url = endpoint if isinstance(endpoint, str) else f"http://127.0.0.1:{endpoint.server_port}"
    environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": url}
    command = [sys.executable, "-c", code, "run", "a.yml", "--quiet", "--otel"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)
    assert (done.returncode, json.loads(done.stdout)["status"]) == (0, "success")
    assert done.stderr.startswith("toe: warning: not all OpenTelemetry spans were sent: ")
    assert done.stderr.count("\n") == 1


def test_without_the_library_or_with_odd_variables_nothing_runs(collector: Collector) -> None:
    Path("a.yml").write_text(HEAD + STEP % ("One", "", "touch ran"))
    Path("without/opentelemetry").mkdir(parents=True)
    Path("without/opentelemetry/__init__.py").write_text("raise ImportError('not installed')\n")
    done = toe(collector, "run", "a.yml", "--otel", PYTHONPATH="without")
    assert (done.returncode, Path("ran").exists()) == (2, False)
    assert done.stderr == "toe: error: --otel needs toe[otel]\n  pip install 'toe-executor[otel]'\n"
    done = toe(collector, "run", "a.yml", "--otel", OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT="odd")
    assert (done.returncode, Path("ran").exists()) == (2, False)
    assert done.stderr.startswith("toe: error: --otel cannot start: ")
