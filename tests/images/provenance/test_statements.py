"""Statements of images: what they say, signatures, and what `toe images verify` finds."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from container_registry import ContainerRegistry
from distribution_fixtures import BUILD, containers_to, record_of, write_configuration
from forked_toe import toe_says

from toe.errors import ToeError
from toe.images.provenance.envelope import opened, signed
from toe.images.provenance.keeping import keep_statement, verify
from toe.images.provenance.statement import Subject, statement_of
from toe.images.records import ImageRecord
from toe.images.store import store_in

IMAGE = "sha256:" + "a" * 64
COMPONENT = {
    "name": "nginx", "version": "1.2.3", "build": 4,
    "reference": "components/nginx.yml", "digest": "sha256:" + "1" * 64,
    "parameters": {"Port": ["80"], "Password": ["***"]}, "key": "k", "image": "sha256:" + "2" * 64, "cached": True,
    "seconds": 1.5, "results": [{"phase": "build", "step": "Install", "status": "success", "seconds": 1.25}],
}  # fmt: skip
VERDICT = {
    "component": "nginx",
    "phase": "test",
    "status": "success",
    "steps": 2,
    "logs": "/logs/1",
}  # without results, as of old
RECORD = record_of(IMAGE, components=[COMPONENT], tests=[VERDICT], engine={"name": ""})


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`key.pem` and `key.pub` by openssl, as people make them, in the working directory; `other.pub` is another's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOE_STATE_DIRECTORY", str(tmp_path / "state"))
    for name in ("key", "other"):
        make_key(name)
    return tmp_path


def make_key(name: str, *algorithm: str) -> None:
    how = algorithm or ("-algorithm", "ed25519")
    subprocess.run(["openssl", "genpkey", *how, "-out", f"{name}.pem"], check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", f"{name}.pem", "-pubout", "-out", f"{name}.pub"], check=True)


def test_a_statement_says_what_the_record_says() -> None:
    statement = statement_of(RECORD, [Subject("r.example.com/web", IMAGE)])
    assert statement["subject"] == [{"name": "r.example.com/web", "digest": {"sha256": "a" * 64}}]
    assert (statement["_type"], statement["predicateType"]) == (
        "https://in-toto.io/Statement/v1",
        "https://slsa.dev/provenance/v1",
    )
    build, run = statement["predicate"]["buildDefinition"], statement["predicate"]["runDetails"]
    assert build["externalParameters"]["recipe"]["version"] == "1.0.0/2"
    assert build["externalParameters"]["components"] == [
        {"name": "nginx", "version": "1.2.3", "build": 4, "parameters": {"Port": ["80"], "Password": ["***"]}}
    ]
    assert [one["uri"] for one in build["resolvedDependencies"]] == [
        "localhost/static",
        "recipe.yml",
        "components/nginx.yml",
    ]
    assert build["resolvedDependencies"][2]["digest"] == {"sha256": "1" * 64}
    assert run["metadata"] == {
        "invocationId": BUILD,
        "startedOn": "2026-11-29T11:59:00Z",
        "finishedOn": "2026-11-29T12:00:00Z",
    }
    (result,) = run["byproducts"][0]["annotations"]["results"]
    assert result == {"phase": "build", "step": "Install", "status": "success", "seconds": 1.25}
    assert run["byproducts"][1] == {
        "name": "test nginx",
        "annotations": {"phase": "test", "status": "success", "steps": 2},
    }


@pytest.mark.parametrize(
    "algorithm",
    [
        ("-algorithm", "ed25519"),
        ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
        ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
    ],
    ids=["ed25519", "ecdsa", "rsa"],
)
def test_what_a_key_has_signed_its_public_key_opens(keys: Path, algorithm: tuple[str, ...]) -> None:
    make_key("mine", *algorithm)
    envelope = signed(b"{}", "mine.pem")
    assert opened(envelope, "mine.pub") == b"{}"
    with pytest.raises(ToeError, match=r"the key in 'other.pub' has not signed"):
        opened(envelope, "other.pub")


def test_openssl_agrees_with_the_signature(keys: Path) -> None:
    envelope = signed(b"hello", "key.pem")
    (signature,) = envelope["signatures"]
    Path("signature").write_bytes(base64.b64decode(signature["sig"]))
    Path("encoded").write_bytes(b"DSSEv1 28 application/vnd.in-toto+json 5 hello")
    check = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pub", "-rawin", "-in", "encoded", "-sigfile"]
    assert subprocess.run([*check, "signature"], capture_output=True, check=False).returncode == 0


def test_a_key_with_a_password(keys: Path) -> None:
    command = ["openssl", "pkey", "-in", "key.pem", "-aes256", "-passout", "pass:secret", "-out", "locked.pem"]
    subprocess.run(command, check=True)
    assert opened(signed(b"x", "locked.pem", {"TOE_SIGNING_PASSWORD": "secret"}), "key.pub") == b"x"
    with pytest.raises(ToeError, match=r"'locked.pem' needs its password") as raised:
        signed(b"x", "locked.pem", {})
    assert raised.value.hint == "it is taken from TOE_SIGNING_PASSWORD"


def _damaged(envelope: dict[str, Any]) -> dict[str, Any]:
    return {**envelope, "payload": base64.b64encode(b'{"predicate": {}}').decode()}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_damaged, "has not signed"),
        (lambda envelope: {**envelope, "signatures": []}, "has not signed"),
        (lambda envelope: {**envelope, "signatures": [{"keyid": "x"}]}, "has not signed"),
        (lambda envelope: {**envelope, "signatures": [3]}, "has not signed"),
        (lambda envelope: [envelope], "there is no statement"),
        (lambda envelope: {"payload": 3, "signatures": []}, "there is no statement"),
    ],
    ids=["payload", "none", "half", "number", "list", "kinds"],
)
def test_a_damaged_statement_is_none(keys: Path, change: Callable[[dict[str, Any]], object], message: str) -> None:
    store = store_in("state")
    envelope = keep_statement(store, RECORD, [], "key.pem")
    assert verify(store, RECORD, "key.pub").is_signed
    store.put("statements", f"{BUILD}.json", json.dumps(change(envelope)))
    with pytest.raises(ToeError, match=message) as raised:
        verify(store, RECORD, "key.pub")
    assert raised.value.exit_code == 1


def test_a_record_that_was_changed_is_found(keys: Path) -> None:
    store = store_in("state")
    keep_statement(store, RECORD, [])
    assert not verify(store, RECORD).is_signed
    with pytest.raises(ToeError, match="does not say what the record"):
        verify(store, RECORD._replace(base={"name": "evil", "digest": IMAGE}))
    with pytest.raises(ToeError, match="about another image"):
        verify(store, RECORD._replace(image="sha256:" + "f" * 64))


def test_a_distribution_signs_and_images_verify_checks(
    built: ImageRecord, registries: Callable[[], ContainerRegistry], keys: Path
) -> None:
    registry = registries()
    file = write_configuration(containers_to("eu-west-1", "latest"), registries={"*": registry.host})
    assert toe_says("images", "verify", "web").returncode == 1
    done = toe_says("distribute", "web", file, "--sign", "key.pem", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    found = toe_says("images", "verify", "web", "--key", "key.pub")
    assert found.stdout.splitlines() == [
        "web 1.0.0/2: the statement says what the record says, signed by the key in 'key.pub'",
        f"  localhost/web:1.0.0-2 {built.image}",
        f"  {registry.host}/team/web {registry.digest('team/web:latest')}",
    ]
    digest = registry.digest("team/web:latest")
    for word in (f"oci://{registry.host}/team/web:latest", f"docker://{registry.host}/team/web@{digest}"):
        there = toe_says("images", "verify", word, "--key", "key.pub", "--state-directory", "elsewhere")
        assert there.stdout.splitlines()[0] == (
            f"{registry.host}/team/web@{digest}: the statement beside it is about this image, "
            "signed by the key in 'key.pub'"
        ), there.stderr
    wrong = toe_says("images", "verify", f"oci://{registry.host}/team/web:latest", "--key", "other.pub")
    assert (wrong.returncode, "has not signed the statement" in wrong.stderr) == (1, True)
    none = toe_says("images", "verify", f"oci://{registry.host}/team/web@sha256:{'0' * 64}", "--key", "key.pub")
    assert (none.returncode, "there is no statement beside" in none.stderr) == (1, True)
    wrong = toe_says("images", "verify", "web", "--key", "other.pub")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "the key in 'other.pub' has not signed the statement" in wrong.stderr


def test_a_key_that_is_none_is_told_before_anything_is_sent(
    built: ImageRecord, registries: Callable[[], ContainerRegistry], keys: Path
) -> None:
    registry = registries()
    file = write_configuration(containers_to("eu-west-1", "latest"), registries={"*": registry.host})
    done = toe_says("distribute", "web", file, "--sign", "key.pub")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'key.pub' holds no private key that can be read" in done.stderr
    assert registry.tags("team/web") == []
