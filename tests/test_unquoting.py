from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toe.secrets.unquoting import quoted_regions, unquoted


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (b"a%41%4a%2525", b"aAJ%25"),
        (b"\\x41\\101\\u0041\\u{41}\\x{41}\\U00000041", b"AAAAAA"),
        (b"&amp;lt;&lt;&#65;&#065;&#x41;&#X0041;&apos;&quot;&gt;", b"&lt;<AAAA'\">"),
        (b"\\ud83d\\ude00 \\ud83d\\\\ude00", "😀 😀".encode()),
        ("é€😀".encode(), b"\xe9" + "€😀".encode()),
        (b"\\xe9\\u00e9\\303\\251%e9&#233;\\udce9", b"\xe9\xe9\xc3\xa9\xe9\xe9\xe9"),
        (b"a\\r\\nb \\r", b"a\\nb \\r"),
        (b"&#99999999; \\U99999999", ("􏿿 􏿿").encode()),
    ],
)
def test_one_layer_of_quoting_is_taken_away(text: bytes, plain: bytes) -> None:
    assert unquoted(text) == plain


@pytest.mark.parametrize("text", [b"", b"plain", b"100% \\ & &; &#; %4 \\x4 \\1 \\u004 &nbsp;", "€".encode(), b"\xff"])
def test_what_is_not_quoted_stays_the_same_object(text: bytes) -> None:
    assert unquoted(text) is text


@given(pieces=st.lists(st.text("ab%&'\\é€\n", min_size=1, max_size=3), min_size=1, max_size=8), data=st.data())
def test_regions_are_carried_back_to_what_they_were_made_of(pieces: list[str], data: st.DataObject) -> None:
    forms: list[Callable[[str], str]] = [
        str.upper,
        quote,
        lambda piece: json.dumps(piece)[1:-1],
        lambda piece: f"&#{ord(piece[0])};",
    ]
    text = "".join(data.draw(st.sampled_from(forms))(piece) for piece in pieces).encode()
    plain = unquoted(text)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(plain)), max_size=6)) | {0, len(plain)})
    regions = [region for region in pairwise(cuts) if plain is not text]
    raw = list(quoted_regions(text, regions))
    assert raw == sorted(raw)
    for (start, end), (raw_start, raw_end) in zip(regions, raw, strict=True):
        assert plain[start:end] in unquoted(text[raw_start:raw_end]) or text[raw_start:raw_end] in (b"\\r",)
