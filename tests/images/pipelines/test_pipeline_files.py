"""Pipelines with what they name, from a template and from a folder of requests."""

from __future__ import annotations

from pathlib import Path

import pytest
from pipeline_files import TEMPLATE, write_folder, write_template
from recipe_fixtures import write_recipe

from toe.errors import ToeError
from toe.images.pipelines.model import Infrastructure
from toe.images.pipelines.reading import read_pipeline
from toe.images.pipelines.schedule import Schedule

WEEKLY = Schedule("cron(0 4 ? * SUN *)", ("Sun *-*-* 4:0:00",), 0, "Europe/Berlin", needs_updates=True)


def test_a_folder_of_requests() -> None:
    write_recipe("localhost/static", "one/1.0.0")
    Path("notes.json").write_text('{"not": "ours"}')
    Path("component.yml").write_text("schemaVersion: 1.0\nphases: []\n")
    found = read_pipeline(write_folder())
    assert (found.name, found.key, found.recipe.name, found.recipe_file) == (
        "Nightly web",
        "nightly-web",
        "web",
        "./recipe.json",
    )
    assert found.infrastructure == Infrastructure("small", keeps_failed=True)
    assert (found.schedule, found.tests, found.test_minutes) == (WEEKLY, True, 60)
    assert (found.image_tags, found.distribution, found.is_enabled) == ({"stage": "test"}, None, True)
    assert {f"{problem.place}: {problem.message}" for problem in found.told} >= {
        "./infrastructure.json:4:2: 'instanceTypes' has no meaning here: no instance of EC2 builds here",
        "./pipeline.json:16:2: 'clientToken' has no meaning here: nothing is asked of the service",
    }


def test_a_template_with_all_of_it() -> None:
    path = write_template()
    found = read_pipeline(path, parameters={"Base": "localhost/static"})
    assert (found.name, found.recipe.name, found.recipe_file, found.recipe_name) == ("nightly", "web", path, "Recipe")
    assert found.infrastructure == Infrastructure("small")
    assert found.schedule == Schedule("rate(1 day)", (), 86400, "UTC", needs_updates=True)
    assert (found.tests, found.test_minutes) == (True, 720)
    assert "pipeline.yml:37:61: 'SubnetId' has no meaning here: no instance of EC2 builds here" in [
        f"{problem.place}: {problem.message}" for problem in found.told
    ]


def test_several_pipelines_are_named() -> None:
    second = TEMPLATE[TEMPLATE.index("  Pipeline:") :].replace("Pipeline:", "Second:").replace("nightly", "weekly")
    path = write_template(TEMPLATE + second)
    with pytest.raises(ToeError, match="more than one pipeline in this file: Pipeline, Second"):
        read_pipeline(path, parameters={"Base": "b"})
    for word in ("Second", "weekly"):
        assert read_pipeline(path, resource=word, parameters={"Base": "b"}).name == "weekly"
    with pytest.raises(ToeError, match=r"no pipeline 'weeky' \(did you mean 'weekly'|there is no pipeline 'weeky'"):
        read_pipeline(path, resource="weeky", parameters={"Base": "b"})


@pytest.mark.parametrize(
    ("version", "is_found"), [("1.0.0", True), ("1.x.x", True), ("2.0.0", False), ("1.0.1", False)]
)
def test_an_arn_means_a_recipe_by_name_and_version(version: str, is_found: bool) -> None:
    write_recipe("localhost/static", "one/1.0.0")
    arn = f"arn:aws:imagebuilder:eu-west-1:123456789012:container-recipe/web/{version}"
    path = write_folder(pipeline={"containerRecipeArn": arn})
    if is_found:
        assert read_pipeline(path).recipe.name == "web"
        return
    with pytest.raises(ToeError, match="the recipe of the pipeline 'Nightly web' is not here"):
        read_pipeline(path)


def test_a_schedule_with_a_fault_is_told_at_its_place() -> None:
    path = write_template(TEMPLATE.replace("rate(1 day)", "cron(0 25 * * ? *)"))
    with pytest.raises(ToeError) as refused:
        read_pipeline(path, parameters={"Base": "b"})
    (problem,) = refused.value.problems
    assert problem.message == "'25' is no hour"
    line = Path(path).read_text().splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("25 * * ? *")


def test_a_folder_without_anything_says_so(tmp_path: Path) -> None:
    with pytest.raises(ToeError, match="no request to Image Builder and no template in the folder"):
        read_pipeline(str(tmp_path))
