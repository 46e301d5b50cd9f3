from __future__ import annotations

import select
import socket

import pytest
from aws_server import OTHER_ACCOUNT, AwsServer

from toe.aws.clients import AwsError, aws_client, aws_faults


def test_a_client_speaks_to_the_endpoint_of_the_environment(aws: AwsServer) -> None:
    s3 = aws_client("s3")
    s3.create_bucket(Bucket="parts", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="parts", Key="a", Body=b"x")
    assert s3.get_object(Bucket="parts", Key="a")["Body"].read() == b"x"


def test_an_error_names_what_was_wanted_and_the_cause(aws: AwsServer) -> None:
    with (
        pytest.raises(AwsError, match=r"cannot read 's3://none/a': NoSuchBucket: "),
        aws_faults("cannot read 's3://none/a'"),
    ):
        aws_client("s3").get_object(Bucket="none", Key="a")


def test_a_bucket_of_another_owner_is_refused(aws: AwsServer) -> None:
    s3 = aws_client("s3")
    s3.create_bucket(Bucket="theirs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws.owners["theirs"] = OTHER_ACCOUNT
    with pytest.raises(AwsError, match="AccessDenied"), aws_faults("x"):
        s3.put_object(Bucket="theirs", Key="a", Body=b"x", ExpectedBucketOwner="123456789012")


def test_missing_credentials_say_so(aws: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(AwsError) as caught, aws_faults("cannot read"):
        aws_client("ssm").get_parameter(Name="/x")
    assert "credentials" in caught.value.message
    assert "AWS_PROFILE" in caught.value.hint


def test_a_metadata_service_that_never_answers_is_asked_once(aws: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.delenv(name)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(AwsError, match="there are no credentials") as caught, aws_faults("cannot read"):
            aws_client("ssm").get_parameter(Name="/x")
        silent.accept()[0].close()
        assert select.select([silent], [], [], 0)[0] == [], "it was asked a second time"
    assert "AWS_PROFILE" in caught.value.hint
