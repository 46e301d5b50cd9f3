"""`toe explain`: one code, all codes, and the codes of one kind."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from toe.cli.reference import explain
from toe.codes import CODES
from toe.errors import ToeError


def explained(capfd: pytest.CaptureFixture[str], words: Sequence[str]) -> str:
    assert explain({"paths": tuple(words)}) == 0
    return capfd.readouterr().out


def test_explain_lists_every_code_with_its_severity_and_title(capfd: pytest.CaptureFixture[str]) -> None:
    lines = explained(capfd, []).splitlines()
    assert [line.split()[0] for line in lines] == sorted(CODES)
    assert "TOE204  error    unknown action" in lines
    assert all(f" {CODES[line[:6]].severity.value} " in line for line in lines)


def test_explain_lists_the_codes_of_a_beginning_in_any_case(capfd: pytest.CaptureFixture[str]) -> None:
    lines = explained(capfd, ["toe3"]).splitlines()
    assert [line.split()[0] for line in lines] == [code for code in sorted(CODES) if code.startswith("TOE3")]


def test_explain_puts_a_blank_line_between_codes(capfd: pytest.CaptureFixture[str]) -> None:
    text = explained(capfd, ["toe204", "TOE205"])
    assert text.startswith("TOE204 (error)")
    assert "\n\nTOE205 (error)" in text


@pytest.mark.parametrize("word", ["SC2086", "sc2086"])
def test_explain_knows_where_shellchecks_codes_are_explained(capfd: pytest.CaptureFixture[str], word: str) -> None:
    text = explained(capfd, [word])
    assert text.startswith("SC2086: a finding of shellcheck")
    assert "https://www.shellcheck.net/wiki/SC2086" in text
    assert "# toe: ignore[SC2086]" in text
    assert "toe leaves it out" in explained(capfd, ["SC2164"])


@pytest.mark.parametrize("word", ["TOE999", "SC20866", "SC1", "TOE2044", "204", ""])
def test_explain_refuses_what_is_no_code(word: str) -> None:
    with pytest.raises(ToeError, match=f"unknown problem code '{word}'"):
        explain({"paths": (word,)})
