from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_server import ACCOUNT, OTHER_ACCOUNT, REGION, App, AwsServer
from cloudwatch_service import Stuck, join_log_threads
from fault_server import Answer, FaultServer, dripping, silent

from toe.aws.clients import aws_client
from toe.records import NamedTuple
from toe.sinks.s3_logs import LogBucket, upload_folder

pytest_plugins = ("fault_fixtures",)

NAME = "TOE_2026-11-24_00-00-00_UTC-0_run-1"


def in_time() -> float:
    """A limit that is not reached."""
    return 10


class Call(NamedTuple):
    """A request to S3, and the owner that it expects."""

    what: str
    owner: str


class Bucket:
    """The bucket `logs`. `calls` lists the requests; `before` is told of each, and may answer it."""

    def __init__(self, aws: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self._moto: App = aws._moto
        self.s3 = aws_client("s3")
        self.s3.create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.calls: list[Call] = []
        self.before: Callable[[str, dict[str, Any]], App | None] = lambda what, environ: None
        monkeypatch.setattr(aws, "_moto", self._answer)

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        what = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{environ['QUERY_STRING']}"
        self.calls.append(Call(what, environ.get("HTTP_X_AMZ_EXPECTED_BUCKET_OWNER", "")))
        return (self.before(what, environ) or self._moto)(environ, start_response)

    @property
    def content(self) -> dict[str, bytes]:
        found = self.s3.list_objects_v2(Bucket="logs").get("Contents", [])
        return {item["Key"]: self.s3.get_object(Bucket="logs", Key=item["Key"])["Body"].read() for item in found}


@pytest.fixture
def bucket(aws: AwsServer, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    return Bucket(aws, monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / NAME
    folder.mkdir()
    for name in ("application.log", "console.log", "detailedoutput.json", "document.yaml"):
        (folder / name).write_text(f"this is {name}\n")
    return folder


@pytest.fixture(autouse=True)
def _no_upload_is_left(aws: AwsServer) -> Iterator[None]:
    yield
    join_log_threads()


def not_implemented(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = b"<?xml version='1.0'?><Error><Code>NotImplemented</Code><Message>no</Message></Error>"
    start_response("501 Not Implemented", [("Content-Length", str(len(body)))])
    return [body]


def test_all_files_are_copied_below_prefix_and_folder_name(bucket: Bucket, folder: Path) -> None:
    nested = folder / "fetched" / "deep"
    nested.mkdir(parents=True)
    (nested / "grüße +&.yml").write_bytes(b"\xff\x00")
    (folder / "empty.log").touch()
    assert upload_folder(str(folder), LogBucket("logs", "/builds/today/"), in_time, pytest.fail) == []
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert bucket.content == {
        f"builds/today/{NAME}/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in files
    }
    assert len(files) == 6


@pytest.mark.parametrize(
    ("prefix", "url"),
    [("", f"s3://logs/{NAME}"), ("a/b", f"s3://logs/a/b/{NAME}"), ("/a/", f"s3://logs/a/{NAME}")],
)
def test_the_address_of_a_folder(prefix: str, url: str) -> None:
    assert LogBucket("logs", prefix).url(f"somewhere/{NAME}/") == url


def test_links_hidden_files_and_what_is_no_file_stay_behind(bucket: Bucket, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret")
    (folder / "link.log").symlink_to(tmp_path / "secret")
    (folder / "links").symlink_to(tmp_path, target_is_directory=True)
    (folder / ".cloudwatch-sent.json").write_text("{}")
    os.mkfifo(folder / "fifo")
    assert upload_folder(str(folder), LogBucket("logs"), in_time, pytest.fail) == []
    assert sorted(bucket.content) == [
        f"{NAME}/{name}" for name in ("application.log", "console.log", "detailedoutput.json", "document.yaml")
    ]


def test_the_owner_is_expected_on_every_call_of_a_large_file(bucket: Bucket, folder: Path) -> None:
    large = os.urandom(1024) * 9 * 1024
    (folder / "console.log").write_bytes(large)
    assert upload_folder(str(folder), LogBucket("logs", owner=ACCOUNT), in_time, pytest.fail) == []
    assert {call.owner for call in bucket.calls} == {ACCOUNT}
    assert [call.what.partition("?")[2].partition("=")[0] for call in bucket.calls if "console" in call.what] == [
        "uploads",
        "uploadId",
        "uploadId",
        "uploadId",
    ]
    assert bucket.content[f"{NAME}/console.log"] == large


def test_a_large_file_that_fails_is_aborted_with_the_owner_too(bucket: Bucket, folder: Path) -> None:
    (folder / "console.log").write_bytes(bytes(9 * 2**20))
    bucket.before = lambda what, environ: not_implemented if "partNumber=2" in what else None
    failures = upload_folder(str(folder), LogBucket("logs", owner=ACCOUNT), in_time, pytest.fail)
    assert len(failures) == 1
    assert f"cannot upload to 's3://logs/{NAME}/console.log': NotImplemented: no" in failures[0]
    assert [call.owner for call in bucket.calls if call.what.startswith("DELETE")] == [ACCOUNT]
    assert len(bucket.content) == 3


def test_a_bucket_of_another_owner_gets_nothing(aws: AwsServer, bucket: Bucket, folder: Path) -> None:
    aws.owners["logs"] = OTHER_ACCOUNT
    failures = upload_folder(str(folder), LogBucket("logs", "p", ACCOUNT), in_time, pytest.fail)
    path = folder / "application.log"
    assert failures[0] == (f"cannot upload to 's3://logs/p/{NAME}/application.log': AccessDenied: Access Denied")
    assert failures[3:] == [f"cannot upload 1 more file to 's3://logs/p/{NAME}'"]
    assert bucket.content == {}
    assert path.read_text() == "this is application.log\n"


def test_a_missing_bucket_is_named(aws: AwsServer, folder: Path) -> None:
    failures = upload_folder(str(folder), LogBucket("none"), in_time, pytest.fail)
    assert failures == [
        f"cannot upload to 's3://none/{NAME}/application.log': NoSuchBucket: The specified bucket does not exist; "
        "not tried: 'console.log', 'detailedoutput.json', 'document.yaml'"
    ]


def test_a_folder_that_a_step_removed_is_named(aws: AwsServer, tmp_path: Path) -> None:
    failures = upload_folder(str(tmp_path / NAME), LogBucket("logs"), in_time, pytest.fail)
    assert failures == [f"cannot upload '{tmp_path / NAME}' to 's3://logs/{NAME}': No such file or directory"]


def test_a_file_that_vanishes_does_not_keep_back_the_others(bucket: Bucket, folder: Path) -> None:
    def remove(what: str, environ: dict[str, Any]) -> None:
        (folder / "console.log").unlink(missing_ok=True)

    bucket.before = remove
    failures = upload_folder(str(folder), LogBucket("logs"), in_time, pytest.fail)
    assert failures == [f"cannot upload '{folder / 'console.log'}': No such file or directory"]
    assert len(bucket.content) == 3


def test_a_silent_endpoint_is_given_up_within_the_limit(bucket: Bucket, folder: Path) -> None:
    stuck = Stuck()
    bucket.before = lambda what, environ: stuck if "console.log" in what else None
    failures = upload_folder(str(folder), LogBucket("logs"), lambda: 0.1 if stuck.arrived.is_set() else 60, pytest.fail)
    bucket.before = lambda what, environ: None
    stuck.release()
    assert len(failures) == 1
    assert failures[0].startswith(
        f"cannot upload 'console.log', 'detailedoutput.json', 'document.yaml' to 's3://logs/{NAME}': gave up after 0."
    )


@pytest.mark.parametrize("answer", [silent, dripping])
def test_an_endpoint_that_never_answers_is_given_up_without_anybodys_limit(
    aws: AwsServer, web: FaultServer, folder: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    monkeypatch.setattr("toe.sinks.s3_logs.ANSWER_SECONDS", 0.5)
    monkeypatch.setattr("toe.aws.clients.ATTEMPTS", 1)
    monkeypatch.setenv("AWS_ENDPOINT_URL", web.url)
    for path in folder.iterdir():
        web.answers[f"/logs/{NAME}/{path.name}"] = [answer]
    failures = upload_folder(str(folder), LogBucket("logs"), lambda: float("inf"), pytest.fail)
    assert len(failures) == 1
    assert "gave up after" in failures[0]


def test_big_logs_have_the_time_that_they_need(bucket: Bucket, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the size gives this upload any time at all."""
    monkeypatch.setattr("toe.sinks.s3_logs.ANSWER_SECONDS", 0)
    monkeypatch.setattr("toe.sinks.s3_logs.SLOWEST_BYTES_A_SECOND", 1)
    with (folder / "console.log").open("wb") as file:
        file.truncate(100_000)
    assert upload_folder(str(folder), LogBucket("logs"), in_time, pytest.fail, credentials_seconds=10) == []


def test_nothing_more_is_tried_when_nobody_answers(
    aws: AwsServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toe.aws.clients.ATTEMPTS", 1)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")
        failures = upload_folder(str(folder), LogBucket("logs"), in_time, pytest.fail)
    assert len(failures) == 1
    assert failures[0].startswith(f"cannot upload to 's3://logs/{NAME}/application.log': Could not connect to")
    assert failures[0].endswith("; not tried: 'console.log', 'detailedoutput.json', 'document.yaml'")


def test_credentials_that_never_come_are_named(aws: AwsServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    failures = upload_folder(str(folder), LogBucket("logs"), in_time, pytest.fail, credentials_seconds=0)
    assert len(failures) == 1
    assert "no AWS credentials within 0 s: Unable to locate credentials (set AWS_PROFILE" in failures[0]


def test_credentials_that_come_late_are_waited_for(
    bucket: Bucket, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    file = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setattr("toe.aws.clients._LOOK_SECONDS", 0.01)
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        file.write_text("[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n")

    assert upload_folder(str(folder), LogBucket("logs"), in_time, say) == []
    assert said == ["waiting for AWS credentials, 60 s at most: Unable to locate credentials"]
    assert len(bucket.content) == 4
