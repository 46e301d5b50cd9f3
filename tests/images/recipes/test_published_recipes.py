"""Recipes that other people published: each is read, and what is found in it is what a reader sees there.

They are not part of this repository: the folder stands beside it where this project is developed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from toe.check.options import CheckOptions
from toe.errors import Severity
from toe.images.recipes.check import check_recipes
from toe.images.recipes.read import read_text
from toe.records import NamedTuple

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "images" / "recipes"


class Expected(NamedTuple):
    """What is in a file. `recipes`: kind, version and number of components; `amazon`: what only AWS has, by line.

    `others`: how many pipelines, images and settings; `open`: the lines of values that the file leaves open.
    """

    recipes: tuple[tuple[str, str, int], ...] = ()
    components: int = 0
    others: int = 0
    amazon: tuple[tuple[int, str], ...] = ()
    errors: tuple[tuple[int, int, str], ...] = ()
    open: tuple[int, ...] = ()


IMAGE, CONTAINER = "image", "container"
PUBLISHED = {
    "JamesWoolfenden:aws_imagebuilder_image_recipe.examplea.tf": Expected(
        recipes=(("image", "1.0.0", 1),),
        components=0,
        others=0,
        amazon=((20, "arn:aws:imagebuilder:*:aws:image/amazon-linux-2-x86/x.x.x"),),
        errors=(),
        open=(16,),
    ),
    "S-Waleed:0-pipeline.tf": Expected(
        recipes=(),
        components=0,
        others=1,
        amazon=(),
        errors=(),
        open=(),
    ),
    "SinghWorld:pipeline.tf": Expected(
        recipes=(),
        components=0,
        others=1,
        amazon=(),
        errors=(),
        open=(),
    ),
    "TheRealDeomax:main.tf": Expected(
        recipes=(("image", "1.0.0", 3),),
        components=3,
        others=3,
        amazon=(),
        errors=(),
        open=(164, 169, 243, 248, 330, 335, 597, 599),
    ),
    "aws-ia:main.tf": Expected(
        recipes=(("image", "*", 0),),
        components=0,
        others=4,
        amazon=(),
        errors=(),
        open=(226, 227, 228, 236, 237, 247, 256, 267),
    ),
    "aws-samples:amazon-linux-2-container-image.yml": Expected(
        recipes=(("container", "1.0.0", 1),),
        components=1,
        others=3,
        amazon=(),
        errors=(),
        open=(),
    ),
    "aws-samples:amazon-linux-2-with-latest-ssm-agent.yml": Expected(
        recipes=(("image", "0.0.1", 1),),
        components=0,
        others=2,
        amazon=((122, "arn:*:imagebuilder:*:aws:image/amazon-linux-2-x86/x.x.x"), (125, "update-linux")),
        errors=(),
        open=(129,),
    ),
    "aws-samples:pipeline-template.yaml": Expected(
        recipes=(("image", "1.0.0", 1),),
        components=0,
        others=1,
        amazon=((88, "ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"),),
        errors=(),
        open=(90,),
    ),
    "aws-samples:ubuntuserver20-with-.net6.yml": Expected(
        recipes=(("image", "0.0.1", 1),),
        components=0,
        others=2,
        amazon=((137, "arn:*:imagebuilder:*:aws:image/ubuntu-server-20-lts-x86/x.x.x"), (140, "dotnet-sdk-linux")),
        errors=(),
        open=(),
    ),
    "aws-samples:windows-baseline-stack.yml": Expected(
        recipes=(("image", "1.0.0", 5),),
        components=0,
        others=3,
        amazon=(
            (138, "update-windows"),
            (139, "aws-cli-version-2-windows"),
            (140, "powershell-windows"),
            (141, "windows-activation-test"),
            (142, "reboot-test-windows"),
            (143, "arn:*:imagebuilder:*:aws:image/windows-server-2019-english-full-base-x86/x.x.x"),
        ),
        errors=(),
        open=(),
    ),
    "aws-samples:windows-dotnet-application-stack.yml": Expected(
        recipes=(("image", "1.0.0", 2),),
        components=2,
        others=3,
        amazon=(),
        errors=(),
        open=(245, 403),
    ),
    "aws-samples:windows-server-with-latest-ssm-agent.yml": Expected(
        recipes=(("image", "0.0.1", 1),),
        components=0,
        others=2,
        amazon=(
            (122, "arn:*:imagebuilder:*:aws:image/windows-server-2019-english-full-base-x86/x.x.x"),
            (125, "update-windows"),
        ),
        errors=(),
        open=(129,),
    ),
    "aws-samples:image-pipeline-app-account-sample.yml": Expected(
        recipes=(("image", "1.0.0", 1),),
        components=0,
        others=3,
        amazon=(
            (164, "arn:*:imagebuilder:*:*:image/amznlinux2-imagerecipe-shared/x.x.x"),
            (167, "apache-tomcat-9-linux"),
        ),
        errors=(),
        open=(),
    ),
    "aws-samples:recipes.tf": Expected(
        recipes=(("container", "1.0.0", 2),),
        components=0,
        others=0,
        amazon=((36, "update-linux"), (40, "stig-build-linux-medium")),
        errors=(),
        open=(7, 15),
    ),
    "chaunceyyann:imagebuilder_pipelines_windows.tf": Expected(
        recipes=(),
        components=0,
        others=1,
        amazon=(),
        errors=(),
        open=(),
    ),
    "chaunceyyann:imagebuilder_recipes_windows.tf": Expected(
        recipes=(("image", "*", 0),),
        components=0,
        others=0,
        amazon=(),
        errors=(),
        open=(21, 22, 23, 24, 27),
    ),
    "eunyuljo:image-builder.tf": Expected(
        recipes=(("image", "1.0.0", 3),),
        components=2,
        others=3,
        amazon=((173, "arn:aws:imagebuilder:*:aws:image/amazon-linux-2023-x86/x.x.x"), (177, "update-linux")),
        errors=(),
        open=(108, 112, 140, 144, 172),
    ),
    "fdool73:recipes.tf": Expected(
        recipes=(("container", "1.0.0", 2),),
        components=0,
        others=0,
        amazon=((36, "update-linux"), (40, "stig-build-linux-medium")),
        errors=(),
        open=(7, 15),
    ),
    "kwong:main.tf": Expected(
        recipes=(("image", "*", 0),),
        components=0,
        others=0,
        amazon=(),
        errors=(),
        open=(15, 16, 17, 18, 19, 20, 22, 29),
    ),
    "ministryofjustice:windows_pipeline.tf": Expected(
        recipes=(("image", "*", 0),),
        components=1,
        others=3,
        amazon=(),
        errors=(),
        open=(26, 29, 30, 31, 32, 37, 44, 55, 56, 57, 82, 83, 84, 85),
    ),
}


def _key(path: Path) -> str:
    return f"{path.name.split('+')[0]}:{path.name.split('__')[-1]}"


FILES = sorted(path for path in FOLDER.glob("*.*") if path.suffix != ".md") if FOLDER.is_dir() else []


@pytest.mark.skipif(not FILES, reason="the published recipes are not beside this repository")
def test_every_published_recipe_is_expected() -> None:
    assert {_key(path) for path in FILES} == PUBLISHED.keys()


@pytest.mark.parametrize("path", FILES, ids=_key)
def test_a_published_recipe_is_read(path: Path) -> None:
    if path.suffix == ".tf":
        pytest.importorskip("hcl2")
    expected = PUBLISHED[_key(path)]
    data = path.read_bytes()
    reading = read_text(data, str(path))
    assert tuple((one.kind, one.version, len(one.components)) for one in reading.recipes) == expected.recipes
    assert (len(reading.components), len(reading.resources)) == (expected.components, expected.others)
    problems = check_recipes(data, str(path), CheckOptions())
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    assert tuple((problem.line, problem.column, problem.code) for problem in errors) == expected.errors
    of_aws = [problem for problem in problems if problem.code in ("TOE715", "TOE722")]
    assert [problem.line for problem in of_aws] == [line for line, _ in expected.amazon]
    assert all(name in problem.message for problem, (_, name) in zip(of_aws, expected.amazon, strict=True))
    assert tuple(problem.line for problem in problems if problem.code == "TOE710") == expected.open
    assert all(problem.message and problem.file == str(path) for problem in problems)
