"""Builds that are cut off while layers go to a registry, or come from it."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from container_registry import ContainerRegistry
from killed_builds import commands_of, forget_all, is_in_the_way, struck
from recipe_fixtures import build, fates, plan, sh, tags, write_component, write_recipe

from toe.images.lock_file import LOCK_NAME, read_lock

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("adopted", "no_names")]
#: The commands of skopeo of a build that pushes two layers, and of one that takes them: each is asked for, then copied.
PUSHES, FETCHES = 2, 4


def a_recipe(base: str) -> None:
    """Two layers that no other machine would make alike, with a megabyte each."""
    script = "cat /proc/sys/kernel/random/uuid > /{0}; head -c 1000000 /dev/urandom >> /{0}"
    names = [write_component(name, build=[sh("Make", script.format(name))]) for name in ("one", "two")]
    write_recipe(base, *names)


def stray_files() -> list[str]:
    """What programs put beside the folders of `toe`."""
    places = (Path("/var/tmp"), Path(tempfile.gettempdir()))
    return [str(path) for place in places for path in (*place.glob("container_images*"), *place.glob("toe-push*"))]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_build_that_is_cut_off_while_it_pushes(
    static_image: str, registries: Callable[[], ContainerRegistry], tmp_path: Path, number: int
) -> None:
    forget_all()
    a_recipe(static_image)
    image = build().image
    before = stray_files()
    for at in range(1, PUSHES + 1):
        registry = registries()
        Path(LOCK_NAME).unlink(missing_ok=True)
        done = struck(tmp_path, at, number, "--cache-to", registry.host, program="skopeo")
        assert done.returncode in (-number, 128 + number), (at, done.stderr)
        plan()
        assert (is_in_the_way(), stray_files()) == ([], before), at
        again = build(cache_to=registry.host)
        assert (again.exit_code, again.image, fates(again)) == (0, image, ["cached"] * 2)
        assert sorted(read_lock(LOCK_NAME)) == registry.tags("toe-cache"), at
        assert len(read_lock(LOCK_NAME)) == 2
        registry.stop()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_build_that_is_cut_off_while_it_fetches(
    static_image: str, registries: Callable[[], ContainerRegistry], tmp_path: Path, number: int
) -> None:
    forget_all()
    a_recipe(static_image)
    registry = registries()
    image = build(cache_to=registry.host).image
    before = stray_files()
    for at in range(1, FETCHES + 1):
        forget_all()
        done = struck(tmp_path, at, number, "--cache-from", registry.host, program="skopeo")
        assert done.returncode in (-number, 128 + number), (at, done.stderr)
        assert commands_of(tmp_path) >= at
        plan()
        assert (is_in_the_way(), stray_files()) == ([], before), at
        again = build(cache_from=registry.host)
        assert (again.failure, again.image, set(fates(again)) <= {"cached", "registry"}) == (None, image, True), at
        assert tags() == ["localhost/web:1.0.0-1", "localhost/web:latest"], at
