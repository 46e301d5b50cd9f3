from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toe.secrets.masker import Secrets
from toe.sinks.masked_stream import MaskedStream

LONG = "correct/horse+battery?staple>" * 4
KEY = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----"


def masking(*values: str) -> Secrets:
    secrets = Secrets()
    for value in values:
        secrets.add(value)
    return secrets


def given_out(secrets: Secrets, *blocks: bytes) -> list[bytes]:
    """What comes out for each block, and what is left at the end."""
    stream = MaskedStream(secrets)
    out = [stream.feed(block) for block in blocks]
    holds, rest = stream.holds, stream.rest()
    assert holds == bool(rest)
    return [*out, rest]


def test_whole_lines_come_out_at_once() -> None:
    blocks = [b"one\n", b"two s3cret\n", b"three s3\n", b"cret\n"]
    assert given_out(masking("s3cret"), *blocks) == [b"one\n", b"two ***\n", b"three s3\n", b"cret\n", b""]


def test_a_block_without_a_secret_is_handed_on_as_it_is() -> None:
    block = b"some line\n" * 1000
    assert MaskedStream(masking("s3cret")).feed(block) is block


def test_a_secret_that_two_blocks_of_a_long_line_share_is_masked() -> None:
    line = b"x" * 1000 + b"s3cret"
    for cut in range(990, 1007):
        out = given_out(masking("s3cret"), line[:cut], line[cut:] + b"\n")
        assert b"".join(out) == b"x" * 1000 + b"***\n"
        assert len(out[0]) > 800


def test_what_is_held_back_of_an_endless_line_is_bounded() -> None:
    stream = MaskedStream(masking("aaaaaa"))
    out = [stream.feed(b"a" * 10_000) for _ in range(5)]
    out += [stream.feed(b"a") for _ in range(50)]
    assert b"".join([*out, stream.rest()]) == b"***"
    assert stream.rest() == b""


def test_a_character_is_not_cut_in_two() -> None:
    out = given_out(masking("s3cret"), *["é".encode() * 500] * 3, b"\xa9" * 500)
    assert b"".join(out) == "é".encode() * 1500 + b"\xa9" * 500
    assert [block.decode() for block in out[:3]]


def test_a_secret_of_several_lines_is_masked_line_by_line() -> None:
    out = given_out(masking(KEY), *(line.encode() + b"\n" for line in KEY.split("\n")))
    assert out == [b"***\n"] * 4 + [b""]


@pytest.mark.parametrize("before", [b"", b"u", b"us"])
@pytest.mark.parametrize("line_length", [64, 76])
def test_base64_that_goes_on_in_the_next_block_is_masked(line_length: int, before: bytes) -> None:
    text = base64.urlsafe_b64encode(b"password: " * 7 + before + LONG.encode() + b"." * 90)
    lines = [text[start : start + line_length] + b"\r\n" for start in range(0, len(text), line_length)]
    secrets = masking(LONG)
    out = given_out(secrets, *lines)
    assert b"".join(out) == secrets.mask_bytes(b"".join(lines))
    assert b"".join(out).count(b"***") == 1
    assert out[0] == lines[0]


@pytest.mark.parametrize("separator", ["", " "])
@pytest.mark.parametrize("line_length", [16, 30])
def test_hexadecimal_digits_that_go_on_in_the_next_block_are_masked(line_length: int, separator: str) -> None:
    data = b"password: " * 7 + LONG.encode() + b"." * 90
    lines = [
        (separator + (piece.hex(separator) if separator else piece.hex()) + "\n").encode()
        for piece in (data[start : start + line_length] for start in range(0, len(data), line_length))
    ]
    secrets = masking(LONG)
    out = given_out(secrets, *lines)
    assert b"".join(out) == secrets.mask_bytes(b"".join(lines))
    assert b"".join(out).count(b"***") == 1
    assert out[0] == lines[0]


def test_a_line_that_only_looks_like_base64_is_not_held_back() -> None:
    hashed = b"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bb822cd15d6c15b0f0bea\n"
    assert given_out(masking("s3cret"), hashed) == [hashed, b""]


def test_a_secret_that_becomes_known_in_the_middle_of_a_line_is_masked() -> None:
    secrets = masking("s3cret")
    stream = MaskedStream(secrets)
    out = stream.feed(b"." * 500 + b"other")
    secrets.add("other one")
    assert out + stream.feed(b" one\n") == b"." * 500 + b"***\n"


FORMS: list[Callable[[str], bytes]] = [
    lambda value: value.encode(),
    lambda value: json.dumps(value).encode(),
    lambda value: shlex.quote(value).encode(),
    lambda value: quote(value).encode(),
    lambda value: base64.b64encode(b"u" + value.encode()),
    lambda value: base64.encodebytes(b"q" * 100 + value.encode() + b"r" * 70),
]
values = st.text("ab'\\&é ", min_size=4, max_size=9).map(str.strip).filter(lambda value: len(value) >= 4)
texts = st.text("ab'\\&é \n", max_size=12).map(str.encode)


@settings(max_examples=300, deadline=None)
@given(
    secret_values=st.lists(values, min_size=1, max_size=3),
    mixed=st.lists(st.tuples(texts, st.integers(0, 2), st.sampled_from(FORMS)), max_size=6),
    cuts=st.lists(st.integers(0, 800), max_size=8),
)
def test_blocks_come_to_the_same_however_a_stream_is_cut(
    secret_values: list[str], mixed: list[tuple[bytes, int, Callable[[str], bytes]]], cuts: list[int]
) -> None:
    secrets = masking(*secret_values)
    whole = b"".join(text + form(secret_values[number % len(secret_values)]) for text, number, form in mixed)
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < len(whole)}), len(whole)]
    out = b"".join(given_out(secrets, *(whole[start:end] for start, end in pairwise(edges))))
    assert out == secrets.mask_bytes(whole)
    assert not [value for value in secret_values for form in FORMS[:4] if form(value) in out]
