"""toe distribute: container images to registries."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from container_registry import ContainerRegistry
from distribution_fixtures import BUILD, containers_to, write_configuration
from forked_toe import toe_says

from toe.images.distribution.ledger import distribution_of
from toe.images.records import ImageRecord
from toe.images.store import store_in

New = Callable[[], ContainerRegistry]


def test_an_image_goes_to_all_registries_under_its_tags(built: ImageRecord, registries: New) -> None:
    one, other = registries(), registries()
    file = write_configuration(
        containers_to("eu-west-1", "1.0", "latest", "at-{{ imagebuilder:buildDate }}"),
        containers_to("us-east-1"),
        registries={"eu-west-1": one.host, "*": f"{other.host}/images/"},
    )
    done = toe_says("distribute", "web", file)
    assert done.returncode == 0, done.stderr
    assert one.tags("team/web") == ["1.0", "at-2026-11-29T12-00-00.250Z", "latest"]
    assert other.tags("images/team/web") == ["1.0.0-2", "latest"]
    assert one.digest("team/web:1.0") == one.digest("team/web:latest") == other.digest("images/team/web:latest")
    assert one.config_of("team/web:latest") == built.image
    told = json.loads(done.stdout)
    address = f"{one.host}/team/web@{one.digest('team/web:1.0')}"
    assert (told["status"], told["targets"][0]["address"]) == ("distributed", address)
    ledger = distribution_of(store_in("state"), BUILD)
    assert ledger is not None
    assert [target["announced"] for target in ledger["targets"]] == [True, True]
    assert [path.name for path in Path("state/images").iterdir() if path.name.startswith("distributing-")] == []


def test_a_registry_that_fails_leaves_the_others_right_and_the_next_run_finishes(
    built: ImageRecord, registries: New
) -> None:
    one, other = registries(), registries()
    file = write_configuration(
        containers_to("eu-west-1", "latest"),
        containers_to("us-east-1", "latest"),
        registries={"eu-west-1": one.host, "us-east-1": other.host},
    )
    other.stop()
    done = toe_says("distribute", "web/1.0.0", file)
    assert done.returncode == 1
    assert f"failed   {other.host}/team/web: latest: skopeo copy: " in done.stderr
    assert done.stderr.splitlines()[2].endswith("connect: connection refused")
    assert "announced nowhere" in done.stderr
    assert [target["state"] for target in json.loads(done.stdout)["targets"]] == ["sent", "failed"]
    assert one.tags("team/web") == []
    other.start()
    done = toe_says("distribute", "web/1.0.0", file)
    assert done.returncode == 0, done.stderr
    assert f"has it   {one.host}/team/web" in done.stderr
    assert f"sends    {other.host}/team/web" in done.stderr
    assert one.digest("team/web:latest") == other.digest("team/web:latest")


def test_what_is_there_is_not_sent_again(built: ImageRecord, registries: New) -> None:
    one = registries()
    file = write_configuration(containers_to("eu-west-1", "latest"), registries={"*": one.host})
    assert toe_says("distribute", "web", file).returncode == 0
    again = toe_says("distribute", built.image[:20], file)
    assert "sends" not in again.stderr
    assert again.returncode == 0
    assert toe_says("distribute", "web", file, "--quiet").stderr == ""


def test_an_image_that_the_engine_lost_is_told(built: ImageRecord, registries: New) -> None:
    one = registries()
    store_in("state").put_image(built._replace(image="sha256:" + "e" * 64))
    file = write_configuration(containers_to("eu-west-1"), registries={"*": one.host})
    done = toe_says("distribute", "web", file)
    assert done.returncode == 1
    assert "failed   " in done.stderr
    assert one.tags("team/web") == []
