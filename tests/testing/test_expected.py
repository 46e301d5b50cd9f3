"""The comment `# toe: expect 30s`."""

from __future__ import annotations

from pathlib import Path

import pytest

from toe.check.reading import DocumentReader
from toe.errors import ToeError
from toe.testing.documents import load_cases

DOCUMENT = """
schemaVersion: 1.0
phases:
  - name: test
    steps:
      - name: First {}
        action: ExecuteBash {}
        inputs:
          commands:
            - 'true' {}
"""


def expected(*comments: str) -> float | None:
    Path("a.yml").write_text(DOCUMENT.format(*comments))
    loaded = load_cases("a.yml", DocumentReader(), found=False)
    assert loaded is not None
    (case,) = loaded[1]
    return case.expected_seconds


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("500ms", 0.5), ("1.5 s", 1.5), ("2m", 120), ("2 min", 120), ("1h", 3600)]
)
def test_units(text: str, seconds: float) -> None:
    assert expected(f"# toe: expect {text}", "", "") == pytest.approx(seconds)


def test_it_stands_on_the_line_of_a_key_and_says_nothing_in_a_script() -> None:
    assert expected("", "# other # toe: expect 3s # because", "") == 3
    assert expected("", "", "# toe: expect 3s") is None
    assert expected("", "# toe: expected 3s", "") is None


@pytest.mark.parametrize("text", ["", "soon", "30", "-1s", "1d", "1s 2m"])
def test_what_is_no_time_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(ToeError, match=rf"a\.yml:7: '{text}' is no time"):
        expected("", f"# toe: expect {text}", "")
