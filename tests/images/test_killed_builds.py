"""Builds that are cut off: the next command finds what is left of them, and the next build is right."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from engine_fixtures import containers
from recipe_fixtures import build, plan, sh, tags, write_component, write_recipe

from toe.images.engines.commands import asked
from toe.images.engines.owners import is_left_over

pytestmark = pytest.mark.usefixtures("no_names")

#: Stands for buildah: at the command of a number it sends a signal to toe, which began it, and does its work then.
STRIKING = """\
#!/bin/sh
n=$(($(cat {count}) + 1)); echo $n > {count}
[ $n != {at} ] || kill -{signal} $PPID
exec {buildah} "$@"
"""
#: The commands of buildah in the build of these tests; the last ones name the image.
COMMANDS = 28
#: Those of a build that is asked to stop then are carried out: the image is there, and tested.
NAMING = 2


def a_recipe(base: str) -> None:
    """With a component, a template that runs something, and a test."""
    one = write_component("one", build=[sh("Make", "echo a > /one")], test=[sh("Look", "[ -s /one ]")])
    write_recipe(base, one, after="RUN cat /one > /two\n")


def struck(tmp_path: Path, at: int, number: int) -> int:
    """A build that gets a signal at one of its commands of buildah; returns how many there were."""
    bin_folder, count = tmp_path / "bin", tmp_path / "count"
    bin_folder.mkdir(exist_ok=True)
    count.write_text("0")
    script = STRIKING.format(count=count, at=at, signal=number, buildah=shutil.which("buildah"))
    (bin_folder / "buildah").write_text(script)
    (bin_folder / "buildah").chmod(0o755)
    environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "toe", "build", "recipe.json"]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=300, start_new_session=True)
    last = COMMANDS if number == signal.SIGKILL else COMMANDS - NAMING
    stopped = -number if number == signal.SIGKILL else 128 + number
    assert done.returncode == (stopped if at <= last else 0), done.stderr.decode()
    return int(count.read_text())


def is_in_the_way() -> list[str]:
    """What a killed build may have left: containers, their mounts, names, notes, folders of runs, images of no name."""
    state, cache = Path(os.environ["TOE_STATE_DIRECTORY"], "images"), Path(os.environ["XDG_CACHE_HOME"], "toe")
    runs = [path for path in (cache / "runs").glob("*") if is_left_over(path.name)]  # others' tests have some as well
    notes = [*(state / "making").glob("*"), *(state / "locks").glob("*"), *state.glob("*/.toe-*")]
    told = json.loads(asked("buildah", "images", "--all", "--json") or "[]") or []
    unnamed = [image["id"] for image in told if not image.get("names")]
    work = [name for image in told for name in image.get("names") or () if "toe-building" in name]
    mounts = asked("buildah", "mount").splitlines()
    return [*containers(), *mounts, *map(str, runs), *map(str, notes), *unnamed, *work]


def is_right_again(after: str, image: str) -> None:
    """The next command cleans up, and the next build makes what it should."""
    plan()
    assert is_in_the_way() == [], after
    assert tags() in ([], ["localhost/web:1.0.0-1", "localhost/web:latest"]), after
    result = build()
    assert (result.failure, result.image) == (None, image), after
    assert is_in_the_way() == [], after
    assert tags() == ["localhost/web:1.0.0-1", "localhost/web:latest"], after


def forget_all() -> None:
    """Neither cache nor records nor names are there."""
    shutil.rmtree(os.environ["TOE_STATE_DIRECTORY"], ignore_errors=True)
    for image in json.loads(asked("buildah", "images", "--json") or "[]") or []:
        for name in image.get("names") or ():
            if "/static:" not in name:
                asked("buildah", "rmi", name)


def cut_off_at(points: range | tuple[int, ...], number: int, base: str, tmp_path: Path) -> int:
    a_recipe(base)
    image = build().image
    commands = 0
    for at in points:
        forget_all()
        commands = struck(tmp_path, at, number)
        is_right_again(f"signal {number} at command {at}", image)
    forget_all()
    return commands


def test_a_build_that_was_killed_leaves_nothing_to_the_next_command(static_image: str, tmp_path: Path) -> None:
    cut_off_at((18,), signal.SIGKILL, static_image, tmp_path)


@pytest.mark.slow
def test_a_build_that_is_stopped_before_a_component_begins_is_no_failure(static_image: str, tmp_path: Path) -> None:
    cut_off_at((4,), signal.SIGINT, static_image, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_build_may_be_cut_off_anywhere(static_image: str, tmp_path: Path, number: int) -> None:
    assert cut_off_at(range(1, COMMANDS + 2), number, static_image, tmp_path) == COMMANDS
