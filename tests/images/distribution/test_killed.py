"""A distribution that is killed: names mean whole images, and the next run finishes and leaves nothing behind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from container_registry import ContainerRegistry
from distribution_fixtures import containers_to, write_configuration
from forked_toe import toe_says

from toe.images.engines.commands import asked
from toe.images.records import ImageRecord

New = Callable[[], ContainerRegistry]

#: `toe`, which is gone by SIGKILL before the Nth thing that others see: a program that starts, a file that moves.
KILLED = """
import os, signal, sys
from toe.__main__ import main
left = int(sys.argv.pop(1))
def count(event, arguments):
    global left
    if event in ("subprocess.Popen", "os.rename"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
sys.exit(main())
"""


def killed_before(number: int, *arguments: str) -> int:
    done = subprocess.run([sys.executable, "-c", KILLED, str(number), *arguments], capture_output=True, check=False)
    return done.returncode


@pytest.mark.parametrize("number", [pytest.param(n, marks=() if n == 8 else pytest.mark.slow) for n in range(1, 13)])
def test_no_half_image_is_the_newest(number: int, built: ImageRecord, registries: New) -> None:
    one, other = registries(), registries()
    old = _old_image(built.image, one)
    asked("skopeo", "copy", "--quiet", "--dest-tls-verify=false", f"dir:{old}", f"docker://{other.host}/web:latest")
    before = one.digest("web:latest")
    file = write_configuration(
        containers_to("eu-west-1", "1.0", "latest", repository="web"),
        containers_to("us-east-1", "latest", repository="web"),
        registries={"eu-west-1": one.host, "us-east-1": other.host},
    )
    assert killed_before(number, "distribute", "web", file) == -9
    for registry in (one, other):
        newest = registry.digest("web:latest")
        assert newest == before or registry.config_of("web:latest") == built.image
        assert asked("skopeo", "copy", "--quiet", "--src-tls-verify=false", f"docker://{registry.host}/web:latest",
                     f"dir:whole-{registry.host}") == ""  # fmt: skip
    done = toe_says("distribute", "web", file)
    assert done.returncode == 0, done.stderr
    assert one.digest("web:latest") == one.digest("web:1.0") == other.digest("web:latest") != before
    left = {str(path.relative_to("state/images")) for path in Path("state/images").rglob("*") if path.is_file()}
    assert left == {f"{folder}/{built.build}.json" for folder in ("built", "distributions", "statements")}


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, 11))
def test_no_half_disk_is_the_newest(
    number: int, registries: New, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOE_STATE_DIRECTORY", str(tmp_path / "state"))
    one, other = registries(), registries()
    disks = {"eu-west-1": f"oci://{one.host}", "us-east-1": f"oci://{other.host}"}
    ami = {"amiDistributionConfiguration": {"name": "at {{ imagebuilder:buildDate }}"}}
    file = write_configuration(*({"region": region, **ami} for region in disks), disks=disks)
    Path("web.raw").write_bytes(b"old" * 100_000)
    assert toe_says("distribute", "web.raw", file).returncode == 0
    before = one.digest("web:latest")
    new = b"new" * 100_000
    Path("web.raw").write_bytes(new)
    assert killed_before(number, "distribute", "web.raw", file) == -9
    for registry in (one, other):
        newest = registry.digest("web:latest")
        assert newest == before or new in registry.files_of("web:latest").values()
        assert len(registry.files_of("web:latest")) == 1
    done = toe_says("distribute", "web.raw", file)
    assert done.returncode == 0, done.stderr
    assert one.digest("web:latest") == other.digest("web:latest") != before
    left = {path.parent.name for path in Path("state/images").rglob("*") if path.is_file()}
    assert left == {"distributions"}


def _old_image(image: str, registry: ContainerRegistry) -> Path:
    """An image that the registry has as the newest: another manifest of the same layers."""
    folder = Path("old")
    digits = image.removeprefix("sha256:")
    asked("skopeo", "copy", "--quiet", "--format", "v2s2", f"containers-storage:{digits}", f"dir:{folder}")
    assert json.loads((folder / "manifest.json").read_text())["schemaVersion"] == 2
    asked(
        "skopeo", "copy", "--quiet", "--dest-tls-verify=false", f"dir:{folder}", f"docker://{registry.host}/web:latest"
    )
    return folder
