"""Reads and writes at a position, with and without the system's own calls."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from toe.system.files.opening import read_at, write_at


@pytest.mark.parametrize("has_calls", [True, False])
def test_bytes_stand_where_they_were_put(has_calls: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not has_calls:
        monkeypatch.delattr(os, "pwrite")
        monkeypatch.delattr(os, "pread")
    descriptor = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    try:
        write_at(descriptor, b"world", 6)
        write_at(descriptor, memoryview(b"hello "), 0)
        write_at(descriptor, b"", 3)
        assert read_at(descriptor, 100, 0) == b"hello world"
        assert read_at(descriptor, 2, 6) == b"wo"
        assert read_at(descriptor, 2, 11) == b""
    finally:
        os.close(descriptor)
