from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import toe
from toe import codes
from toe.actions import ActionTable
from toe.check.check import check_all
from toe.check.explanations import EXPLANATIONS, explanation_text, whole_document
from toe.codes import CODES

Check = Callable[..., object]

#: Their wrong examples are bytes, or too large to print; the last is for what no other code describes.
WITHOUT_EXAMPLE = (
    codes.ENCODING,
    codes.TOO_LARGE,
    codes.INLINE_SIZE,
    codes.COMPONENT_SIZE,
    codes.OTHER_STRUCTURE,
)
#: The codes of recipes, whose examples are no documents: tests/images/recipes/test_recipe_codes.py has them.
OF_RECIPES = tuple(code for code in CODES if code.startswith("TOE7"))


def test_every_code_has_an_explanation_and_every_explanation_a_code() -> None:
    assert set(EXPLANATIONS) == set(CODES)


def test_every_code_in_the_source_is_in_the_table() -> None:
    package = Path(toe.__file__).parent
    used = {code for path in package.rglob("*.py") for code in re.findall(r'"(TOE\d{3})"', path.read_text("utf-8"))}
    assert used <= set(CODES)


@pytest.mark.parametrize("code", sorted(set(CODES) - set(WITHOUT_EXAMPLE) - set(OF_RECIPES)))
def test_examples_of_a_code_are_wrong_and_right(code: str, tmp_path: Path) -> None:
    if code == codes.SHELLCHECK and shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    explanation = EXPLANATIONS[code]
    for name, text in explanation.files:
        (tmp_path / name).write_text(text, encoding="utf-8")

    def codes_of(example: str) -> list[str]:
        data = whole_document(example).encode()
        _, problems = check_all(data, str(tmp_path / "example.yml"), explanation.options, ActionTable())
        return [problem.code for problem in problems]

    assert code in codes_of(explanation.wrong)
    assert code not in codes_of(explanation.right)


def test_explanation_text_shows_both_examples() -> None:
    text = explanation_text("toe204")
    assert text is not None
    assert text.startswith("TOE204 (error): unknown action")
    assert "action: InvokeBash" in text
    assert "action: ExecuteBash" in text
    assert explanation_text("TOE999") is None


def test_every_name_has_a_code_of_its_own() -> None:
    assert sorted(value for name, value in vars(codes).items() if isinstance(value, str) and name.isupper()) == sorted(
        CODES
    )
