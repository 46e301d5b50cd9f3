"""Fixtures: one `toe bundle` for the whole session, and roots without Python to start it in."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from made_once import made_once

from toe.fleet.one_file import _identity, given_file

PROGRAMS = ("sh", "env", "mkdir", "rm", "mv", "tail", "tar", "gzip", "gunzip", "cat", "true", "kill")


@pytest.fixture(scope="session")
def one_file() -> Path:
    """An executable of this `toe`."""
    return made_once("bundle", make_bundle) / "toe"


def make_bundle(folder: Path, *words: str) -> None:
    toe = Path(sys.executable).with_name("toe")
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "elsewhere")}
    argv = [str(toe), "bundle", "--output", str(folder / "toe"), *words]
    subprocess.run(argv, env=environment, check=True, capture_output=True)


def keep_one_file(cache: Path) -> None:
    """That file where `toe` itself keeps it, in the user's cache: containers and hosts get it from there."""
    file = given_file(str(made_once("bundle", make_bundle) / "toe"))
    folder = cache / "toe/one-file" / _identity(())
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.link(file.path, folder / file.name)


@pytest.fixture(scope="session")
def unpacked(one_file: Path) -> Path:
    """The folder that its first start makes."""

    def start(folder: Path) -> None:
        environment = {**os.environ, "TOE_BUNDLE_DIRECTORY": str(folder)}
        subprocess.run([one_file, "--version"], env=environment, check=True, capture_output=True)

    (made,) = made_once("unpacked", start).iterdir()
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
