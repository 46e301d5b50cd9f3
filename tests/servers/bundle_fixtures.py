"""Fixtures: one `toe bundle` for the whole session, and roots without Python to start it in."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = ("sh", "env", "mkdir", "rm", "mv", "tail", "tar", "gzip", "gunzip", "cat", "true", "kill")


@pytest.fixture(scope="session")
def one_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An executable of this `toe` with its extra for AWS; one for all processes that share these tests."""
    base = Path(os.environ.get("TOE_TESTS_SHARED") or tmp_path_factory.mktemp("bundle"))
    file = base / "toe"
    with open(base / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            toe = Path(sys.executable).with_name("toe")
            subprocess.run([toe, "bundle", "--output", file, "--with", "aws"], check=True, capture_output=True)
    return file


@pytest.fixture(scope="session")
def unpacked(one_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that its first start makes."""
    folder = tmp_path_factory.mktemp("unpacked")
    environment = {**os.environ, "TOE_BUNDLE_DIRECTORY": str(folder)}
    subprocess.run([one_file, "--version"], env=environment, check=True, capture_output=True)
    (made,) = folder.iterdir()
    return made


@pytest.fixture
def busybox_root(one_file: Path, unpacked: Path, tmp_path: Path) -> Path:
    """A root with busybox, /dev/null and /toe alone: no C library, no Python, no bash. Its /work is for documents.

    There /toe is unpacked already, in /var/tmp.
    """
    busybox = shutil.which("busybox")
    if busybox is None or os.geteuid() != 0:
        pytest.skip("needs root and busybox (apt-get install busybox-static)")
    root = tmp_path / "root"
    for folder in ("bin", "dev", "tmp", "work"):
        (root / folder).mkdir(parents=True)
    shutil.copy(busybox, root / "bin/busybox")
    for program in PROGRAMS:
        (root / "bin" / program).symlink_to("busybox")
    try:
        os.mknod(root / "dev/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
        os.chmod(root / "dev/null", 0o666)
        (root / "dev/null").write_bytes(b"")
    except OSError as error:  # a container without the right to make devices, or a file system without them
        pytest.skip(f"no device can be made here: {error}")
    os.link(one_file, root / "toe")
    shutil.copytree(unpacked, root / "var/tmp" / unpacked.name, copy_function=os.link)
    return root
