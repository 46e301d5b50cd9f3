"""The guide's hello world against the log folder of a real AWSTOE run."""

from __future__ import annotations

import re
from pathlib import Path

from sample_events import LOG_FOLDER, hello_world

from toe.events import Sink
from toe.sinks.chaining import Chaining
from toe.sinks.detailed_output import DetailedOutput
from toe.sinks.text_logs import TextLogs

GOLDEN = Path(__file__).parent / "golden_hello_world"

#: Lines of AWSTOE that we do not print: uploads to S3 do not exist yet, and chaining.json is not written at each step.
NOT_PRINTED = (
    "Debug CLI run: Attempting to create a folder in customer's S3 account.",
    "Debug CLI run: Successfully created a folder in customer's S3 account!",
    "Debug CLI run: calling UploadDirectoryToS3Func.",
    "Debug Utils: UploadDirectoryToS3 sourceDir",
    "Debug Utils: Skipped uploading logs to S3.",
)
CHAINING_UPDATED = f"Debug Updated chaining file at {LOG_FOLDER}/chaining.json"


def written(sink: Sink) -> None:
    for event in hello_world():
        sink.handle(event)
    sink.close()


def without_incidentals(text: str) -> list[str]:
    """The lines less what differs from run to run."""
    text = re.sub(r"(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z ", "", text)
    text = re.sub(r"/\S*/AWSTOE\d+(/script-\d+\.sh)?", r"<temporary>", text)
    return re.sub(r"(deadline set to ).*", r"\1<time>", text).splitlines()


def test_console_log_is_awstoes_with_two_lines_of_its_newer_versions(tmp_path: Path) -> None:
    written(TextLogs(str(tmp_path)))
    ours = without_incidentals((tmp_path / "console.log").read_text())
    first = ours.index("Document hello-world-linux.yml")
    assert ours.pop(-2) == "Executor: FINISHED EXECUTION OF ALL DOCUMENTS"
    assert ours.pop(first - 1) == "Executor: STARTED EXECUTION OF ALL DOCUMENTS"
    assert ours == without_incidentals((GOLDEN / "console.log").read_text())


def test_application_log_is_awstoes_less_what_we_do_not_do(tmp_path: Path) -> None:
    written(TextLogs(str(tmp_path)))
    ours = without_incidentals((tmp_path / "application.log").read_text())
    golden = [
        line
        for line in without_incidentals((GOLDEN / "application.log").read_text())
        if not line.startswith(NOT_PRINTED)
    ]
    first = golden.index(CHAINING_UPDATED)
    golden = golden[: first + 1] + [line for line in golden[first + 1 :] if line != CHAINING_UPDATED]
    assert ours == golden


def test_deadline_is_the_attempts_start_and_its_timeout(tmp_path: Path) -> None:
    written(TextLogs(str(tmp_path)))
    text = (tmp_path / "application.log").read_text()
    assert "Execution deadline set to 2022-05-25 16:01:45.914525413 +0000 UTC m=+7200.000000000\n" in text


def test_detailed_output_is_awstoes_to_the_byte(tmp_path: Path) -> None:
    written(DetailedOutput(str(tmp_path)))
    assert (tmp_path / "detailedoutput.json").read_bytes() == (GOLDEN / "detailedoutput.json").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["detailedoutput.json"]


def test_detailed_output_is_the_same_when_it_is_flushed_after_every_event(tmp_path: Path) -> None:
    sink = DetailedOutput(str(tmp_path))
    for event in hello_world():
        sink.handle(event)
        sink.flush()
    sink.close()
    assert (tmp_path / "detailedoutput.json").read_bytes() == (GOLDEN / "detailedoutput.json").read_bytes()


def test_chaining_is_awstoes_to_the_byte(tmp_path: Path) -> None:
    written(Chaining(str(tmp_path)))
    assert (tmp_path / "chaining.json").read_bytes() == (GOLDEN / "chaining.json").read_bytes()
