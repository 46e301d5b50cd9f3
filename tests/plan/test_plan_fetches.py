"""A plan asks nobody for anything, unless `--fetch` lets it read documents."""

from __future__ import annotations

from pathlib import Path

import pytest
from aws_server import REGION, AwsServer

from toe.aws.clients import aws_client
from toe.cli.main import command_line

INNER = """\
name: Inner
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: FromS3
        action: ExecuteBash
        inputs:
          commands: ["echo '{{ aws:ssm:/some/secret }}'"]
"""
OUTER = """\
name: Outer
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Nest
        action: ExecuteDocument
        inputs: {document: 's3://parts/inner.yml'}
"""


@pytest.fixture
def parts(aws: AwsServer) -> AwsServer:
    s3 = aws_client("s3")
    s3.create_bucket(Bucket="parts", CreateBucketConfiguration={"LocationConstraint": REGION})
    for name, text in (("inner", INNER), ("outer", OUTER)):
        s3.put_object(Bucket="parts", Key=f"{name}.yml", Body=text.encode())
    Path("outer.yml").write_text(OUTER)
    return aws


def test_nothing_is_asked_for(parts: AwsServer, capfd: pytest.CaptureFixture[str]) -> None:
    asked = len(parts.requests)
    assert command_line(["plan", "outer.yml"]) == 0
    assert "not planned: s3://parts/inner.yml: not fetched" in " ".join(capfd.readouterr().out.split())
    assert command_line(["plan", "s3://parts/outer.yml"]) == 2
    assert "--fetch lets it fetch" in capfd.readouterr().err
    assert len(parts.requests) == asked


@pytest.mark.parametrize("outer", ["outer.yml", "s3://parts/outer.yml"])
def test_documents_are_read_where_that_is_allowed_and_values_stay_names(
    outer: str, parts: AwsServer, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = len(parts.requests)
    assert command_line(["run", outer, "--dry-run", "--fetch"]) == 0
    out = capfd.readouterr().out
    assert "1. FromS3 (ExecuteBash)" in out
    assert "echo '{{ aws:ssm:/some/secret }}'" in out
    assert not [request for request in parts.requests[asked:] if "ssm" in str(request).lower()]
