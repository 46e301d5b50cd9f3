"""The fixture `wine`: one Wine machine for the session. Without Wine its tests are skipped, but not in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from made_once import made_once
from wine_machine import NEEDED, WineMachine, make_template


@pytest.fixture(scope="session")
def _wine_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WineMachine]:
    missing = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"needs Debian's packages {' '.join(missing)}")
    folder = tmp_path_factory.mktemp("wine")
    machine = WineMachine(folder, made_once("wine", make_template))
    yield machine
    machine.close()
    shutil.rmtree(folder)  # 700 MB, which pytest would keep for three runs


@pytest.fixture
def wine(_wine_machine: WineMachine) -> Iterator[WineMachine]:
    """The machine; what a test registered in `stand_ins` is gone afterwards."""
    yield _wine_machine
    _wine_machine.stand_ins.clear()
