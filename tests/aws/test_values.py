from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any

import pytest
from aws_server import ACCOUNT, REGION, App, AwsServer
from imds_server import IDENTITY_DOCUMENT, ImdsServer

from toe.aws.clients import aws_client
from toe.aws.values import AwsValues
from toe.errors import ActionError
from toe.expressions.execution_values import RemoteValues

CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")


@pytest.fixture
def imds() -> Iterator[ImdsServer]:
    server = ImdsServer()
    server.values = {
        "meta-data/instance-id": "i-0123456789abcdef0",
        "meta-data/placement/region": "ap-south-1",
        IDENTITY_DOCUMENT: '{"accountId": "210987654321"}',
    }
    yield server
    server.close()


@pytest.fixture
def without_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] in ("boto3", "botocore")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("boto3", "botocore"):
        monkeypatch.setitem(sys.modules, name, None)


def ignore(value: str, name: str) -> None:
    """No secret of these tests needs a mask."""


def unset(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for name in names:
        monkeypatch.delenv(name)


@cache
def ssm() -> Any:
    """One client for all tests: the server is the same, and making one takes longer than a test."""
    return aws_client("ssm", region=REGION)


def put(*parameters: tuple[str, str, str]) -> None:
    """Store parameters: type, name and value of each."""
    for kind, name, value in parameters:
        ssm().put_parameter(Name=name, Value=value, Type=kind)


def answering(status: str, body: bytes) -> App:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(f"{status} Error", [("Content-Length", str(len(body)))])
        return [body]

    return app


def calls(aws: AwsServer) -> int:
    return len(aws.requests)


def test_parameters_of_each_type_are_read(aws: AwsServer) -> None:
    put(
        ("String", "/app/version", "1.10"),
        ("StringList", "/app/hosts", "a,b c"),
        ("SecureString", "/app/password", "hunter,2"),
    )
    values: RemoteValues = AwsValues(ignore)
    assert values.ssm("/app/version") == "1.10"
    assert values.ssm("/app/hosts") == ("a", "b c")
    assert values.ssm("/app/password") == "hunter,2"


def test_a_secret_is_told_before_it_is_returned_and_once(aws: AwsServer) -> None:
    aws_client("secretsmanager", region=REGION).create_secret(Name="db/main", SecretString='{"user": "u"}')
    put(("SecureString", "/app/password", "hunter2"), ("String", "/app/version", "1.10"))
    told: list[tuple[str, str]] = []
    values = AwsValues(lambda value, name: told.append((value, name)))
    for path in ("/app/version", "/app/password", "/app/password", "/aws/reference/secretsmanager/db/main"):
        values.ssm(path)
    assert told == [("hunter2", "/app/password"), ('{"user": "u"}', "/aws/reference/secretsmanager/db/main")]


def test_a_secret_that_cannot_be_masked_is_not_given_out(aws: AwsServer) -> None:
    def fail(value: str, name: str) -> None:
        raise RuntimeError("no masks")

    put(("SecureString", "/app/password", "hunter2"))
    values = AwsValues(fail)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            values.ssm("/app/password")


def test_each_value_is_fetched_once(aws: AwsServer, imds: ImdsServer) -> None:
    put(("String", "/app/version", "1"))
    values = AwsValues(ignore, environment={**os.environ, "AWS_EC2_METADATA_DISABLED": "", **imds.environment})
    for _ in range(2):
        first = values.ssm("/app/version"), values.account_id(), values.region(), values.imds("instance-id")
        asked = calls(aws), len(imds.requests)
    assert first == ("1", ACCOUNT, REGION, "i-0123456789abcdef0")
    assert (calls(aws), len(imds.requests)) == asked
    assert imds.requests == ["PUT /latest/api/token", "GET /latest/meta-data/instance-id"]


def test_a_failure_is_not_kept(aws: AwsServer) -> None:
    values = AwsValues(ignore)
    with pytest.raises(ActionError, match="there is no parameter '/late' in 'eu-west-1'"):
        values.ssm("/late")
    put(("String", "/late", "here"))
    assert values.ssm("/late") == "here"


@pytest.mark.parametrize(
    ("path", "hint"),
    [("/closed", "kms:Decrypt"), ("/aws/reference/secretsmanager/closed", "secretsmanager:GetSecretValue")],
)
def test_denied_access_names_the_parameter_and_the_permissions(aws: AwsServer, path: str, hint: str) -> None:
    aws.routes["/"] = answering("400", b'{"__type": "AccessDeniedException", "message": "User: arn:... must not"}')
    with pytest.raises(ActionError, match=f"'{path}' in 'eu-west-1': AccessDeniedException: User.*{hint}"):
        AwsValues(ignore).ssm(path)


def test_missing_credentials_say_so(aws: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    unset(monkeypatch, *CREDENTIALS)
    values = AwsValues(ignore)
    for ask in (partial(values.ssm, "/x"), values.account_id):
        with pytest.raises(ActionError, match=r"Unable to locate credentials \(set AWS_PROFILE"):
            ask()


def test_a_missing_region_says_so(aws: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    unset(monkeypatch, *REGIONS)
    with pytest.raises(ActionError, match=r"no region is configured, and instance metadata .*\(set AWS_REGION\)"):
        AwsValues(ignore).region()
    with pytest.raises(ActionError, match=r"region.*\(set AWS_REGION\)"):
        AwsValues(ignore).ssm("/x")


def test_an_unknown_profile_says_so(aws: AwsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    unset(monkeypatch, *REGIONS)
    monkeypatch.setenv("AWS_PROFILE", "typo")
    for ask in (AwsValues(ignore).region, AwsValues(ignore).account_id):
        with pytest.raises(ActionError, match=r"profile \(typo\) could not be found"):
            ask()


@pytest.mark.usefixtures("without_boto3")
def test_a_parameter_without_boto3_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    values = AwsValues(ignore, environment={"AWS_EC2_METADATA_DISABLED": "true"})
    for ask in (partial(values.ssm, "/x"), values.account_id):
        with pytest.raises(ActionError, match=r"needs toe\[aws\] \(pip install 'toe-executor\[aws\]'\)"):
            ask()


@pytest.mark.usefixtures("without_boto3")
def test_an_instance_needs_no_boto3_for_what_its_metadata_says(imds: ImdsServer) -> None:
    values = AwsValues(ignore, environment=imds.environment)
    assert (values.region(), values.account_id()) == ("ap-south-1", "210987654321")
    assert values.imds("instance-id") == "i-0123456789abcdef0"


def test_the_region_comes_from_the_environment_the_profile_and_the_instance(
    aws: AwsServer, imds: ImdsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (
        AwsValues(ignore, environment={"AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "x"}).region() == "eu-north-1"
    )
    assert AwsValues(ignore, environment={"AWS_REGION": "", "AWS_DEFAULT_REGION": "sa-east-1"}).region() == "sa-east-1"
    unset(monkeypatch, *REGIONS)
    assert AwsValues(ignore, environment=imds.environment).region() == "ap-south-1"
    with open("config", "w") as file:
        file.write("[default]\nregion = us-west-1\n[profile other]\nregion = ca-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", "config")
    assert AwsValues(ignore, environment=imds.environment).region() == "us-west-1"
    monkeypatch.setenv("AWS_PROFILE", "other")
    assert AwsValues(ignore, environment=imds.environment).region() == "ca-west-1"


def test_parameters_come_from_the_region_of_the_instance(
    aws: AwsServer, imds: ImdsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    unset(monkeypatch, *REGIONS)
    aws_client("ssm", region="ap-south-1").put_parameter(Name="/where", Value="there", Type="String")
    assert AwsValues(ignore, environment=imds.environment).ssm("/where") == "there"


def test_the_account_is_that_of_the_credentials(aws: AwsServer, imds: ImdsServer) -> None:
    assert AwsValues(ignore, environment=imds.environment).account_id() == ACCOUNT


def test_the_account_is_the_instances_without_credentials(
    aws: AwsServer, imds: ImdsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    unset(monkeypatch, *CREDENTIALS)
    assert AwsValues(ignore, environment=imds.environment).account_id() == "210987654321"


def test_refused_credentials_are_not_hidden_by_the_account_of_the_instance(aws: AwsServer, imds: ImdsServer) -> None:
    error = b"<Error><Code>ExpiredToken</Code><Message>expired</Message></Error>"
    aws.routes["/"] = answering("403", b"<ErrorResponse>" + error + b"</ErrorResponse>")
    with pytest.raises(ActionError, match=r"STS for the account: ExpiredToken: expired \(the credentials have expired"):
        AwsValues(ignore, environment=imds.environment).account_id()


def test_credentials_of_the_instance_are_refused(imds: ImdsServer) -> None:
    with pytest.raises(ActionError, match="'iam/' and 'identity-credentials/' is refused"):
        AwsValues(ignore, environment=imds.environment).imds("iam/security-credentials/role")
