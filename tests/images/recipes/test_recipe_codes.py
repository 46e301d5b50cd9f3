"""The examples of the codes of recipes: the wrong one has the problem, the right one has not."""

from __future__ import annotations

from pathlib import Path

import pytest

from toe import codes
from toe.check.explanations import EXPLANATIONS
from toe.check.options import CheckOptions
from toe.codes import CODES
from toe.images.recipes.check import check_recipes

#: Too large to print, of another form (Terraform), or of another file (toe-images.yml).
WITHOUT_EXAMPLE = (codes.RECIPE_TOO_MUCH, codes.RECIPE_SYNTAX, codes.RECIPE_SIDE_FILE)
OF_RECIPES = sorted(code for code in CODES if code.startswith("TOE7"))


def codes_of(example: str, folder: Path) -> list[str]:
    path = folder / "recipe.yml"
    return [problem.code for problem in check_recipes(example.encode(), str(path), CheckOptions())]


@pytest.mark.parametrize("code", [code for code in OF_RECIPES if code not in WITHOUT_EXAMPLE])
def test_examples_of_a_code_are_wrong_and_right(code: str, tmp_path: Path) -> None:
    explanation = EXPLANATIONS[code]
    assert code in codes_of(explanation.wrong, tmp_path)
    right = codes_of(explanation.right, tmp_path)
    assert code not in right
    assert not [other for other in right if other not in (codes.RECIPE_AMAZON_COMPONENT, codes.RECIPE_NOT_KNOWN)]
