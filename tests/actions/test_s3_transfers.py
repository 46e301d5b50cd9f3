"""S3Download and S3Upload in whole runs, against an S3 on loopback."""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_server import ACCOUNT, OTHER_ACCOUNT, REGION, AwsServer
from fault_server import FaultServer, raw
from local_actions import Actions
from moto.backends import get_backend

import toe
from tests.conftest import RunDocument
from toe.aws.clients import aws_client

pytest_plugins = ("fault_fixtures",)

MIB = 1 << 20
EXISTS = (
    'S3Download: File already exists and "overwrite" property for "destination" file is set to false. Cannot download.'
)


@pytest.fixture
def s3(aws: AwsServer) -> Any:
    """A client, and the bucket `parts`."""
    client = aws_client("s3")
    client.create_bucket(Bucket="parts", CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


def put(s3: Any, objects: dict[str, bytes]) -> None:
    for key, data in objects.items():
        s3.put_object(Bucket="parts", Key=key, Body=data)


def got(s3: Any, key: str) -> bytes:
    data: bytes = s3.get_object(Bucket="parts", Key=key)["Body"].read()
    return data


def transfer(run_document: RunDocument, action: str, **inputs: object) -> str:
    """Run one step; the message of its failure, "" for a success."""
    step = {"name": "One", "action": action, "inputs": [inputs]}
    document = {"schemaVersion": "1.0", "phases": [{"name": "build", "steps": [step]}]}
    (result,) = run_document(json.dumps(document)).documents[0].phases[0].steps
    assert (result.failure is None) is (result.status is toe.Status.SUCCESS)
    return result.failure.message if result.failure else ""


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_an_object_is_downloaded_with_its_missing_folders(s3: Any, run_document: RunDocument) -> None:
    put(s3, {"a/tool.tgz": b"data"})
    assert transfer(run_document, "S3Download", source="s3://parts/a/tool.tgz", destination="new/er/tool.tgz") == ""
    assert Path("new/er/tool.tgz").read_bytes() == b"data"
    assert [path.name for path in Path("new/er").iterdir()] == ["tool.tgz"]


def test_an_object_goes_into_a_folder_under_its_own_name(s3: Any, run_document: RunDocument) -> None:
    put(s3, {"a/tool.tgz": b"data"})
    assert transfer(run_document, "S3Download", source="s3://parts/a/tool.tgz", destination="down/") == ""
    assert Path("down/tool.tgz").read_bytes() == b"data"


def test_a_large_object_arrives_in_parts(s3: Any, aws: AwsServer, run_document: RunDocument) -> None:
    data = os.urandom(20 * MIB + 5)
    put(s3, {"large": data})
    aws.requests.clear()
    assert transfer(run_document, "S3Download", source="s3://parts/large", destination="large") == ""
    assert Path("large").read_bytes() == data
    assert sum(request.startswith("GET /parts/large") for request in aws.requests) == 3


def test_a_prefix_is_downloaded_whole_with_relative_keys(
    s3: Any, run_document: RunDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 lists 1,000 keys at a time; the server here 50, so that a few keys take three answers."""
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "50")
    store = get_backend("s3")[ACCOUNT]["aws"]
    for number in range(110):
        store.put_object("parts", f"set/{number % 7}/{number}", str(number).encode())
    put(s3, {"set/empty/": b"", "other": b"x"})
    assert transfer(run_document, "S3Download", source="s3://parts/set/*", destination="down") == ""
    found = files_in(Path("down"))
    assert found == {f"{number % 7}/{number}": str(number).encode() for number in range(110)}
    assert Path("down/empty").is_dir()


def test_an_existing_file_is_kept_without_overwrite(s3: Any, run_document: RunDocument) -> None:
    put(s3, {"a": b"new"})
    Path("a").write_bytes(b"old")
    source = {"source": "s3://parts/a", "destination": "a"}
    assert transfer(run_document, "S3Download", **source, overwrite=False) == EXISTS
    assert Path("a").read_bytes() == b"old"
    os.chmod("a", 0o640)
    assert transfer(run_document, "S3Download", **source) == ""
    assert Path("a").read_bytes() == b"new"
    assert stat.S_IMODE(os.stat("a").st_mode) == 0o640


@pytest.mark.parametrize("key", ["set/../../evil", "set//etc/evil", "set/a/../../../evil"])
def test_no_key_leaves_the_destination(s3: Any, run_document: RunDocument, key: str, tmp_path: Path) -> None:
    put(s3, {key: b"evil", "set/good": b"good"})
    said = transfer(run_document, "S3Download", source="s3://parts/set/*", destination="down")
    assert key in said
    assert not list(tmp_path.rglob("evil"))
    assert not Path("down/good").exists()


def test_no_link_leads_out_of_the_destination(s3: Any, run_document: RunDocument) -> None:
    put(s3, {"set/link/file": b"evil"})
    Path("outside").mkdir()
    Path("down").mkdir()
    Path("down/link").symlink_to("../outside")
    assert "leads out of the destination" in transfer(
        run_document, "S3Download", source="s3://parts/set/*", destination="down"
    )
    assert files_in(Path("outside")) == {}


def test_keys_that_need_the_same_path_are_refused_before_anything_is_fetched(
    s3: Any, run_document: RunDocument
) -> None:
    put(s3, {"set/a": b"file", "set/a/b": b"folder", "set/c": b"x"})
    said = transfer(run_document, "S3Download", source="s3://parts/set/*", destination="down")
    assert "s3://parts/set/a" in said
    assert not Path("down/c").exists()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("s3://parts/none", "cannot download 's3://parts/none': "),
        ("s3://parts/none/*", "there is no object below 's3://parts/none/'"),
        ("s3://nowhere/a", "NoSuchBucket"),
    ],
)
def test_what_is_not_there_is_named(s3: Any, run_document: RunDocument, source: str, said: str) -> None:
    assert said in transfer(run_document, "S3Download", source=source, destination="down")
    assert not Path("down").exists()


def test_a_key_that_has_objects_below_it_is_told_from_one_that_has_none(s3: Any, run_document: RunDocument) -> None:
    put(s3, {"set/a": b"x", "settings": b"y"})
    said = transfer(run_document, "S3Download", source="s3://parts/set", destination="down")
    assert "; there are objects below it: write 's3://parts/set/*' for all of them" in said
    assert "below it" not in transfer(run_document, "S3Download", source="s3://parts/se", destination="down")


def test_a_bucket_of_another_owner_is_refused_on_every_call(s3: Any, aws: AwsServer, run_document: RunDocument) -> None:
    put(s3, {"a": b"x", "set/b": b"y"})
    aws.owners["parts"] = OTHER_ACCOUNT
    Path("file").write_bytes(b"z")
    owner = {"expectedBucketOwner": ACCOUNT}
    for said in (
        transfer(run_document, "S3Download", source="s3://parts/a", destination="down", **owner),
        transfer(run_document, "S3Download", source="s3://parts/set/*", destination="down", **owner),
        transfer(run_document, "S3Upload", source="file", destination="s3://parts/up", **owner),
    ):
        assert "s3://parts/" in said
        assert "AccessDenied" in said
    assert not Path("down").exists()


def test_a_refusal_may_mean_that_there_is_no_such_object(s3: Any, aws: AwsServer, run_document: RunDocument) -> None:
    aws.owners["parts"] = OTHER_ACCOUNT
    said = transfer(run_document, "S3Download", source="s3://parts/a", destination="down", expectedBucketOwner=ACCOUNT)
    assert "; an object that does not exist gets this answer too, unless s3:ListBucket is allowed" in said


def test_an_endpoint_that_is_down_is_a_bounded_failure(
    s3: Any, run_document: RunDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    said = transfer(run_document, "S3Download", source="s3://parts/a", destination="down")
    assert "s3://parts/a" in said
    assert "127.0.0.1:1" in said


def test_a_file_is_uploaded_with_its_media_type(s3: Any, run_document: RunDocument) -> None:
    Path("report.json").write_text("{}")
    assert transfer(run_document, "S3Upload", source="report.json", destination="s3://parts/up/") == ""
    assert transfer(run_document, "S3Upload", source="report.json", destination="s3://parts/other") == ""
    assert got(s3, "up/report.json") == got(s3, "other") == b"{}"
    assert s3.head_object(Bucket="parts", Key="up/report.json")["ContentType"] == "application/json"


def test_a_large_file_is_uploaded_in_parts(s3: Any, run_document: RunDocument) -> None:
    data = os.urandom(17 * MIB)
    Path("large").write_bytes(data)
    assert transfer(run_document, "S3Upload", source="large", destination="s3://parts/large") == ""
    assert got(s3, "large") == data
    assert s3.head_object(Bucket="parts", Key="large")["ETag"].endswith('-3"')


def test_transfers_tell_how_far_they_are(s3: Any, act: Actions) -> None:
    size = 20 * MIB + 3
    Path("large").write_bytes(bytes(size))
    act("S3Upload", source="large", destination="s3://parts/set/large")
    sent, act.ctx.progressed = act.ctx.progressed, []
    act("S3Download", source="s3://parts/set/*", destination="down")
    for told in (sent, act.ctx.progressed):
        assert told == sorted(told)
        assert told[-1] == (size, size)


def test_a_folder_and_a_wildcard_are_uploaded(s3: Any, run_document: RunDocument) -> None:
    for name in ("a.txt", "b.log", "deep/c.txt"):
        path = Path("tree", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    assert transfer(run_document, "S3Upload", source="tree", destination="s3://parts/flat/") == ""
    assert transfer(run_document, "S3Upload", source="tree", destination="s3://parts/all", recurse=True) == ""
    assert transfer(run_document, "S3Upload", source="tree/*.txt", destination="s3://parts/some/") == ""
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="parts")["Contents"]]
    assert keys == ["all/a.txt", "all/b.log", "all/deep/c.txt", "flat/a.txt", "flat/b.log", "some/a.txt"]


def test_files_that_fail_are_named_and_the_others_are_uploaded(s3: Any, run_document: RunDocument) -> None:
    Path("tree").mkdir()
    Path("tree/good").write_text("good")
    os.mkfifo("tree/pipe")
    said = transfer(run_document, "S3Upload", source="tree", destination="s3://parts/up/")
    assert "1 of 2 files failed to upload" in said
    assert "tree/pipe" in said
    assert got(s3, "up/good") == b"good"


def test_nothing_to_upload_is_a_failure(s3: Any, run_document: RunDocument) -> None:
    assert "no file matches" in transfer(run_document, "S3Upload", source="none*", destination="s3://parts/up/")
    assert "no such file" in transfer(run_document, "S3Upload", source="none", destination="s3://parts/up/")


class Truncated:
    """A WSGI application that breaks off in the middle of an object, `times` times; then it gives all of it."""

    def __init__(self, data: bytes, times: int) -> None:
        self.data = data
        self.times = times

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        headers = [("Content-Length", str(len(self.data))), ("ETag", '"1"')]
        start_response("200 OK", headers)
        if environ["REQUEST_METHOD"] == "GET":
            self.times -= 1
            yield self.data[: len(self.data) // 2] if self.times >= 0 else self.data


def test_a_download_that_breaks_off_is_made_again(s3: Any, aws: AwsServer, run_document: RunDocument) -> None:
    data = os.urandom(300_000)
    aws.routes["/parts/a"] = Truncated(data, times=2)
    assert transfer(run_document, "S3Download", source="s3://parts/a", destination="down") == ""
    assert Path("down").read_bytes() == data


def test_an_object_that_never_comes_whole_leaves_the_destination_alone(
    s3: Any, aws: AwsServer, run_document: RunDocument
) -> None:
    aws.routes["/parts/a"] = Truncated(os.urandom(300_000), times=99)
    Path("folder").mkdir()
    Path("folder/down").write_bytes(b"old")
    said = transfer(run_document, "S3Download", source="s3://parts/a", destination="folder/down")
    assert "cannot download 's3://parts/a'" in said
    assert files_in(Path("folder")) == {"down": b"old"}


def test_a_stopped_download_leaves_nothing_behind(s3: Any, aws: AwsServer, tmp_path: Path) -> None:
    stop, release = toe.Cancellation(), threading.Event()

    def endless(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Length", str(2 * MIB)), ("ETag", '"1"')])
        if environ["REQUEST_METHOD"] == "GET":
            yield bytes(MIB)
            stop.cancel()
            release.wait(30)

    aws.routes["/parts/a"] = endless
    step = {"name": "One", "action": "S3Download", "inputs": {"source": "s3://parts/a", "destination": "f/down"}}
    Path("doc.yml").write_text(json.dumps({"schemaVersion": "1.0", "phases": [{"name": "build", "steps": [step]}]}))
    result = toe.run("doc.yml", log_directory=None, cancellation=stop)
    release.set()
    assert "interrupted" in result.failure_message
    assert files_in(Path("f")) == {}
    stop.close()


@pytest.mark.parametrize("sized", ["", "Content-Length: 4\r\n"])
def test_an_object_whose_length_is_not_said_is_refused(
    s3: Any, run_document: RunDocument, web: FaultServer, monkeypatch: pytest.MonkeyPatch, sized: str
) -> None:
    """It may have been cut off: the end of a connection, also of one by TLS, proves nothing."""
    head, body = (f'HTTP/1.1 200 OK\r\nETag: "x"\r\n{length}\r\n'.encode() for length in (sized, ""))
    web.answers["/parts/a"] = [raw(head), raw(body + b"data")]
    monkeypatch.setenv("AWS_ENDPOINT_URL", web.url)
    failure = transfer(run_document, "S3Download", source="s3://parts/a", destination="a")
    assert "s3://parts/a': the answer does not say how long the object is" in failure
    assert not Path("a").exists()
