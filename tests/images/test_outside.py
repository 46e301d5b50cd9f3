"""What a component takes from outside: identities that are parts of its key, or reasons not to cache it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from aws_server import AwsServer
from fault_server import FaultServer, whole

from toe.actions import ActionTable
from toe.aws.clients import aws_client
from toe.check.reading import DocumentReader
from toe.engine.plan import plan_document
from toe.images.identities import OutsideIdentities
from toe.images.outside import Outside
from toe.session.prepare import load
from toe.system.cancellation import Cancellation

pytest_plugins = ["fault_fixtures"]

HEAD = """\
schemaVersion: 1.0
parameters:
  - Version: {type: string, default: '1.2'}
  - Which: {type: string, default: /app/key}
phases:
  - name: build
    steps:
"""
STEP = "      - {name: One, action: ExecuteBash, inputs: {commands: ['%s']}}\n"
ENVIRONMENT = {"HTTP_HOST": "a.example", "API_TOKEN": "s3cret-value"}


def outside_of(text: str, environment: dict[str, str] = ENVIRONMENT, **given: str) -> Outside:
    Path("doc.yml").write_text(text)
    reader = DocumentReader()
    document = load("doc.yml", ActionTable(()), reader)
    found = Outside(environment, OutsideIdentities(environment, Cancellation()), reader)
    found.look(plan_document(document, ("build", "validate"), given))
    return found


def step(script: str) -> str:
    return HEAD + STEP % script


def download(action: str, source: str, more: str = "") -> str:
    inputs = f"[{{source: '{source}', destination: /tmp/a{more}}}]"
    return HEAD + f"      - {{name: Get, action: {action}, inputs: {inputs}}}\n"


def test_a_plain_document_takes_nothing() -> None:
    found = outside_of(step("echo {{ Version }}"))
    assert (found.parts, list(found.uncacheable)) == ({}, [])


def test_the_environment_counts_by_value_and_a_secret_by_its_digest() -> None:
    found = outside_of(step("echo {{ env:HTTP_HOST }} {{ env:API_TOKEN }} {{ env:PATH }}"))
    assert found.parts["env:HTTP_HOST"] == "a.example"
    assert found.parts["env:PATH"] == "(of the image)"
    assert found.parts["env:API_TOKEN"].startswith("pbkdf2:")
    other = outside_of(step("echo {{ env:API_TOKEN }}"), {"API_TOKEN": "another"})
    assert other.parts["env:API_TOKEN"] != found.parts["env:API_TOKEN"]


@pytest.mark.parametrize(
    "expression",
    ["context:date", "context:dateTime", "context:uuid", "context:executionId", "context:hostname", "aws:imds:ami-id"],
)
def test_what_differs_in_each_build_is_not_cached(expression: str) -> None:
    (why,) = outside_of(step(f"echo {{{{ {expression} }}}}")).uncacheable
    assert why.startswith(f"{{{{ {expression} }}}} is ")


def test_conditions_and_loops_are_looked_at_too() -> None:
    found = outside_of(
        HEAD + "      - name: One\n        action: ExecuteBash\n"
        "        if: {stringEquals: '{{ context:uuid }}', value: a}\n"
        "        loop: {forEach: ['{{ context:date }}']}\n        inputs: {commands: [echo]}\n"
    )
    assert len(found.uncacheable) == 2


def test_phases_that_are_not_built_play_no_role() -> None:
    text = step("echo") + "  - name: test\n    steps:\n" + STEP % "echo {{ context:date }}"
    assert not outside_of(text).uncacheable


def test_a_parameter_of_systems_manager_counts_by_its_version(aws: AwsServer) -> None:
    text = step("echo {{ aws:ssm:/app/key }} {{ aws:ssm:resolve(Which) }}")
    assert len(outside_of(text, dict(_aws_environment())).uncacheable) == 2
    ssm: Any = aws_client("ssm")
    ssm.put_parameter(Name="/app/key", Value="first-secret", Type="SecureString")
    first = outside_of(text, dict(_aws_environment()))
    assert not first.uncacheable
    assert first.parts["aws:ssm:/app/key"] == first.parts["aws:ssm:resolve(Which)"]
    assert first.parts["aws:ssm:/app/key"].startswith("version 1 of ")
    ssm.put_parameter(Name="/app/key", Value="second-secret", Type="SecureString", Overwrite=True)
    second = outside_of(text, dict(_aws_environment()))
    assert second.parts["aws:ssm:/app/key"].startswith("version 2 of ")


def test_objects_of_s3_count_by_their_etag(aws: AwsServer) -> None:
    s3: Any = aws_client("s3")
    s3.create_bucket(Bucket="parts", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    found = []
    for body in (b"one", b"two"):
        s3.put_object(Bucket="parts", Key="dir/a.zip", Body=body)
        one = outside_of(download("S3Download", "s3://parts/dir/a.zip"), dict(_aws_environment()))
        below = outside_of(download("S3Download", "s3://parts/dir/*"), dict(_aws_environment()))
        assert not one.uncacheable
        assert not below.uncacheable
        found.append({**one.parts, **below.parts})
    assert found[0].keys() == found[1].keys() == {"s3://parts/dir/a.zip", "s3://parts/dir/*"}
    assert not set(found[0].values()) & set(found[1].values())
    (why,) = outside_of(download("S3Download", "s3://parts/gone"), dict(_aws_environment())).uncacheable
    assert "s3://parts/gone" in why


def test_a_file_of_the_web_counts_by_its_checksum_or_its_etag(web: FaultServer) -> None:
    web.answers["/1.2/a"] = [whole(b"data", ETag='"e1"')]
    web.answers["/weak"] = [whole(b"data", ETag='W/"e1"')]
    found = outside_of(download("WebDownload", f"{web.url}/{{{{ Version }}}}/a"))
    assert found.parts == {f"{web.url}/1.2/a": 'ETag "e1"'}
    (why,) = outside_of(download("WebDownload", f"{web.url}/weak")).uncacheable
    assert "no strong ETag" in why
    checked = outside_of(download("WebDownload", f"{web.url}/weak", f", algorithm: SHA256, checksum: {'0' * 64}"))
    assert (checked.parts, list(checked.uncacheable)) == ({}, [])


def test_what_is_downloaded_may_be_known_only_at_run_time() -> None:
    (why,) = outside_of(download("WebDownload", "https://127.0.0.1/{{ build.One.outputs.stdout }}")).uncacheable
    assert why == "what step Get downloads is known only when it runs"


NESTED = (
    "      - {name: More, action: ExecuteDocument, "
    "inputs: {document: '%s', parameters: [{name: Version, value: '%s'}]}}\n"
)


def test_nested_documents_are_parts_and_are_looked_into() -> None:
    Path("inner.yml").write_text(step("echo {{ env:HTTP_HOST }} {{ context:uuid }}"))
    found = outside_of(HEAD + NESTED % ("inner.yml", "3"))
    assert found.parts.keys() == {"nested inner.yml", "env:HTTP_HOST"}
    assert list(found.uncacheable) == ["{{ context:uuid }} is another one in each build"]


def test_parameters_of_nested_documents_may_be_known_only_at_run_time(web: FaultServer) -> None:
    Path("inner.yml").write_text(download("WebDownload", f"{web.url}/{{{{ Version }}}}"))
    (why,) = outside_of(HEAD + NESTED % ("inner.yml", "{{ build.One.outputs.stdout }}")).uncacheable
    assert why == "what step Get downloads is known only when it runs"


@pytest.mark.parametrize("path", ["{{ build.One.outputs.stdout }}", "not-there.yml"])
def test_a_nested_document_that_cannot_be_known_is_not_cached(path: str) -> None:
    assert len(outside_of(HEAD + NESTED % (path, "3")).uncacheable) == 1


def _aws_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
