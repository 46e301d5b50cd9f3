"""Recipes become images: by buildah, on a base with busybox alone."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from engine_fixtures import containers
from recipe_fixtures import (
    build,
    configuration,
    fates,
    files_of,
    plan,
    sh,
    tags,
    wait_for_process,
    write_component,
    write_recipe,
)

from toe.errors import ToeError
from toe.images.engines.commands import asked
from toe.images.results import BuildResult
from toe.images.store import store_in
from toe.system.cancellation import Cancellation

pytestmark = pytest.mark.usefixtures("no_names")


def everything(root: Path) -> set[str]:
    """All files and folders below a folder."""
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def test_an_image_holds_what_the_recipe_says_and_nothing_of_the_builder(static_image: str) -> None:
    one = write_component("one", "Text", build=[sh("Make", "echo {{ Text }} > /made; pwd > /where")])
    two = write_component("two", build=[sh("Make", "cat /made > /copy")], validate=[sh("Look", "[ -s /copy ]")])
    three = write_component("three", test=[sh("Look", "[ $(cat /copy) = hello ]; touch /tested")])
    used = {"componentArn": one, "parameters": [{"name": "Text", "value": ["hello"]}]}
    write_recipe(static_image, used, two, three, after="ENV A=b\nRUN touch /last\n")
    result = build()
    assert result.failure is None
    assert result.tags == ("localhost/web:1.0.0-1", "localhost/web:latest")
    assert fates(result) == ["runs"] * 3
    assert [verdict[:4] for verdict in result.verdicts] == [("three", "test", "success", 1)]
    steps = [(one["phase"], one["step"], one["status"]) for layer in result.layers for one in layer.results]
    assert steps == [("build", "Make", "success"), ("build", "Make", "success"), ("validate", "Look", "success")]
    the_record_says_from_what_it_was_made(result, static_image)
    with files_of(static_image) as root:
        before = everything(root)
    with files_of(result.image) as root:
        assert everything(root) - before == {"made", "where", "copy", "last"}
        assert (root / "made").read_text() == "hello\n"
        assert (root / "where").read_text() == "/tmp\n"
        assert {path.lstat().st_mtime for path in (root / "made", root / "copy", root / "last")} == {0.0}
    base, built = configuration(static_image), configuration(result.image)
    assert built["config"]["Env"] == [*base["config"]["Env"], "A=b"]
    labels = built["config"].pop("Labels")
    assert labels == {"dev.toe.key": result.layers[-1].outlook.key}
    assert {**built["config"], "Env": 0} == {**base["config"], "Env": 0}
    assert "annotations" not in manifest(result.image)
    assert containers() == []
    assert build(no_cache=True).image == result.image


def manifest(image: str) -> dict[str, Any]:
    """What a registry would be given as the image's manifest."""
    told = json.loads(asked("buildah", "inspect", "--type", "image", image.removeprefix("sha256:")))
    found: dict[str, Any] = json.loads(told["Manifest"])
    return found


def test_a_template_that_runs_nothing_does_not_name_the_layers_below_either(static_image: str) -> None:
    write_recipe(static_image, write_component("one", build=[sh("Make", "echo > /one")]), after="ENV A=b\n")
    result = build()
    assert result.failure is None
    assert "annotations" not in manifest(result.image)
    assert configuration(result.image)["config"]["Env"] == ["PATH=/bin", "A=b"]


def the_record_says_from_what_it_was_made(result: BuildResult, base: str) -> None:
    (record,) = store_in(os.environ["TOE_STATE_DIRECTORY"]).images()
    assert record == result.record
    assert (record.image, record.tags) == (result.image, [*result.tags])
    component = record.components[0]
    assert {key: component[key] for key in ("name", "version", "build", "parameters", "cached", "key")} == {
        "name": "one",
        "version": "1.0.0",
        "build": 1,
        "parameters": {"Text": ["hello"]},
        "cached": False,
        "key": result.layers[0].outlook.key,
    }
    assert (record.recipe["version"], record.base["name"]) == ("1.0.0/1", base)
    assert [test["status"] for test in record.tests] == ["success"]


def test_nothing_changed_is_nothing_made_and_the_tests_run(static_image: str) -> None:
    write_recipe(
        static_image, write_component("one", build=[sh("Make", "date > /made")], test=[sh("Look", "cat /made")])
    )
    first, second = build(), build()
    assert (fates(first), fates(second)) == (["runs"], ["cached"])
    assert (second.image, second.version, len(second.verdicts)) == (first.image, first.version, 1)
    assert len(store_in(os.environ["TOE_STATE_DIRECTORY"]).images()) == 2


@pytest.mark.slow
def test_without_the_cache_all_is_made_anew_and_another_image_is_another_build(static_image: str) -> None:
    write_recipe(static_image, write_component("one", build=[sh("Make", "cat /proc/uptime > /made")]))
    first, second = build(), build(no_cache=True)
    assert (fates(second), second.image != first.image, second.version) == (["runs"], True, "1.0.0/2")


def test_a_changed_component_is_made_anew_and_the_plan_names_what_changed(static_image: str) -> None:
    one = write_component("one", "Text", build=[sh("Make", "echo {{ Text }} > /one")])
    two = write_component("two", build=[sh("Make", "echo > /two")])

    def recipe(text: str) -> None:
        write_recipe(static_image, {"componentArn": one, "parameters": [{"name": "Text", "value": [text]}]}, two)

    recipe("a")
    build()
    recipe("b")
    first, second = plan().layers
    assert (first.why, [change[:3] for change in first.changes]) == (
        "parameter Text changed",
        [("parameter Text", "a", "b")],
    )
    assert second.fate.value == "follows"
    assert fates(build()) == ["runs", "runs"]
    write_component("two", build=[sh("Make", "echo 2 > /two")])
    assert [one.why for one in plan().layers] == ["", "document changed"]
    assert fates(build()) == ["cached", "runs"]
    assert [one.fate.value for one in plan(refresh=("two",)).layers] == ["cached", "runs"]


@pytest.mark.slow
def test_two_builds_without_the_cache_give_the_same_digest(static_image: str) -> None:
    one = write_component("one", build=[sh("Make", "mkdir /dir; echo a > /dir/file; ln -s dir /link")])
    write_recipe(static_image, one, after='CMD ["/bin/sh"]\n')
    first = build()
    assert build(no_cache=True).image == first.image
    assert configuration(first.image)["created"] == "1970-01-01T00:00:00Z"
    os.environ["SOURCE_DATE_EPOCH"] = "1700000000"
    try:
        dated = build()
    finally:
        del os.environ["SOURCE_DATE_EPOCH"]
    assert configuration(dated.image)["created"] == "2023-11-14T22:13:20Z"


def test_a_failure_names_component_phase_step_cause_and_logs_and_leaves_nothing(static_image: str) -> None:
    one = write_component("one", build=[sh("Make", "echo > /one")])
    two = write_component("two", validate=[sh("Look", "echo no such thing >&2; exit 7")])
    write_recipe(static_image, one, two)
    result = build()
    failure = result.failure
    assert failure is not None
    assert failure.message == "component two, phase validate, step Look: exit status 7"
    assert (failure.component, failure.phase, failure.step) == ("two", "validate", "Look")
    assert "no such thing" in failure.details
    assert "no such thing" in Path(failure.logs, "console.log").read_text()
    assert (result.image, result.tags, result.exit_code, tags(), containers()) == ("", (), 1, [], [])
    write_component("two", validate=[sh("Look", "true")])
    again = build()
    assert (again.failure, fates(again)) == (None, ["cached", "runs"])


@pytest.mark.slow
def test_an_image_whose_tests_fail_gets_no_name(static_image: str) -> None:
    one = write_component("one", build=[sh("Make", "echo > /one")], test=[sh("Look", "exit 3")])
    write_recipe(static_image, one)
    result = build()
    assert result.failure is not None
    assert result.failure.message == "component one, phase test, step Look: exit status 3"
    assert (tags(), containers()) == ([], [])
    assert build(no_tests=True).tags == ("localhost/web:1.0.0-1", "localhost/web:latest")


def test_what_failed_can_be_kept_and_entered(static_image: str) -> None:
    write_recipe(static_image, write_component("one", build=[sh("Make", "echo half > /made; exit 1")]))
    failure = build(keep_failed=True).failure
    assert failure is not None
    (name,) = containers()
    assert name in failure.enter
    assert name in failure.remove
    os.system(failure.remove + " > /dev/null")
    assert containers() == []


@pytest.mark.slow
def test_a_component_can_reboot(static_image: str) -> None:
    steps = [sh("Ask", "[ -e /asked ] || { touch /asked; exit 194; }"), sh("After", "echo > /after")]
    write_recipe(static_image, write_component("one", build=steps))
    result = build()
    assert result.failure is None
    with files_of(result.image) as root:
        assert (root / "after").exists()


@pytest.mark.slow
def test_what_stands_before_the_components_is_built_before_them(static_image: str) -> None:
    one = write_component("one", build=[sh("Make", "cat /before > /one; echo $FROM > /from")])
    template = (
        "FROM {{{ imagebuilder:parentImage }}} AS base\nENV FROM=template\nRUN echo first > /before\n"
        "{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\nFROM base\nCOPY --from=base /one /copied\n"
    )
    write_recipe(static_image, one, dockerfileTemplateData=template)
    result = build()
    assert result.failure is None
    assert fates(result) == ["runs"] * 3
    with files_of(result.image) as root:
        assert (root / "copied").read_text() == "first\n"
        assert (root / "from").read_text() == "template\n"
    assert containers() == []
    assert fates(build()) == ["cached"] * 3


@pytest.mark.slow
def test_the_engine_s_words_are_told_where_a_template_fails(static_image: str) -> None:
    write_recipe(static_image, write_component("one", build=[sh("Make", "echo > /one")]), after="RUN exit 5\n")
    failure = build().failure
    assert failure is not None
    assert "exit status 5" in failure.message
    assert (tags(), containers()) == ([], [])


def test_a_template_is_given_up_when_the_build_is_stopped(static_image: str) -> None:
    write_recipe(static_image, write_component("one", build=[sh("Make", "true")]), after="RUN sleep 36007\n")
    stop = Cancellation()

    def stopped() -> None:
        wait_for_process("sleep", "36007")
        stop.cancel(signal.SIGINT)

    Thread(target=stopped, daemon=True).start()
    result = build(stop=stop)
    assert (result.exit_code, result.image, tags(), containers()) == (130, "", [], [])


@pytest.mark.slow
def test_tests_of_the_host_run_here(static_image: str, tmp_path: Path) -> None:
    one = write_component("one", container_host_test=[sh("Here", f"echo > {tmp_path}/here")])
    write_recipe(static_image, one)
    result = build()
    assert (tmp_path / "here").exists()
    assert [verdict[:3] for verdict in result.verdicts] == [("one", "container-host-test", "success")]


@pytest.mark.slow
def test_secrets_stand_in_no_record_no_log_and_no_image(static_image: str) -> None:
    secret = "s3cr3t-t0ken-value"
    one = write_component("one", "ApiToken", build=[sh("Use", "echo {{ ApiToken }} | wc -c; echo {{ ApiToken }}")])
    used = {"componentArn": one, "parameters": [{"name": "ApiToken", "value": [secret]}]}
    write_recipe(static_image, used)
    result = build()
    assert result.failure is None
    assert secret not in json.dumps(configuration(result.image))
    for path in Path(os.environ["TOE_STATE_DIRECTORY"]).rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes(), path


@pytest.mark.slow
def test_an_image_recipe_on_a_container_image_is_built_as_a_container(static_image: str) -> None:
    one = write_component("one", build=[sh("Make", "echo > /one")])
    recipe = {"name": "base", "semanticVersion": "2.0.x", "parentImage": "ami-0123456789abcdef0"}
    Path("recipe.json").write_text(json.dumps({**recipe, "components": [{"componentArn": one}]}))
    with pytest.raises(ToeError, match="is an image of AWS") as refused:
        build()
    assert "toe-images.yml" in refused.value.hint
    Path("toe-images.yml").write_text(f"images: {{ami-0123456789abcdef0: {static_image}}}\n")
    assert build().tags == ("localhost/base:2.0.0-1", "localhost/base:latest")


@pytest.mark.slow
def test_what_differs_in_each_build_is_made_each_time(static_image: str) -> None:
    one = write_component("one", build=[sh("Make", "echo {{ context:executionId }} > /id")])
    write_recipe(static_image, one)
    first, second = build(), build()
    assert fates(second) == ["runs"]
    assert second.image != first.image
    assert "executionId" in second.layers[0].outlook.why
