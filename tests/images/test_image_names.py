"""Names of images."""

from __future__ import annotations

import pytest

from toe.errors import ToeError
from toe.images.image_names import image_names
from toe.images.model import CONTAINER, Place, Recipe
from toe.images.versions import Version

RECIPE = Recipe(CONTAINER, "Web Server", "1.0.x", "debian", (), Place("recipe.yml"))
VERSION = Version(1, 0, 3, 2)


def test_the_names_of_a_recipe_have_its_version() -> None:
    assert image_names(RECIPE, VERSION, ()) == ("localhost/web-server:1.0.3-2", "localhost/web-server:latest")
    named = RECIPE._replace(target_repository="Team/web.app")
    assert image_names(named, VERSION, ())[0] == "localhost/team/web.app:1.0.3-2"


def test_a_wanted_name_is_taken_as_it_is() -> None:
    assert image_names(RECIPE, VERSION, ("web:dev", "127.0.0.1:5000/a/web")) == (
        "web:dev",
        "127.0.0.1:5000/a/web:1.0.3-2",
        "127.0.0.1:5000/a/web:latest",
    )


@pytest.mark.parametrize("name", ["Web", "web:", "-v", "a b", "web@sha256:0", "a//b", "web:" + "a" * 129])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ToeError, match="is no name of an image"):
        image_names(RECIPE, VERSION, (name,))
