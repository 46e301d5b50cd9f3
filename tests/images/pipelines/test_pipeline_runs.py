"""Runs of pipelines: built by buildah, on the static base, with a store of the test's own."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from aws_server import AwsServer
from engine_fixtures import containers
from pipeline_files import write_folder, write_template
from recipe_fixtures import sh, tags, write_component, write_recipe

from toe.aws.clients import aws_client
from toe.cli.main import command_line
from toe.errors import ToeError
from toe.images.engines.commands import asked
from toe.images.model import Place, Resource
from toe.images.order import BuildOrder
from toe.images.pipelines.log_copies import copied_logs
from toe.images.pipelines.model import Pipeline
from toe.images.pipelines.reading import read_pipeline
from toe.images.pipelines.run import Asked, Outcome, PipelineRun, RunStatus, Stages, left_out, run_pipeline
from toe.images.pipelines.schedule import Schedule
from toe.images.pipelines.state import PipelineState, put_state, state_of
from toe.images.preparing import Hooks
from toe.images.records import ImageRecord
from toe.images.store import store_in
from toe.images.walk import Telling
from toe.system.cancellation import Cancellation

TARGETS = Resource("distributionConfiguration", "", {"name": "targets"}, {}, Place("targets.json"))

pytestmark = pytest.mark.usefixtures("no_names")


def run(path: str = ".", stages: Stages | None = None, *, scheduled: bool = False, **more: Any) -> PipelineRun:
    """Run in this process."""
    cancellation = Cancellation()
    try:
        pipeline = read_pipeline(path)._replace(**more)
        order = BuildOrder("", environment=dict(os.environ))
        asking = Asked(order, os.environ["TOE_STATE_DIRECTORY"], scheduled=scheduled)
        return run_pipeline(pipeline, asking, stages or Stages(), Hooks(Telling()), cancellation)
    finally:
        cancellation.close()


def state(key: str = "nightly-web") -> PipelineState:
    return state_of(store_in(os.environ["TOE_STATE_DIRECTORY"]), key)


def recipe(base: str, *steps: object, reference: str = "one/1.0.x") -> str:
    write_component("one", build=[sh("Make", "echo one > /one")], test=[*steps] or [sh("Look", "cat /one")])  # type: ignore[list-item]
    return write_recipe(base, reference)


def test_a_run_builds_tests_distributes_and_tells_in_this_order(static_image: str) -> None:
    recipe(static_image)
    told: list[str] = []

    def distribute(pipeline: Pipeline, record: ImageRecord, cancellation: Cancellation) -> Outcome:
        assert pipeline.distribution is not None
        told.append(f"distribute {record.tags[0]} to {pipeline.distribution.fields['name']}")
        return Outcome(details={"targets": 1})

    def notify(done: PipelineRun) -> Outcome:
        told.append(f"notify {done.status}")
        return Outcome("nobody listens")

    done = run(write_folder(), Stages(distribute, notify), distribution=TARGETS)
    assert told == ["distribute localhost/web:1.0.0-1 to targets", "notify success"]
    assert (done.status, done.exit_code, done.why) == (RunStatus.SUCCESS, 0, "")
    assert done.distribution == Outcome(details={"targets": 1})
    assert done.build is not None
    assert [verdict.status for verdict in done.build.verdicts] == ["success"]
    (image,) = store_in(os.environ["TOE_STATE_DIRECTORY"]).images()
    assert image.recipe["tags"] == {"stage": "test"}
    kept = state()
    assert (kept.name, kept.image, kept.build, kept.last_status) == ("Nightly web", image.image, image.build, "success")


@pytest.mark.slow
def test_a_distribution_that_fails_fails_the_run_and_the_image_stays(static_image: str) -> None:
    recipe(static_image)

    def distribute(pipeline: Pipeline, record: ImageRecord, cancellation: Cancellation) -> Outcome:
        raise ToeError("the registry is full", hint="make room")

    done = run(write_folder(), Stages(distribute), distribution=TARGETS)
    assert (done.status, done.exit_code, done.why) == (RunStatus.FAILED, 1, "the registry is full (make room)")
    assert tags() == ["localhost/web:1.0.0-1", "localhost/web:latest"]
    assert (state().failures, bool(state().image), state().made_of) == (1, True, {})


@pytest.mark.slow
def test_what_failed_is_kept_where_the_infrastructure_says_so(static_image: str) -> None:
    recipe(static_image, sh("Look", "exit 3"))
    done = run(write_folder())
    assert (done.status, done.why) == (RunStatus.FAILED, "component one, phase test, step Look: exit status 3")
    (kept,) = containers()
    assert done.build is not None
    assert done.build.failure is not None
    assert kept in done.build.failure.enter
    asked("buildah", "rm", kept)
    assert run(write_folder(infrastructure={"terminateInstanceOnFailure": True})).status is RunStatus.FAILED
    assert containers() == []
    assert run(write_folder(pipeline={"imageTestsConfiguration": {"imageTestsEnabled": False}})).exit_code == 0


@pytest.mark.slow
def test_tests_have_their_time_and_no_more(static_image: str) -> None:
    recipe(static_image, sh("Look", "sleep 600"))
    done = run(write_folder(infrastructure={"terminateInstanceOnFailure": True}), test_minutes=0.02)
    assert (done.status, done.why) == (RunStatus.FAILED, "the tests took longer than 0.02 minutes")
    assert (tags(), containers(), state().failures) == ([], [], 1)


@pytest.mark.slow
def test_a_timer_s_run_waits_for_something_newer_and_says_what_it_is(static_image: str) -> None:
    recipe(static_image)
    path = write_folder()
    first = run(path, scheduled=True)
    assert (first.status, first.updates) == (RunStatus.SUCCESS, ())
    second = run(path, scheduled=True)
    assert (second.status, second.exit_code) == (RunStatus.SKIPPED, 0)
    assert second.why == f"nothing that the image is made of has changed since build {state().build}"
    Path("components/one/1.0.0").rename("components/one/1.0.1")
    third = run(path, scheduled=True)
    assert [update.what for update in third.updates] == ["component one"]
    assert third.updates[0].described.startswith("component one: 1.0.0/1 ")
    assert third.status is RunStatus.SUCCESS
    container = asked("buildah", "from", static_image)
    asked("buildah", "config", "--label", "newer=yes", container)
    old = asked("buildah", "inspect", "--format", "{{.FromImageID}}", "--type", "image", static_image)
    asked("buildah", "commit", "--quiet", "--rm", container, static_image)
    try:
        fourth = run(path, scheduled=True)
    finally:
        newer = asked("buildah", "inspect", "--format", "{{.FromImageID}}", "--type", "image", static_image)
        asked("buildah", "tag", old, static_image)
    assert [update.what for update in fourth.updates] == [f"base {static_image}"]
    assert fourth.updates[0].now == f"sha256:{newer}"


@pytest.mark.slow
def test_a_version_without_x_is_no_update(static_image: str) -> None:
    recipe(static_image, reference="one/1.0.0")
    path = write_folder()
    run(path, scheduled=True)
    write_component("one", build=[sh("Make", "echo two > /one")])
    assert run(path, scheduled=True).status is RunStatus.SKIPPED
    only = {"scheduleExpression": "rate(1 minute)", "pipelineExecutionStartCondition": "EXPRESSION_MATCH_ONLY"}
    put_state(store_in(os.environ["TOE_STATE_DIRECTORY"]), "nightly-web", state()._replace(started_at=0))
    assert run(write_folder(pipeline={"schedule": only}), scheduled=True).status is RunStatus.SUCCESS


@pytest.mark.slow
def test_failures_in_a_row_disable_what_a_timer_starts(static_image: str) -> None:
    recipe(static_image, sh("Look", "exit 3"))
    policy = {"scheduleExpression": "cron(0 4 * * ? *)", "autoDisablePolicy": {"failureCount": 2}}
    path = write_folder(pipeline={"schedule": policy}, infrastructure={"terminateInstanceOnFailure": True})
    assert [run(path, scheduled=True).status for _ in range(3)] == [
        RunStatus.FAILED,
        RunStatus.FAILED,
        RunStatus.SKIPPED,
    ]
    assert state().is_disabled
    recipe(static_image)
    assert run(path).status is RunStatus.SUCCESS
    assert (state().failures, state().is_disabled) == (0, False)


def test_why_a_timer_s_run_is_left_out() -> None:
    write_recipe("localhost/static", "one/1.0.0")
    pipeline = read_pipeline(write_folder())
    never = PipelineState("p")
    assert left_out(pipeline, never, 1e6) == ""
    assert left_out(pipeline._replace(is_enabled=False), never, 1e6) == "the pipeline's status is DISABLED"
    daily = pipeline._replace(schedule=Schedule("rate(1 day)", (), 86400))
    assert left_out(daily, never._replace(started_at=1e6 - 80000), 1e6) == "its last run was less than 24 hours ago"
    assert left_out(daily, never._replace(started_at=1e6 - 86400), 1e6) == ""


def test_logs_are_copied_to_the_bucket_of_the_infrastructure(aws: AwsServer, tmp_path: Path) -> None:
    write_recipe("localhost/static", "one/1.0.0")
    where = {"LocationConstraint": "eu-west-1"}
    aws_client("s3").create_bucket(Bucket="logs", CreateBucketConfiguration=where)
    logging = {"logging": {"s3Logs": {"s3BucketName": "logs", "s3KeyPrefix": "images/"}}}
    pipeline = read_pipeline(write_folder(infrastructure=logging))
    folder = tmp_path / "2026-build"
    (folder / "01-one").mkdir(parents=True)
    (folder / "01-one/console.log").write_text("said\n")
    said: list[str] = []
    assert copied_logs(pipeline, str(folder), Cancellation(), said.append) == "s3://logs/images/2026-build"
    stored = aws_client("s3").list_objects_v2(Bucket="logs")["Contents"]
    assert [one["Key"] for one in stored] == ["images/2026-build/01-one/console.log"]
    elsewhere = pipeline._replace(infrastructure=pipeline.infrastructure._replace(bucket="missing"))
    assert copied_logs(elsewhere, str(folder), Cancellation(), said.append) == str(folder)
    assert said[-1].startswith("toe: warning: cannot upload")


def toe(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any, str]:
    code = command_line(["pipeline", *words])
    out, err = capfd.readouterr()
    return code, json.loads(out) if out.startswith("{") else out, err


def test_the_command_runs_a_template(static_image: str, capfd: pytest.CaptureFixture[str]) -> None:
    path = write_template()
    code, result, err = toe(capfd, "run", path, "--parameters", f"Base={static_image}")
    assert (code, result["pipeline"], result["status"]) == (0, "nightly", "success"), err
    assert result["build"]["tags"] == ["localhost/web:1.0.0-1", "localhost/web:latest"]
    assert "'SubnetId' has no meaning here: no instance of EC2 builds here" in err
    assert "built    localhost/web:1.0.0-1" in err
    code, result, err = toe(capfd, "run", path, "--parameters", f"Base={static_image}", "--scheduled")
    assert (code, result["status"]) == (0, "skipped")
    assert err == "skipped  nightly: its last run was less than 24 hours ago\n"
    code, text, err = toe(capfd, "run", path)
    assert (code, text["status"], "'ParentImage' is not known here" in err) == (2, "nothingRun", True), err


@pytest.mark.slow
def test_the_newest_image_of_a_pipeline_is_not_pruned(static_image: str, capfd: pytest.CaptureFixture[str]) -> None:
    recipe(static_image)
    run(write_folder())
    request = {
        "name": "tidy",
        "executionRole": "role",
        "resourceType": "CONTAINER_IMAGE",
        "policyDetails": [
            {
                "action": {"type": "DELETE", "includeResources": {"containers": True}},
                "filter": {"type": "AGE", "value": 1, "unit": "DAYS"},
            }
        ],
        "resourceSelection": {"tagMap": {"stage": "test"}},
    }
    Path("policy.json").write_text(json.dumps(request))
    store = store_in(os.environ["TOE_STATE_DIRECTORY"])
    (image,) = store.images()
    store.put_image(image._replace(ended_at=0.0))
    code = command_line(["images", "prune", "--policy", "policy.json"])
    out, _ = capfd.readouterr()
    assert (code, "it is the newest of the pipeline 'Nightly web'" in out, len(store.images())) == (0, True, 1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "unknown: 'toe pipeline '"),
        (["rum"], "unknown: 'toe pipeline rum' (did you mean 'run'?)"),
        (["run"], "'toe pipeline run' takes one file or folder"),
        (["uninstall"], "'toe pipeline uninstall' takes the name of a pipeline"),
        (["run", "--dry-run", "a"], "--dry-run belongs to 'toe pipeline install'"),
        (["list", "a"], "'toe pipeline list' takes no name, such as 'a'"),
    ],
)
def test_wrong_usage_is_one_message(words: Sequence[str], message: str, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = toe(capfd, *words)
    assert (code, err.splitlines()[0]) == (2, f"toe: error: {message}")
