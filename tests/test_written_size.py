from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from toe.engine.kept_outputs import fitting, written_size
from toe.sinks.json_text import within_string

TEXTS = st.text(st.one_of(st.characters(), st.sampled_from('\0\n\r\t\b\f"\\\x7f😀')))


@given(TEXTS)
def test_written_size_is_what_a_report_takes(text: str) -> None:
    if not any(0xD800 <= ord(character) < 0xE000 for character in text):
        assert written_size(text) == sum(map(len, within_string(text))) - len('\\"\\"')


@given(TEXTS, st.integers(0, 100))
def test_fitting_takes_whole_lines_or_all_that_there_is_room_for(text: str, room: int) -> None:
    beginning = fitting(text, room)
    assert text.startswith(beginning)
    assert written_size(beginning) <= room
    if beginning != text and not beginning.endswith("\n"):
        assert written_size(text[: len(beginning) + 1]) > room


def test_fitting_cuts_a_long_text_where_the_room_ends() -> None:
    text = "\0" * 300_000
    assert fitting(text, 7 * 200_000 + 3) == text[:200_000]
    assert fitting("ab\n" + text, 7 * 200_000) == "ab\n"
    assert fitting(text, 7 * 300_000) == text
