"""toe distribute: disks to registries, as ORAS has them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from container_registry import ContainerRegistry
from distribution_fixtures import write_configuration
from forked_toe import toe_says

from toe.images.engines.commands import asked

New = Callable[[], ContainerRegistry]
AMI = {"name": "golden {{ imagebuilder:buildDate }}"}
TAG = "golden-2026-11-29T12-00-00.000Z"


@pytest.fixture(autouse=True)
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A raw disk `Golden image.raw` in the working directory, made at a time that is known."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOE_STATE_DIRECTORY", str(tmp_path / "state"))
    content = os.urandom(1 << 20)
    Path("Golden image.raw").write_bytes(content)
    os.utime("Golden image.raw", (1795953600, 1795953600))
    return content


def configuration(**disks: str) -> str:
    """A distribution of disks to registries, by regions whose `-` are `_` here."""
    places = {region.replace("_", "-"): f"oci://{place}" for region, place in disks.items()}
    return write_configuration(
        *({"region": region, "amiDistributionConfiguration": AMI} for region in places), disks=places
    )


def test_a_disk_goes_to_a_registry_comes_back_the_same_and_is_not_sent_again(disk: bytes, registries: New) -> None:
    registry = registries()
    file = configuration(eu_west_1=f"{registry.host}/disks/")
    done = toe_says("distribute", "Golden image.raw", file)
    assert done.returncode == 0, done.stderr
    repository = "disks/golden-image"
    assert registry.tags(repository) == [TAG, "latest"]
    assert registry.files_of(f"{repository}:latest") == {f"{TAG}.raw": disk}
    digest = registry.digest(f"{repository}:{TAG}")
    (target,) = json.loads(done.stdout)["targets"]
    assert (target["kind"], target["address"]) == ("oras", f"{registry.host}/{repository}@{digest}")
    told = asked("skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{registry.host}/{repository}:latest")
    assert json.loads(told)["artifactType"] == "application/vnd.toe.disk.v1"
    again = toe_says("distribute", "Golden image.raw", file)
    assert (again.returncode, "has it   " in again.stderr, "sends" in again.stderr) == (0, True, False)
    assert registry.uploads() == 2  # the disk and the empty configuration


def test_where_one_registry_fails_no_tag_moves_and_a_retry_sends_what_is_missing(disk: bytes, registries: New) -> None:
    one, other = registries(), registries()
    file = configuration(eu_west_1=one.host, us_east_1=other.host)
    other.stop()
    done = toe_says("distribute", "Golden image.raw", file)
    assert (done.returncode, one.tags("golden-image")) == (1, [])
    assert f"failed   {other.host}/golden-image: {TAG}, latest: skopeo copy: " in done.stderr
    other.start()
    done = toe_says("distribute", "Golden image.raw", file)
    assert done.returncode == 0, done.stderr
    assert one.digest("golden-image:latest") == other.digest("golden-image:latest")
    assert (one.uploads(), other.uploads()) == (2, 2)


@pytest.mark.slow
def test_oras_pulls_what_was_pushed(disk: bytes, registries: New) -> None:
    client = pytest.importorskip("oras.client", reason="needs ORAS's client (pip install oras)")
    registry = registries()
    assert toe_says("distribute", "Golden image.raw", configuration(eu_west_1=registry.host)).returncode == 0
    files = client.OrasClient(insecure=True).pull(f"{registry.host}/golden-image:latest", outdir="pulled")
    assert [os.path.basename(path) for path in files] == [f"{TAG}.raw"]
    assert Path(files[0]).read_bytes() == disk


def test_what_is_no_place_of_a_registry_is_told() -> None:
    done = toe_says("distribute", "Golden image.raw", configuration(eu_west_1="registry/With Blanks"), "--plan")
    assert done.returncode == 2
    assert "'oci://registry/With Blanks' is no place in a registry" in done.stderr
