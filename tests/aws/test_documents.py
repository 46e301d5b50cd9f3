from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import pytest
from aws_server import ACCOUNT, OTHER_ACCOUNT, REGION, AwsServer
from fault_server import FaultServer, raw
from image_builder import ImageBuilder

from toe.aws.clients import aws_client
from toe.aws.documents import Fetched, fetch, kept_name
from toe.errors import DocumentError

pytest_plugins = ("fault_fixtures",)

LIMIT = 1024 * 1024
DOCUMENT = "name: hello\nschemaVersion: 1.0\n"
HELLO = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT}:component/hello"
MANAGED = f"arn:aws:imagebuilder:{REGION}:aws:component/update-linux"


@cache
def s3() -> Any:
    """One client for all tests: the server is the same, and making one takes longer than a test."""
    return aws_client("s3", region=REGION)


@pytest.fixture
def image_builder(aws: AwsServer) -> ImageBuilder:
    builder = ImageBuilder(aws)
    for version in ("1.9.0/1", "1.10.0/9", "1.10.0/10", "1.2.0/1", "2.0.0/1"):
        builder.add(f"{HELLO}/{version}", f"{DOCUMENT}# {version}\n")
    builder.add(f"{MANAGED}/1.0.2/1", "# managed\n")
    return builder


@pytest.fixture
def bucket(aws: AwsServer) -> str:
    s3().create_bucket(Bucket="parts", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3().put_object(Bucket="parts", Key="folder/main.yml", Body=DOCUMENT.encode())
    return "parts"


def read(address: str, *, owner: str = "", environment: Mapping[str, str] | None = None) -> Fetched:
    return fetch(address, bucket_owner=owner, environment=environment or {}, size_limit=LIMIT)


def refusal(address: str, *, owner: str = "") -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        read(address, owner=owner)
    assert caught.value.message.startswith(f"{address}: ")
    return caught.value


def test_an_object_is_read(bucket: str) -> None:
    for owner in ("", ACCOUNT):
        assert read("s3://parts/folder/main.yml", owner=owner) == (DOCUMENT.encode(), "s3://parts/folder/main.yml")


def test_a_bucket_of_another_owner_is_refused_and_both_are_named(aws: AwsServer, bucket: str) -> None:
    aws.owners["parts"] = OTHER_ACCOUNT
    error = refusal("s3://parts/folder/main.yml", owner=ACCOUNT)
    assert "AccessDenied" in error.message
    assert f"the bucket 'parts' must belong to the account '{ACCOUNT}'" in error.hint


def test_what_does_not_exist_is_named(bucket: str) -> None:
    assert "NoSuchKey" in refusal("s3://parts/none.yml").message
    assert "NoSuchBucket" in refusal("s3://no-such-bucket-1/a.yml").message


def test_a_key_with_documents_below_it_is_no_document(bucket: str) -> None:
    error = refusal("s3://parts/folder")
    assert "NoSuchKey" in error.message
    assert error.hint == "there are objects below it: name one of them, a document"
    assert refusal("s3://parts/fold").hint == ""


@pytest.mark.parametrize("address", ["s3://parts", "s3://parts/", "s3:///key", "s3://parts/folder/"])
def test_a_bucket_or_a_folder_is_no_document(aws: AwsServer, address: str) -> None:
    assert "no address of a document" in refusal(address).message
    assert aws.requests == []


def test_an_impossible_bucket_name_is_an_error(aws: AwsServer) -> None:
    assert "Invalid bucket name" in refusal("s3://a b/key").message


def test_the_largest_document_is_read_and_a_larger_one_refused(aws: AwsServer, bucket: str) -> None:
    s3().put_object(Bucket=bucket, Key="full", Body=b"x" * LIMIT)
    s3().put_object(Bucket=bucket, Key="over", Body=b"x" * (LIMIT + 1))
    assert len(read("s3://parts/full").data) == LIMIT
    assert "larger than 1 MiB" in refusal("s3://parts/over").message


def test_an_answer_that_breaks_off_is_an_error(aws: AwsServer) -> None:
    def break_off(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "100")])
        return [b"name: half"]

    aws.routes["/parts/half.yml"] = break_off
    assert "10 read, but total bytes expected is 100" in refusal("s3://parts/half.yml").message


def test_missing_credentials_say_so(aws: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    error = refusal("s3://parts/main.yml")
    assert "Unable to locate credentials" in error.message
    assert "AWS_PROFILE" in error.hint


def test_a_component_is_read_by_its_complete_arn(image_builder: ImageBuilder) -> None:
    assert read(f"{HELLO}/1.10.0/9") == (f"{DOCUMENT}# 1.10.0/9\n".encode(), f"{HELLO}/1.10.0/9")
    assert read(f"{MANAGED}/1.0.2/1").data == b"# managed\n"


@pytest.mark.parametrize(("version", "newest"), [("1.x.x", "1.10.0/10"), ("1.10.0", "1.10.0/10")])
def test_an_open_version_is_resolved_by_get_component_alone(
    image_builder: ImageBuilder, version: str, newest: str
) -> None:
    image_builder.denied = {"ListComponents", "ListComponentBuildVersions"}
    assert read(f"{HELLO}/{version}").address == f"{HELLO}/{newest}"
    assert image_builder.calls == ["GetComponent"]


@pytest.mark.parametrize(
    ("version", "newest"), [("x.x.x", "2.0.0/1"), ("1.x.x", "1.10.0/10"), ("1.9.x", "1.9.0/1"), ("1.10.0", "1.10.0/10")]
)
def test_an_open_version_is_looked_up_where_the_service_wants_complete_arns(
    image_builder: ImageBuilder, version: str, newest: str
) -> None:
    image_builder.complete_arns_only = True
    assert read(f"{HELLO}/{version}") == (f"{DOCUMENT}# {newest}\n".encode(), f"{HELLO}/{newest}")


def test_a_managed_component_is_looked_up_among_those_of_amazon(image_builder: ImageBuilder) -> None:
    image_builder.complete_arns_only = True
    assert read(f"{MANAGED}/x.x.x").address == f"{MANAGED}/1.0.2/1"


def test_the_refusal_is_told_when_versions_may_not_be_listed(image_builder: ImageBuilder) -> None:
    image_builder.complete_arns_only = True
    image_builder.denied = {"ListComponents"}
    assert "InvalidParameterValueException" in refusal(f"{HELLO}/x.x.x").message


def test_a_version_that_does_not_exist_names_those_that_do(image_builder: ImageBuilder) -> None:
    error = refusal(f"{HELLO}/3.x.x")
    assert "no version of the component 'hello' matches '3.x.x'" in error.message
    assert error.hint == "there are: 1.2.0, 1.9.0, 1.10.0, 2.0.0"
    assert "no component of that name" in refusal(f"{HELLO}-world/x.x.x").hint


def test_a_build_that_does_not_exist_is_an_error(image_builder: ImageBuilder) -> None:
    assert "ResourceNotFoundException" in refusal(f"{HELLO}/1.9.0/7").message
    assert "ResourceNotFoundException" in refusal(f"{HELLO}/1.9.1").message


def test_denied_access_is_not_worked_around(image_builder: ImageBuilder) -> None:
    image_builder.denied = {"GetComponent"}
    assert "AccessDeniedException" in refusal(f"{HELLO}/x.x.x").message
    assert image_builder.calls == ["GetComponent"]


def test_a_component_without_a_document_says_why(image_builder: ImageBuilder) -> None:
    image_builder.add(f"{HELLO}-hidden/1.0.0/1", "", obfuscate=True)
    image_builder.add(f"{HELLO}-empty/1.0.0/1", "")
    assert "its owner hides it" in refusal(f"{HELLO}-hidden/1.0.0/1").message
    assert "sends none" in refusal(f"{HELLO}-empty/1.0.0/1").message


def test_a_component_that_is_too_large_is_refused(image_builder: ImageBuilder) -> None:
    image_builder.add(f"{HELLO}-large/1.0.0/1", "x" * (LIMIT + 1))
    assert "larger than 1 MiB" in refusal(f"{HELLO}-large/1.0.0/1").message


def test_a_component_is_asked_for_in_the_region_of_its_arn(image_builder: ImageBuilder) -> None:
    elsewhere = HELLO.replace(REGION, "ap-south-1")
    image_builder.add(f"{elsewhere}/1.0.0/1", "# there\n")
    assert read(f"{elsewhere}/1.0.0/1").data == b"# there\n"
    assert image_builder.regions == {"ap-south-1"}


def test_the_endpoint_of_image_builder_can_be_named(
    aws: AwsServer, image_builder: ImageBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    image_builder.complete_arns_only = True
    found = read(f"{HELLO}/1.x.x", environment={"AWSTOE_IMAGEBUILDER_ENDPOINT": f"{aws.url}/"})
    assert found.address == f"{HELLO}/1.10.0/10"


@pytest.mark.parametrize(
    "address",
    [
        "arn:aws:s3:::bucket/key",
        f"arn:aws:imagebuilder:{REGION}:aws:image/amazon-linux-2/x.x.x",
        f"{HELLO}/1.x.0",
        "https://example.com/a.yml",
        "main.yml",
    ],
)
def test_another_address_shows_the_forms_that_there_are(address: str) -> None:
    error = refusal(address)
    assert "no address of a document" in error.message
    assert "s3://bucket/key or arn:aws:imagebuilder:" in error.hint


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("folder/main.yml", "main.yml"),
        ("s3://bucket/folder/main.yml", "main.yml"),
        ("s3://bucket/key?a#b", "key_a_b"),
        (f"{HELLO}/1.10.0/9", "hello-1.10.0-9.yml"),
        (f"{HELLO}/x.x.x", "hello-x.x.x.yml"),
        ("https://example.com/docs/main.yml?token=a/b", "main.yml"),
        ("https://example.com/", "example.com"),
        ("s3://bucket/..", "document.yml"),
        ("s3://bucket/a\x00\n:b", "a___b"),
        (f"s3://bucket/{'n' * 300}.yml", f"{'n' * 196}.yml"),
    ],
)
def test_a_document_is_kept_under_a_name_that_any_folder_takes(address: str, name: str) -> None:
    assert kept_name(address) == name


def test_an_object_whose_length_is_not_said_is_refused(
    bucket: str, web: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been cut off: the end of a connection, also of one by TLS, proves nothing."""
    web.answers["/parts/folder/main.yml"] = [raw(b'HTTP/1.1 200 OK\r\nETag: "x"\r\n\r\nschemaVersion: 1.0')]
    monkeypatch.setenv("AWS_ENDPOINT_URL", web.url)
    assert "GetObject: the answer does not say how long the object is" in refusal("s3://parts/folder/main.yml").message
