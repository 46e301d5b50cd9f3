"""Waiting for whoever has a file open, as Windows makes one wait; the refusals are made up here."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from toe.system.files import staging
from toe.system.files.staging import patiently


def refusing(times: int, unlink: Callable[[str], None] = os.unlink) -> Callable[[str], None]:
    left = [times]

    def refuse(path: str) -> None:
        if left[0]:
            left[0] -= 1
            error = PermissionError(13, "in use", path)
            error.winerror = 32  # type: ignore[attr-defined]
            raise error
        unlink(path)

    return refuse


def test_a_file_is_deleted_once_its_readers_are_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state"
    path.touch()
    monkeypatch.setattr(os, "unlink", refusing(3))
    patiently(os.unlink, str(path))
    assert not path.exists()


def test_readers_are_not_waited_for_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "unlink", refusing(10**9))
    monkeypatch.setattr(staging, "_PATIENCE_SECONDS", 0.05)
    with pytest.raises(PermissionError):
        patiently(os.unlink, str(tmp_path / "state"))


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        patiently(os.unlink, str(tmp_path / "state"))
