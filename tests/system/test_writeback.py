"""Writing out early is a hint: it changes no content and raises nothing."""

from __future__ import annotations

import os
from pathlib import Path

from toe.system.http.partial_file import start_writing_out


def test_start_writing_out_leaves_the_content(tmp_path: Path) -> None:
    data = os.urandom(1 << 20)
    descriptor = os.open(tmp_path / "file", os.O_WRONLY | os.O_CREAT)
    os.write(descriptor, data)
    start_writing_out(descriptor, 0, len(data))
    start_writing_out(descriptor, 1000, 1 << 40)
    os.close(descriptor)
    assert (tmp_path / "file").read_bytes() == data


def test_start_writing_out_raises_nothing() -> None:
    read_end, write_end = os.pipe()
    start_writing_out(write_end, 0, 1)
    os.close(read_end)
    os.close(write_end)
    start_writing_out(-1, 0, 1)
