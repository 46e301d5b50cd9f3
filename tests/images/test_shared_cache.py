"""The cache that machines share by a registry: what is taken from it, and what is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from container_registry import ContainerRegistry
from recipe_fixtures import build, fates, plan, prepared, sh, tags, write_component, write_recipe

from toe.errors import ToeError
from toe.images.build import build_image
from toe.images.engines.commands import asked
from toe.images.lock_file import LOCK_NAME, read_lock
from toe.images.plan_text import build_plan_text
from toe.images.results import BuildResult
from toe.images.summary import build_summary
from toe.images.walk import cache_name

pytestmark = pytest.mark.usefixtures("no_names")
New = Callable[[], ContainerRegistry]


@pytest.fixture
def registry(registries: New) -> ContainerRegistry:
    """A registry."""
    return registries()


@pytest.fixture
def other_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[BuildResult], None]:
    """Makes this a machine that has the recipe and its lock file, and neither records nor images of a build."""

    def become(result: BuildResult) -> None:
        monkeypatch.setenv("TOE_STATE_DIRECTORY", str(tmp_path / "other"))
        for name in (*tags(), *(cache_name(layer.outlook.key) for layer in reversed(result.layers))):
            asked("buildah", "rmi", name)

    return become


def recipe_that_never_comes_out_the_same(base: str) -> None:
    """Two components; one writes what differs each time it runs."""
    one = write_component("one", build=[sh("Make", "cat /proc/sys/kernel/random/uuid > /one")])
    write_recipe(
        base, one, write_component("two", build=[sh("Make", "cat /one > /two")], test=[sh("Look", "cat /two")])
    )


def test_a_second_machine_takes_all_layers_from_the_registry_and_runs_nothing(
    static_image: str, registry: ContainerRegistry, other_machine: Callable[[BuildResult], None]
) -> None:
    recipe_that_never_comes_out_the_same(static_image)
    place = f"{registry.host}/team"
    first = build(cache_to=place)
    assert (first.failure, first.unshared, fates(first)) == (None, "", ["runs", "runs"])
    keys = [layer.outlook.key for layer in first.layers]
    assert registry.tags("team/toe-cache") == sorted(keys)
    for key, layer in read_lock(LOCK_NAME).items():
        assert layer.manifest == registry.digest(f"team/toe-cache:{key}")
        assert layer.image == registry.config_of(f"team/toe-cache:{key}")
    other_machine(first)
    planned = plan(cache_from=place)
    assert [one.fate.value for one in planned.layers] == ["registry", "registry"]
    assert "2 layers: 0 cached, 2 from the registry, 0 to run" in build_plan_text(planned, 0.0)
    assert tags() == []
    second = build(cache_from=place)
    assert (second.failure, second.image, fates(second)) == (None, first.image, ["registry", "registry"])
    assert second.verdicts[0].status == "success"
    assert [
        image for image in asked("buildah", "images", "--format", "{{.Name}}").split() if registry.host in image
    ] == []
    assert fates(build(cache_from=place)) == ["cached", "cached"]


@pytest.mark.slow
def test_a_tag_that_means_another_image_is_not_followed(
    static_image: str, registry: ContainerRegistry, other_machine: Callable[[BuildResult], None]
) -> None:
    recipe_that_never_comes_out_the_same(static_image)
    first = build(cache_to=registry.host)
    for layer in first.layers:
        overwrite(registry, layer.outlook.key, static_image)
    other_machine(first)
    second = build(cache_from=registry.host)
    assert (fates(second), second.image) == (["registry", "registry"], first.image)  # by its digest it is still there


@pytest.mark.slow
def test_an_image_that_is_not_of_the_recorded_digest_is_not_taken(
    static_image: str, registry: ContainerRegistry, registries: New, other_machine: Callable[[BuildResult], None]
) -> None:
    recipe_that_never_comes_out_the_same(static_image)
    first = build(cache_to=registry.host)
    foreign = registries()
    overwrite(foreign, first.layers[0].outlook.key, static_image)
    other_machine(first)
    second, told = build_and_listen(foreign.host)
    assert (second.failure, fates(second)) == (None, ["runs", "runs"])
    (warning,) = told
    assert "one: not taken from" in warning
    assert read_lock(LOCK_NAME)[first.layers[0].outlook.key].manifest in warning


@pytest.mark.slow
def test_an_image_that_the_lock_file_calls_otherwise_is_not_taken(
    static_image: str, registry: ContainerRegistry, other_machine: Callable[[BuildResult], None]
) -> None:
    recipe_that_never_comes_out_the_same(static_image)
    first = build(cache_to=registry.host)
    one, two = (layer.outlook.key for layer in first.layers)
    data = json.loads(Path(LOCK_NAME).read_text())
    data["layers"][one]["manifest"] = data["layers"][two]["manifest"]
    Path(LOCK_NAME).write_text(json.dumps(data))
    other_machine(first)
    second, told = build_and_listen(registry.host)
    assert (second.failure, fates(second)) == (None, ["runs", "runs"])
    assert f"it is the image {first.image}, and not {first.layers[0].image}" in told[0]


@pytest.mark.slow
def test_a_build_goes_on_without_a_registry_that_is_down(
    static_image: str, registry: ContainerRegistry, other_machine: Callable[[BuildResult], None]
) -> None:
    recipe_that_never_comes_out_the_same(static_image)
    first = build(cache_to=registry.host)
    other_machine(first)
    registry.stop()
    second, told = build_and_listen(registry.host)
    assert (second.failure, second.exit_code, fates(second)) == (None, 0, ["runs", "runs"])
    (warning,) = told
    assert warning.startswith(f"toe: warning: the build goes on without {registry.host}/toe-cache: ")


@pytest.mark.slow
def test_an_image_that_cannot_be_shared_is_there_and_the_build_has_failed(
    static_image: str, registry: ContainerRegistry
) -> None:
    recipe_that_never_comes_out_the_same(static_image)
    registry.stop()
    result = build(cache_to=registry.host)
    assert (result.failure, result.exit_code, result.tags) == (
        None,
        1,
        ("localhost/web:1.0.0-1", "localhost/web:latest"),
    )
    assert f"not all of its layers are in {registry.host}: skopeo copy: " in result.unshared
    told = build_summary(result)
    assert (told["status"], told["failureMessage"], told["image"]) == ("failed", result.unshared, result.image)
    assert not Path(LOCK_NAME).exists()
    registry.start()
    again = build(cache_to=registry.host)
    assert (again.exit_code, fates(again), len(read_lock(LOCK_NAME))) == (0, ["cached", "cached"], 2)


@pytest.mark.parametrize(
    "text", ["{\n<<<<<<< ours", "[]", '{"layers": {"a": {}}}', '{"layers": {"%s": 1}}' % ("a" * 64)]
)
def test_a_lock_file_that_is_damaged_is_refused_before_anything_is_built(static_image: str, text: str) -> None:
    recipe_that_never_comes_out_the_same(static_image)
    Path(LOCK_NAME).write_text(text)
    for order in ("cache_from", "cache_to"):
        with pytest.raises(ToeError, match=LOCK_NAME) as refused:
            build("recipe.json", None, **{order: "localhost:1"})
        assert refused.value.exit_code == 2
    assert tags() == []


def test_what_is_no_name_of_a_registry_is_refused(static_image: str) -> None:
    recipe_that_never_comes_out_the_same(static_image)
    for name in ("https://registry.example.com", "--creds", "a b", "/"):
        with pytest.raises(ToeError, match="no name of a registry"):
            build(cache_to=name)


def overwrite(registry: ContainerRegistry, key: str, image: str) -> None:
    """Have the tag of a key mean another image."""
    target = f"docker://{registry.host}/toe-cache:{key}"
    asked("skopeo", "copy", "--quiet", "--dest-tls-verify=false", f"containers-storage:{image}", target)


def build_and_listen(registry: str) -> tuple[BuildResult, list[str]]:
    """A build that may take layers from a registry, and its warnings."""
    told: list[str] = []
    with prepared("recipe.json", report=told.append, cache_from=registry) as found:
        result = build_image(found)
    return result, [line for line in told if "warning" in line]
