"""Blocks of whole lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toe.system.processes.output import LONGEST_PARTIAL_LINE, LineBlocks, character_boundary


def test_feed_keeps_the_unfinished_line_back() -> None:
    blocks = LineBlocks()
    assert blocks.feed(b"one\ntw") == b"one\n"
    assert blocks.feed(b"o") == b""
    assert blocks.feed(b"\nthree\nfour") == b"two\nthree\n"
    assert blocks.rest() == b"four"
    assert blocks.rest() == b""


def test_feed_gives_out_a_line_that_is_written_over() -> None:
    blocks = LineBlocks()
    fed = [blocks.feed(data) for data in (b"0%\r", b"10%\r20%", b"\r30%\r", b"\n", b"\ra", b"\rb", b"\r", b"\nc\n")]
    assert fed == [b"", b"0%\r10%\r", b"20%\r", b"30%\r\n", b"\r", b"a\r", b"", b"b\r\nc\n"]


def test_feed_cuts_a_long_line_between_characters() -> None:
    blocks = LineBlocks()
    text = "ä€😀" * 20_000
    data = b"x" + text.encode()
    pieces = [blocks.feed(data[start : start + 1000]) for start in range(0, len(data), 1000)]
    pieces.append(blocks.rest())
    assert "".join(piece.decode() for piece in pieces) == "x" + text
    assert max(map(len, pieces)) <= LONGEST_PARTIAL_LINE + 1000


@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"\n", b"\r", b"x" * 40_000, "é".encode() * 30_000])))
def test_feed_loses_nothing(chunks: list[bytes]) -> None:
    blocks = LineBlocks()
    given_out = b"".join(blocks.feed(chunk) for chunk in chunks)
    assert given_out + blocks.rest() == b"".join(chunks)


@pytest.mark.parametrize(
    ("data", "length"),
    [
        (b"", 0),
        (b"abc", 3),
        ("aé".encode(), 3),
        ("aé".encode()[:-1], 1),
        ("a😀".encode()[:-1], 1),
        (b"\x80" * 9, 9),
        (b"a\xff", 1),
    ],
)
def test_character_boundary_leaves_a_cut_character_out(data: bytes, length: int) -> None:
    assert character_boundary(data) == length
