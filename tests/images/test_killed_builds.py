"""Builds that are cut off: the next command finds what is left of them, and the next build is right."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from killed_builds import commands_of, forget_all, is_in_the_way, struck
from recipe_fixtures import build, plan, sh, tags, write_component, write_recipe

pytestmark = pytest.mark.usefixtures("adopted", "no_names")

#: The commands of buildah in the build of these tests; the last ones name the image.
COMMANDS = 29
#: Those of a build that is asked to stop then are carried out: the image is there, and tested.
NAMING = 2


def a_recipe(base: str) -> None:
    """With a component, a template that runs something, and a test."""
    one = write_component("one", build=[sh("Make", "echo a > /one")], test=[sh("Look", "[ -s /one ]")])
    write_recipe(base, one, after="RUN cat /one > /two\n")


def struck_and_judged(tmp_path: Path, at: int, number: int) -> int:
    """Have a build struck; returns how many commands of buildah there were."""
    done = struck(tmp_path, at, number)
    last = COMMANDS if number == signal.SIGKILL else COMMANDS - NAMING
    stopped = -number if number == signal.SIGKILL else 128 + number
    assert done.returncode == (stopped if at <= last else 0), done.stderr
    return commands_of(tmp_path)


def is_right_again(after: str, image: str) -> None:
    """The next command cleans up, and the next build makes what it should."""
    plan()
    assert is_in_the_way() == [], after
    assert tags() in ([], ["localhost/web:1.0.0-1", "localhost/web:latest"]), after
    result = build()
    assert (result.failure, result.image) == (None, image), after
    assert is_in_the_way() == [], after
    assert tags() == ["localhost/web:1.0.0-1", "localhost/web:latest"], after


def cut_off_at(points: range | tuple[int, ...], number: int, base: str, tmp_path: Path) -> int:
    a_recipe(base)
    image = build().image
    commands = 0
    for at in points:
        forget_all()
        commands = struck_and_judged(tmp_path, at, number)
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
