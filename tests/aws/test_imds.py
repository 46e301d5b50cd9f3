from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from imds_server import IDENTITY_DOCUMENT, ImdsServer

from toe.aws.imds import InstanceMetadata, MetadataError, cleaned_path, holds_credentials

TOKEN = "PUT /latest/api/token"


@pytest.fixture
def imds() -> Iterator[ImdsServer]:
    server = ImdsServer()
    server.values = {
        "meta-data/instance-id": "i-0123456789abcdef0",
        "meta-data/network/interfaces/macs/0e:49:61:0f:c3:11/vpc-id": "vpc-1",
        "meta-data/network/interfaces/": "macs/",
        "meta-data/iam/info": "secret",
    }
    yield server
    server.close()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port whose connections are never completed: its queue is full, and the packets of more are dropped."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = []
        for _ in range(4):
            waiting.append(client := socket.socket())
            client.setblocking(False)
            client.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]
        for client in waiting:
            client.close()


def at(endpoint: str, **environment: str) -> InstanceMetadata:
    return InstanceMetadata({"AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint, **environment})


def test_values_are_read_with_one_token(imds: ImdsServer) -> None:
    metadata = InstanceMetadata(imds.environment)
    assert metadata.value("instance-id") == "i-0123456789abcdef0"
    assert metadata.value("network/interfaces/macs/0e:49:61:0f:c3:11/vpc-id") == "vpc-1"
    assert metadata.value("network/interfaces/") == "macs/"
    assert imds.requests.count(TOKEN) == 1


def test_a_new_token_is_asked_for_when_its_life_is_over(imds: ImdsServer) -> None:
    imds.token_life_seconds = 0
    metadata = InstanceMetadata(imds.environment)
    assert [metadata.value("instance-id"), metadata.value("instance-id")] == ["i-0123456789abcdef0"] * 2
    assert imds.requests.count(TOKEN) == 2


def test_a_new_token_is_asked_for_when_the_service_has_forgotten_it(imds: ImdsServer) -> None:
    metadata = InstanceMetadata(imds.environment)
    metadata.value("instance-id")
    imds.revoke()
    assert metadata.value("instance-id") == "i-0123456789abcdef0"


def test_the_account_stands_in_the_identity_document(imds: ImdsServer) -> None:
    imds.values[IDENTITY_DOCUMENT] = '{"accountId": "123456789012", "region": "eu-west-1"}'
    assert InstanceMetadata(imds.environment).account_id() == "123456789012"


@pytest.mark.parametrize("text", ["{}", "<html>", "[]"])
def test_an_identity_document_without_an_account_is_an_error(imds: ImdsServer, text: str) -> None:
    imds.values[IDENTITY_DOCUMENT] = text
    with pytest.raises(MetadataError, match="names no account"):
        InstanceMetadata(imds.environment).account_id()


def test_a_path_that_is_not_there_is_named(imds: ImdsServer) -> None:
    with pytest.raises(MetadataError, match="instance metadata has no 'tags/instance/Name'"):
        InstanceMetadata(imds.environment).value("tags/instance/Name")


@pytest.mark.parametrize(
    "path",
    ["iam/info", "/iam/info", "IAM/info", "./iam/info", "x/../iam/info", "%69am/info", "../iam/info", "//iam", "iam",
     "identity-credentials/ec2/security-credentials/ec2-instance"],
)  # fmt: skip
def test_credentials_are_never_asked_for(imds: ImdsServer, path: str) -> None:
    assert holds_credentials(path)
    with pytest.raises(MetadataError, match="is refused"):
        InstanceMetadata(imds.environment).value(path)
    assert imds.requests == []


def test_the_path_that_is_judged_is_the_path_that_is_sent(imds: ImdsServer) -> None:
    assert not holds_credentials("%2569am/info")
    with pytest.raises(MetadataError, match="has no"):
        InstanceMetadata(imds.environment).value("%2569am/info")
    assert imds.requests[-1] == "GET /latest/meta-data/%2569am/info"
    assert cleaned_path("a//b/../c/") == "a/c/"


def test_a_refused_connection_means_that_there_is_no_service() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(MetadataError, match=f"there is no instance metadata service at '{endpoint}': .*refused"):
            at(endpoint).value("instance-id")


def test_a_silent_address_is_asked_only_once(silent_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = at(f"http://127.0.0.1:{silent_port}")
    for seconds in (0.2, 3600):
        monkeypatch.setattr("toe.aws.imds.TIMEOUT_SECONDS", seconds)
        with pytest.raises(MetadataError, match=r"there is no instance metadata service .*no connection in time"):
            metadata.value("instance-id")


def test_a_token_that_never_arrives_points_to_the_hop_limit(imds: ImdsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    imds.hop_limit_reached = True
    metadata = InstanceMetadata(imds.environment)
    for seconds in (0.2, 3600):
        monkeypatch.setattr("toe.aws.imds.TIMEOUT_SECONDS", seconds)
        with pytest.raises(MetadataError, match="does not answer it") as caught:
            metadata.value("instance-id")
        assert "hop limit" in caught.value.hint
    assert imds.requests == [TOKEN]


def test_an_answer_that_drips_is_cut_off_in_time(imds: ImdsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toe.aws.imds.TIMEOUT_SECONDS", 0.2)
    imds.dripping = True
    with pytest.raises(MetadataError, match="does not answer it"):
        InstanceMetadata(imds.environment).value("instance-id")


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "refuses to give a token"),
        (401, "refuses to give a token"),
        (404, "there is no instance metadata service"),
    ],
)
def test_a_refused_token_and_a_foreign_service_are_told_apart(imds: ImdsServer, status: int, message: str) -> None:
    imds.refusal = status
    with pytest.raises(MetadataError, match=message) as caught:
        InstanceMetadata(imds.environment).value("instance-id")
    assert str(status) in caught.value.message


def test_what_speaks_no_http_is_no_metadata_service() -> None:
    import threading

    def answer(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(1024)
            connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer, args=(listening,))
        thread.start()
        with pytest.raises(MetadataError, match=r"there is no instance metadata service .*no answer in HTTP"):
            at(f"http://127.0.0.1:{listening.getsockname()[1]}").value("instance-id")
        thread.join()


def test_metadata_that_is_switched_off_is_not_asked_for(imds: ImdsServer) -> None:
    with pytest.raises(MetadataError, match="AWS_EC2_METADATA_DISABLED"):
        at(imds.url, AWS_EC2_METADATA_DISABLED="TRUE").value("instance-id")
    assert imds.requests == []


@pytest.mark.parametrize("endpoint", ["ftp://127.0.0.1", "127.0.0.1:80", "http://", "http://127.0.0.1:x"])
def test_a_malformed_endpoint_is_named(endpoint: str) -> None:
    with pytest.raises(MetadataError, match="is no endpoint of instance metadata"):
        at(endpoint).value("instance-id")


def test_a_proxy_is_not_used(imds: ImdsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert InstanceMetadata(imds.environment).value("instance-id") == "i-0123456789abcdef0"
