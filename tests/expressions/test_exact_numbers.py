from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toe.expressions.operators import compare_numbers

NUMBERS = st.from_regex(r"[-+]?([0-9]{1,12}[.])?[0-9]{1,12}", fullmatch=True, alphabet=st.characters(codec="ascii"))


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        ("1", "1.0", 0),
        ("1.9", "2", -1),
        ("10", "9", 1),
        ("-10", "-9", -1),
        ("-0.0", "+0", 0),
        ("-0.1", "0.1", -1),
        ("007", "7", 0),
        ("0.49", "0.5", -1),
        ("0.5", "0.51", -1),
        ("-0.5", "-0.51", 1),
        ("9007199254740993", "9007199254740992", 1),
        ("0." + "3" * 300, "0." + "3" * 299 + "4", -1),
        ("1" + "0" * 300, "1" + "0" * 299 + "1", -1),
        ("-" + "9" * 300 + ".5", "-" + "9" * 300, -1),
        ("9" * 10_000, "9" * 10_000 + ".0", 0),
    ],
)
def test_compare_numbers_is_exact(left: str, right: str, order: int) -> None:
    assert compare_numbers(left, right) == order
    assert compare_numbers(right, left) == -order


@pytest.mark.parametrize(
    "text",
    ["", "a10", "12a", ".5", "5.", "1.2.3", "1e3", "0x10", "--1", "+", " 1", "1 ", "1\n", "1,5", "١", "nan", "inf"],
)
def test_compare_numbers_knows_what_is_no_number(text: str) -> None:
    assert compare_numbers(text, "1") is None
    assert compare_numbers("1", text) is None


@given(NUMBERS, NUMBERS)
def test_compare_numbers_agrees_with_fractions(left: str, right: str) -> None:
    a, b = Fraction(left), Fraction(right)
    assert compare_numbers(left, right) == (a > b) - (a < b)
