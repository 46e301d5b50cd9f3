"""A file that is published again and again is each time exactly what it was made of."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from toe.sinks.published_file import Piece, PublishedFile, Range


def test_a_shorter_content_leaves_nothing_of_the_longer_one(tmp_path: Path) -> None:
    file = PublishedFile(str(tmp_path), "report")
    for content in (b"a" * 90, b"b" * 80, b"short", b"b", b"", b"a" * 90, b"a"):
        file.publish([content])
        assert (tmp_path / "report").read_bytes() == content
    file.close()
    assert (tmp_path / "report").read_bytes() == b"a"


@given(st.lists(st.tuples(st.integers(0, 12), st.binary(max_size=12)), max_size=8))
def test_kept_beginnings_and_new_ends_of_any_length_stand_as_they_were_given(
    changes: list[tuple[int, bytes]],
) -> None:
    with TemporaryDirectory() as folder:
        file, content = PublishedFile(folder, "report"), b""
        for kept, new in changes:
            kept = min(kept, len(content))
            pieces: list[Piece] = [Range(0, kept)] if kept else []
            content = content[:kept] + new + b"."
            file.publish([*pieces, new, [b"."]])
            assert Path(folder, "report").read_bytes() == content
        file.close()
