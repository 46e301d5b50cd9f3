"""The fixture `aws`: an empty AWS on loopback, to which this process's environment points."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest
from aws_server import REGION, AwsServer


@pytest.fixture(scope="session")
def _aws_server() -> Iterator[AwsServer]:
    server = AwsServer()
    yield server
    server.close()


@pytest.fixture
def aws(_aws_server: AwsServer, monkeypatch: pytest.MonkeyPatch) -> AwsServer:
    """AWS, as new for each test."""
    server = _aws_server
    urllib.request.urlopen(urllib.request.Request(f"{server.url}/moto-api/reset", method="POST")).close()
    server.owners.clear()
    server.routes.clear()
    server.requests.clear()
    for name, value in {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(name, value)
    return server
