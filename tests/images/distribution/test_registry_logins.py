"""Registries with TLS and a login: what skopeo takes from its usual files, and what is said where that is missing.

At 127.0.0.2: what 127.0.0.1 says of itself is not checked (toe.images.skopeo).
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from certificates import Authority
from container_registry import ContainerRegistry
from distribution_fixtures import write_configuration
from forked_toe import toe_says

pytestmark = pytest.mark.slow
ADDRESS = "127.0.0.2"
PASSWORD = "pa:ss/word"
#: By the C library's crypt, with few rounds.
LOGINS = "somebody:$2b$05$abcdefghijklmnopqrstuuPSXHHkg6IIkLGwzMRL4nUP8hKdUtvLm\n"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    folder = tmp_path / "authority"
    folder.mkdir()
    return Authority(folder)


@pytest.fixture
def registry(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ContainerRegistry]:
    """A registry with a login; the working directory has a disk `web.raw` for it, and no home knows the authority."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOE_STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("REGISTRY_AUTH_FILE", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    Path("web.raw").write_bytes(os.urandom(4096))
    (tmp_path / "registry").mkdir()
    made = ContainerRegistry(tmp_path / "registry", ADDRESS, authority.server_file("r.test", address=ADDRESS), LOGINS)
    write_configuration(
        {"region": "eu-west-1", "amiDistributionConfiguration": {}}, disks={"*": f"oci://{made.host}/disks"}
    )
    yield made
    made.stop()


def distributed(environment: Mapping[str, str] | None = None) -> CompletedProcess[str]:
    return toe_says("distribute", "web.raw", "distribution.json", environment=environment)


def trust(registry: ContainerRegistry, authority: Authority) -> None:
    """Have the user's own settings know the authority of a registry."""
    folder = Path("home/.config/containers/certs.d", registry.host)
    folder.mkdir(parents=True)
    (folder / "ca.crt").write_bytes(authority.certificate.read_bytes())


def login(path: str, registry: ContainerRegistry, password: str = PASSWORD) -> str:
    """Write a login as `docker login` does; returns the path."""
    auth = base64.b64encode(f"somebody:{password}".encode()).decode()
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(json.dumps({"auths": {registry.host: {"auth": auth}}}))
    return path


def test_an_authority_that_nobody_knows_is_told(registry: ContainerRegistry) -> None:
    done = distributed()
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("failed ")]
    assert "x509: certificate signed by unknown authority (the certificate of its authority belongs into " in line


def test_a_login_that_is_missing_or_wrong_is_told_and_right_ones_are_found(
    registry: ContainerRegistry, authority: Authority
) -> None:
    trust(registry, authority)
    missing = distributed()
    assert missing.returncode == 1
    assert "(the registry wants a login: 'skopeo login HOST'" in missing.stderr
    wrong = distributed({"REGISTRY_AUTH_FILE": login("wrong.json", registry, "other")})
    assert wrong.returncode == 1
    assert "(the registry wants a login: 'skopeo login HOST'" in wrong.stderr
    assert PASSWORD not in missing.stderr + wrong.stderr
    named = distributed({"REGISTRY_AUTH_FILE": login("auth.json", registry)})
    assert (named.returncode, "sends    " in named.stderr) == (0, True), named.stderr
    login("home/.docker/config.json", registry)
    found = distributed()
    assert (found.returncode, "has it   " in found.stderr) == (0, True), found.stderr
