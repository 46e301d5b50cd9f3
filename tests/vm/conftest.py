"""Machines that boot: skipped where they cannot be had, but never in silence on CI, where they must be."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cloud_base import cloud_folder
from nspawn_machine import SHARED, NspawnMachine, UnavailableError, built_root

from toe.images.machines.drives import make_drive


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker where the tests are that have it."""
    config.addinivalue_line("markers", "nspawn: boots a machine in a container; needs root")


@pytest.fixture(scope="session")
def built() -> Path:
    """The root file system for all machines."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not here")
    return made(built_root)


@pytest.fixture(scope="session")
def cloud() -> Path:
    """The folder of a base as cloud images are: `cloud.raw`, and its system as `root`."""
    return made(cloud_folder)


def made(make: Callable[[], Path]) -> Path:
    """What is made once for all tests."""
    try:
        return make()
    except UnavailableError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def machine(built: Path, tmp_path: Path) -> Iterator[NspawnMachine]:
    """A fresh machine, with an empty payload."""
    with NspawnMachine(built, tmp_path) as machine:
        yield machine


@pytest.fixture(scope="session")
def disk(built: Path) -> Path:
    """A disk with the same system, its kernel beside it; nothing of vm.sh starts in it. It is never written to."""
    folder = built.parent / "disk"
    folder.mkdir(exist_ok=True)
    path, version = folder / "debian.raw", (built.parent / "finished").read_text()
    with open(built.parent / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        finished = folder / "finished"
        if not finished.exists() or finished.read_text() != version:
            finished.unlink(missing_ok=True)
            make_disk(built, path)
            shutil.copy(built.parent / "vmlinuz", folder / "debian.vmlinuz")
            finished.write_text(version)
    return path


def make_disk(root: Path, path: Path) -> None:
    """Write a disk with a root file system without the unit of vm.sh."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "root")
        subprocess.run(["cp", "-a", root, copy], check=True)
        (copy / "etc/systemd/system/multi-user.target.wants/vm.service").unlink()
        path.unlink(missing_ok=True)
        make_drive(path, copy, size=1 << 30, journal=True)
