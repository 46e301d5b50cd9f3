from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from toe.document.keys import DELIMITERS
from toe.model import DelimitedLoop, ForEachLoop, ForLoop

BuildStep = Callable[[str], Any]


@pytest.mark.parametrize(
    ("loop", "over"),
    [
        ("for: {start: 1, end: 10, updateBy: 3}", ForLoop(1, 10, 3)),
        ("for: {start: '3', end: '-3', updateBy: '-3'}", ForLoop(3, -3, -3)),
        ("for: {start: 2, end: 2, updateBy: -1}", ForLoop(2, 2, -1)),
        ("forEach: [a, 7, 1.10, '{{ x }}', '']", ForEachLoop(("a", "7", "1.10", "{{ x }}", ""))),
        ("forEach: '{{ Hosts }}'", ForEachLoop(("{{ Hosts }}",))),
        ("forEach: []", ForEachLoop(())),
        ("forEach: {list: '{{ Hosts }}'}", DelimitedLoop("{{ Hosts }}", ",")),
        ("forEach: {list: 'a;b', delimiter: ;}", DelimitedLoop("a;b", ";")),
        ('forEach: {list: "a", delimiter: "\\n"}', DelimitedLoop("a", "\n")),
    ],
)
def test_loop_is_read(build_step: BuildStep, loop: str, over: object) -> None:
    step, refusals = build_step(f"loop: {{name: L, {loop}}}")
    assert refusals == []
    assert (step.loop.over, step.loop.name) == (over, "L")
    assert build_step(f"loop: {{{loop}}}")[0].loop.name is None


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_every_delimiter_of_the_reference_is_accepted(build_step: BuildStep, delimiter: str) -> None:
    import json

    step, refusals = build_step(f"loop: {{forEach: {{list: a, delimiter: {json.dumps(delimiter)}}}}}")
    assert (step.loop.over.delimiter, refusals) == (delimiter, [])


@pytest.mark.parametrize(
    ("loop", "column", "message"),
    [
        ("{}", 7, "a loop has exactly one of 'for' and 'forEach'"),
        ("{forEach: [a], for: {start: 1, end: 2, updateBy: 1}}", 7, "a loop has exactly one of 'for' and 'forEach'"),
        ("{name: a b, forEach: [a]}", 14, "Invalid loop name 'a b'. Allowed characters are"),
        ("{for: {start: 1, end: 2}}", 13, "'updateBy' is missing"),
        ("{for: {start: 1, end: 2, updateBy: 0}}", 42, "'updateBy' must not be 0"),
        ("{for: {start: 1, end: 5, updateBy: -1}}", 42, "'updateBy' -1 leads away from the loop's end: 1 to 5"),
        ("{for: {start: 5, end: 1, updateBy: 1}}", 42, "'updateBy' 1 leads away from the loop's end: 5 to 1"),
        (
            "{for: {start: '{{ a }}', end: 5, updateBy: 1}}",
            21,
            "expressions are not allowed in 'start', which must be an integer",
        ),
        ("{for: {start: 1.5, end: 5, updateBy: 1}}", 21, "'start' must be an integer, not '1.5'"),
        ("{for: [1, 2, 3]}", 13, "'for' must be a mapping of start, end, updateBy, not a list"),
        ("{forEach: }", 7, "a loop has exactly one of 'for' and 'forEach'"),
        ("{forEach: {list: ~}}", 24, "'list' is missing"),
        ("{forEach: [[a]]}", 18, "an item of 'forEach' must be a text, not a list"),
        ("{forEach: {delimiter: ','}}", 17, "'list' is missing"),
        ("{forEach: {list: [a]}}", 24, "'list' must be a text, not a list"),
        ("{forEach: {list: a, delimiter: '|'}}", 38, "'delimiter' of a loop must be one of . , ; : \\n \\t space - _"),
        ("{forEach: {list: a, delimiter: ''}}", 38, "'delimiter' of a loop must be one of"),
    ],
)  # fmt: skip
def test_wrong_loop_is_refused(build_step: BuildStep, loop: str, column: int, message: str) -> None:
    _, refusals = build_step(f"loop: {loop}")
    assert len(refusals) == 1
    assert refusals[0][:2] == (1, column)
    assert refusals[0][2].startswith(message)
