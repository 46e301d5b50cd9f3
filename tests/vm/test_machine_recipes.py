"""What a recipe says of its machine, in one build on an archive: volume size, working directory, the agent.

Slow: `pytest -m vm`.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from machine_steps import bash, build, component, recipe

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
