"""Bases that are root file systems, and what a recipe says of its machine: volume size, working directory, the agent.

Slow: `pytest -m vm`.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine_steps import bash, build, component, recipe

from toe.images.engines.commands import asked
from toe.images.machines.disks import disk_of

pytestmark = [
    pytest.mark.vm,
    pytest.mark.skipif(shutil.which("qemu-system-x86_64") is None, reason="apt-get install qemu-system-x86 qemu-utils"),
    pytest.mark.skipif(shutil.which("zstd") is None, reason="apt-get install zstd"),
]

#: The kibibytes of the root file system are nearly those of the volume, 9 GiB: a disk of an archive has 8.
GREW = "test $(df --output=size / | tail -n 1) -gt $((8600 * 1024))"
PACKAGE = r"""
mkdir -p /tmp/agent/DEBIAN /tmp/agent/usr/share/agent && touch /tmp/agent/usr/share/agent/there
printf 'Package: amazon-ssm-agent\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: a\n' \
  > /tmp/agent/DEBIAN/control
dpkg-deb --build /tmp/agent /tmp/agent.deb && dpkg --install /tmp/agent.deb
"""


def archive(root: Path, path: Path) -> Path:
    """A root file system as an archive with its kernel beside it; nothing of vm.sh starts in it."""
    unit = "--exclude=*/multi-user.target.wants/vm.service"
    subprocess.run(["tar", "--create", "--zstd", unit, "--file", path, "--directory", root, "."], check=True)
    shutil.copy(root.parent / "vmlinuz", path.with_name("vmlinuz"))
    return path


@pytest.fixture
def image(built: Path, container_storage: Path) -> Iterator[str]:
    """An image of containers with that system and its kernel."""
    container = asked("buildah", "from", "scratch")
    root = asked("buildah", "mount", container)
    asked("cp", "--archive", f"{built}/.", root)
    shutil.copy(built.parent / "vmlinuz", f"{root}/boot/vmlinuz-1")
    Path(root, "etc/systemd/system/multi-user.target.wants/vm.service").unlink()
    asked("buildah", "commit", "--quiet", "--rm", container, "localhost/system:1")
    yield "localhost/system:1"
    asked("buildah", "rmi", "localhost/system:1")


def test_an_image_of_containers_becomes_a_machine(image: str) -> None:
    made = "test -d /run/systemd/system -a $(stat -c %u /made) = 0"
    component("one", build=[bash("Make", "touch /made")], test=[bash("Look", made)])
    recipe(image, "one")
    told, people = build("--format", "qcow2")
    assert told["status"] == "success", people
    assert [layer["fate"] for layer in told["layers"]] == ["runs"] * 2
    told, people = build("--format", "qcow2", "--no-tests")
    assert [layer["fate"] for layer in told["layers"]] == ["cached"] * 2, people


def test_an_archive_grows_and_the_recipe_is_followed(built: Path, tmp_path: Path) -> None:
    component(
        "agent",
        build=[
            bash("Install", PACKAGE, "test -e /usr/share/agent/there"),
            bash("Grew", GREW),
            bash("Work", 'test "$PWD" = /var/work', "touch kept /var/work/skip_cleanup_temporary_files /var/tmp/mine"),
        ],
        test=[
            bash("Grew", GREW),
            bash("Gone", "test ! -e /usr/share/agent/there", "! dpkg -s amazon-ssm-agent"),
            bash("Kept", "test -e /var/work/kept -a -e /var/tmp/mine -a ! -e /var/work/skip_cleanup_temporary_files"),
        ],
    )
    recipe(
        archive(built, tmp_path / "root.tar.zst"),
        "agent",
        workingDirectory="/var/work",
        blockDeviceMappings=[{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 9}}],
        additionalInstanceConfiguration={"systemsManagerAgent": {"uninstallAfterBuild": True}},
    )
    told, people = build("--format", "raw")
    assert told["status"] == "success", people
    assert disk_of(Path("machine-1.0.0-1.raw")).size == 9 << 30
    (report,) = Path(told["logDirectory"]).glob("*-clean-up/clean-up.txt")
    assert "uninstalled amazon-ssm-agent" in report.read_text()
