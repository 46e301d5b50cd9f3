"""`toe build` by podman: its image is like that of buildah, but for the times of its files."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from recipe_fixtures import build, configuration, fates, files_of, sh, tags, write_component, write_recipe

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_names", "podman")]


@pytest.fixture
def podman(container_storage: Path) -> None:
    if shutil.which("podman") is None:
        pytest.skip("needs podman (apt-get install podman)")


def listed(*words: str) -> str:
    return subprocess.run(["podman", *words], capture_output=True, text=True, check=True).stdout


def everything(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def test_nothing_of_podman_is_in_the_image(static_image: str) -> None:
    one = write_component("one", build=[sh("Make", "echo > /made; pwd > /where")], test=[sh("Look", "[ -e /made ]")])
    two = write_component("two", build=[sh("Make", "rm /where; echo > /etc/hosts.allow")])
    write_recipe(static_image, one, two, after="ENV A=b\nRUN touch /last\n")
    before = {*listed("images", "--all", "--quiet", "--no-trunc").split()}
    result = build(engine="podman")
    assert result.failure is None
    assert [verdict[:3] for verdict in result.verdicts] == [("one", "test", "success")]
    with files_of(static_image) as root:
        own = everything(root)
    with files_of(result.image) as root:
        assert everything(root) - own == {"made", "etc/hosts.allow", "last"}
    base, built = configuration(static_image)["config"], configuration(result.image)["config"]
    assert built.pop("Labels") == {"dev.toe.key": result.layers[-1].outlook.key}
    assert built == {**base, "Env": [*base["Env"], "A=b"]}
    assert json.loads(listed("image", "inspect", result.image))[0]["Annotations"] == {}
    layers = {layer.image for layer in result.layers}
    assert {*listed("images", "--all", "--quiet", "--no-trunc").split()} - before == layers
    assert listed("ps", "--all", "--external", "--quiet") == ""
    again = build(engine="podman")
    assert (again.image, fates(again)) == (result.image, ["cached"] * 3)


def test_a_template_that_fails_leaves_nothing(static_image: str) -> None:
    write_recipe(static_image, write_component("one", build=[sh("Make", "echo > /one")]), after="RUN exit 5\n")
    failure = build(engine="podman").failure
    assert failure is not None
    assert "exit status 5" in failure.message
    assert tags() == []
    assert listed("ps", "--all", "--external", "--quiet") == ""
    assert "toe-building" not in listed("images", "--all")


def test_what_failed_is_kept_as_an_image(static_image: str) -> None:
    write_recipe(static_image, write_component("one", build=[sh("Make", "echo half > /made; exit 1")]))
    failure = build(engine="podman", keep_failed=True).failure
    assert failure is not None
    with files_of(failure.remove.split()[-1]) as root:
        assert (root / "made").read_text() == "half\n"
    subprocess.run(failure.remove, shell=True, check=True, capture_output=True)
    assert tags() == []
