"""Machines that boot: skipped where they cannot be had, but never in silence on CI, where they must be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from nspawn_machine import SHARED, NspawnMachine, UnavailableError, built_root


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker where the tests are that have it."""
    config.addinivalue_line("markers", "nspawn: boots a machine in a container; needs root")


@pytest.fixture(scope="session")
def built() -> Path:
    """The root file system for all machines."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not here")
    try:
        return built_root()
    except UnavailableError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def machine(built: Path, tmp_path: Path) -> Iterator[NspawnMachine]:
    """A fresh machine, with an empty payload."""
    with NspawnMachine(built, tmp_path) as machine:
        yield machine
