"""Images that were built, for distributions: records in a store of the test's own, and registries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from container_registry import ContainerRegistry

from toe.images.engines.base import Engine
from toe.images.records import ImageRecord
from toe.images.store import store_in

BASE = {"name": "localhost/static", "digest": "sha256:" + "b" * 64}
RECIPE = {
    "kind": "container",
    "name": "web",
    "version": "1.0.0/2",
    "file": "recipe.yml",
    "digest": "sha256:" + "c" * 64,
}
BUILD = "2026-11-29T12-00-00Z-abcdef"
MADE_AT = 1795953600.25


def record_of(image: str, **other: Any) -> ImageRecord:
    """The record of an image as a build writes it."""
    made = ImageRecord(
        BUILD, image, ["localhost/web:1.0.0-2", "localhost/web:latest"], RECIPE, BASE, [], [],
        {"version": "1.0", "capsule": "d" * 64}, {"name": "buildah", "identity": "buildah 1.28 oci"}, "linux/amd64",
        MADE_AT - 60, MADE_AT, "/logs",
    )  # fmt: skip
    return made._replace(**other)


@pytest.fixture
def built(static_image: str, buildah: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ImageRecord:
    """An image in the engine with its record in the store of this test; the working directory is the test's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOE_STATE_DIRECTORY", str(tmp_path / "state"))
    record = record_of(buildah.digest(static_image))
    store_in(str(tmp_path / "state")).put_image(record)
    return record


@pytest.fixture
def registries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], ContainerRegistry]]:
    """Makes registries, which are gone behind the test."""
    made: list[ContainerRegistry] = []

    def new() -> ContainerRegistry:
        made.append(ContainerRegistry(tmp_path_factory.mktemp("registry")))
        return made[-1]

    yield new
    for registry in made:
        registry.stop()


def write_configuration(*distributions: object, **side: object) -> str:
    """A configuration `distribution.json` with toe-images.yml beside it, in the working directory."""
    Path("distribution.json").write_text(json.dumps({"name": "everywhere", "distributions": distributions}, indent=1))
    Path("toe-images.yml").write_text(json.dumps(side))
    return "distribution.json"


def containers_to(region: str, *tags: str, repository: str = "team/web") -> dict[str, object]:
    """A distribution of containers."""
    target = {"service": "ECR", "repositoryName": repository}
    return {
        "region": region,
        "containerDistributionConfiguration": {"targetRepository": target, **({"containerTags": tags} if tags else {})},
    }
