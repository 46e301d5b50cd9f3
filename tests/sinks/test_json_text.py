from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from toe.sinks.json_text import JsonText, indented

DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(DATA)
def test_indented_text_is_that_of_the_json_module(value: object) -> None:
    text = b"".join(indented(value)).decode("utf-8", "surrogatepass")
    assert text == json.dumps(value, indent=4, ensure_ascii=False)


@given(DATA)
def test_json_text_is_a_string_that_holds_compact_json(value: object) -> None:
    text = json.loads(b"".join(indented({"outputs": JsonText(value)})))["outputs"]
    assert text == json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def test_lists_may_be_made_while_they_are_written_and_parts_may_be_text_already() -> None:
    step = b"".join(indented({"name": "S"}, "\n" + 8 * " "))
    text = b"".join(indented({"steps": (made for made in [step, {}])}))
    assert text.decode() == json.dumps({"steps": [{"name": "S"}, {}]}, indent=4)
