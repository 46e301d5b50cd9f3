"""The fixtures `web`, `secure_web` and `authority`: servers with faults, and whom to trust."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import Authority
from fault_server import FaultServer


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def web() -> Iterator[FaultServer]:
    """A server over plain http."""
    server = FaultServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whom no client trusts until SSL_CERT_FILE names its certificate."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure_web(authority: Authority) -> Iterator[FaultServer]:
    """A server over https, called 127.0.0.1 and files.example."""
    server = FaultServer(authority.server_context("files.example"))
    yield server
    server.close()


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The authority's certificate, which clients trust from here on."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    return authority.certificate
