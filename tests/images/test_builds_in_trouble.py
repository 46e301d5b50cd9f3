"""Two builds of one recipe at once; a disk that is full; recipes of other people; what the guide shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from engine_fixtures import containers
from recipe_fixtures import build, fates, plan, sh, tags, write_component, write_recipe

from toe.errors import ToeError
from toe.images.engines.commands import asked
from toe.images.recipes.read import read_recipes

pytestmark = pytest.mark.usefixtures("no_names")

REPOSITORY = Path(__file__).resolve().parents[2]
#: Recipes that other people published; they are not part of the repository.
PUBLISHED = REPOSITORY.parents[1] / "shared" / "images" / "recipes"
FILES = sorted(path for path in PUBLISHED.glob("*.*") if path.suffix != ".md") if PUBLISHED.is_dir() else []
#: Those of Terraform take long to read, for all files of their folder are looked into: these are some of each kind.
USUAL = ("kwong+ec2-image-builder-poc", "fdool73+ec2-image-builder-hardening-pipeline")


def usual_or_slow(path: Path) -> Sequence[pytest.MarkDecorator]:
    usual = path.suffix != ".tf" or path.name.startswith(USUAL)
    return () if usual else (pytest.mark.slow,)


@pytest.mark.slow
def test_of_two_builds_at_once_one_does_the_work(static_image: str) -> None:
    write_recipe(static_image, write_component("one", build=[sh("Make", "echo > /one")]), after="ENV A=b\n")
    with ThreadPoolExecutor(2) as pool:
        results = [future.result() for future in [pool.submit(build), pool.submit(build)]]
    assert [result.failure for result in results] == [None, None]
    assert len({result.image for result in results}) == 1
    assert {result.version for result in results} == {"1.0.0/1"}
    assert sorted(fate for result in results for fate in fates(result)) == ["cached", "cached", "runs", "runs"]
    assert (tags(), containers()) == (["localhost/web:1.0.0-1", "localhost/web:latest"], [])


@contextmanager
def small_disk(folder: Path, size: str = "256k") -> Iterator[Path]:
    """A file system that holds no more than this."""
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "toe-test", str(folder)], check=False).returncode:
        pytest.skip("needs to mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_leaves_the_cache_sound(
    static_image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = write_component("one", build=[sh("Make", "echo > /one")])
    write_recipe(static_image, one)
    with small_disk(tmp_path / "disk") as disk:
        monkeypatch.setenv("TOE_STATE_DIRECTORY", str(disk / "state"))
        assert build().failure is None
        write_recipe(static_image, one, write_component("two", build=[sh("Make", "echo > /two")]))
        filler = disk / "filler"
        with suppress(OSError), filler.open("ab", buffering=0) as file:  # until there is no more space
            while True:
                file.write(bytes(4096))
        refused = ""
        try:
            failure = build().failure
            refused = failure.message if failure else ""
        except ToeError as error:
            refused = error.message
        assert "No space left" in refused
        assert containers() == []
        filler.unlink()
        result = build()
        assert (result.failure, fates(result)) == (None, ["cached", "runs"])


@pytest.mark.slow
def test_a_full_disk_below_the_images_is_told_and_leaves_the_cache_sound(static_image: str) -> None:
    one = write_component("one", build=[sh("Make", "echo > /one")])
    with (
        tempfile.TemporaryDirectory(prefix="s-") as folder,
        small_disk(Path(folder, "d"), "10m") as disk,
        pytest.MonkeyPatch.context() as patch,
    ):
        asked("buildah", "push", "--quiet", static_image, f"docker-archive:{folder}/image.tar:{static_image}:latest")
        (Path(folder) / "storage.conf").write_text(
            f'[storage]\ndriver = "overlay"\nrunroot = "{disk}/run"\ngraphroot = "{disk}/graph"\n'
        )
        patch.setenv("CONTAINERS_STORAGE_CONF", f"{folder}/storage.conf")
        asked("buildah", "pull", "--quiet", f"docker-archive:{folder}/image.tar")
        try:
            two = write_component("two", build=[sh("Make", "head -c 4500000 /dev/zero > /two")])
            write_recipe(static_image, one, two)
            failure = build().failure
            assert failure is not None
            assert "no space left" in failure.message.lower()
            assert containers() == []
            write_component("two", build=[sh("Make", "echo > /two")])
            result = build()
            assert (result.failure, fates(result)) == (None, ["cached", "runs"])
        finally:
            asked("buildah", "rm", "--all")
            subprocess.run(["umount", f"{disk}/graph/overlay"], capture_output=True, check=False)


@pytest.mark.skipif(not FILES, reason="recipes that other people published are not here")
@pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.name.partition("__")[0], marks=usual_or_slow(path)) for path in FILES]
)
def test_what_a_published_recipe_lacks_here_is_said(container_storage: Path, path: Path) -> None:
    recipes = read_recipes(str(path)).recipes
    for recipe in recipes:
        with pytest.raises(ToeError) as refused:
            plan(str(path), resource=recipe.label)
        assert refused.value.exit_code == 2
        assert refused.value.message


@pytest.mark.slow
def test_the_guide_shows_what_is_printed(container_storage: Path) -> None:
    shutil.copytree(REPOSITORY / "examples/container-image", "examples/container-image")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    folder = Path()
    for block in re.findall(r"```console\n(.*?)```", (REPOSITORY / "examples/guides/images.md").read_text(), re.S):
        for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M):
            if command.startswith("cd "):
                folder = folder / command.removeprefix("cd ")
                continue
            done = subprocess.run(
                command,
                shell=True,
                cwd=folder,
                env={**os.environ, "PATH": path},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=True,
            )
            assert without_chance(done.stdout) == without_chance(shown), command


def without_chance(text: str) -> str:
    """Without what differs on each machine and in each build, and without the making of the toe for containers."""
    text = re.sub(r"^toe: making .*\n", "", text, flags=re.M)
    text = re.sub(r"\b[0-9a-f]{12}\b", "ID", text)
    text = re.sub(r"\d+\.\d+ s\b", "TIME", text)
    text = re.sub(r"\d+ (?:second|minute)s? old", "AGE", text)
    return re.sub(r"buildah [\d.]+ \w+", "ENGINE", text)
