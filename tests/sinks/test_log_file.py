from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from toe.sinks.log_file import write_whole


def test_a_shorter_content_leaves_nothing_of_the_longer_one(tmp_path: Path) -> None:
    path = tmp_path / "report"
    for content in (b"a" * 90, b"b" * 80, b"short", b"b", b"", b"a" * 200_000, b"a"):
        write_whole(str(path), [content[:50], content[50:]])
        assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["report"]


def test_content_that_cannot_be_made_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"n" * 100_000
        raise ValueError("no more")

    path = tmp_path / "report"
    write_whole(str(path), [b"old"])
    with pytest.raises(ValueError, match="no more"):
        write_whole(str(path), broken())
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["report"]
