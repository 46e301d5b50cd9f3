"""Components that Image Builder keeps, read from a server on loopback that speaks as the service does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from aws_server import AwsServer
from image_builder import ImageBuilder

from toe.errors import ToeError
from toe.images.finding import given_for
from toe.images.library import library_of, resolve
from toe.images.model import Component, ComponentUse, Place
from toe.images.order import BuildOrder

pytest_plugins = ("aws_fixtures",)

ARN = "arn:aws:imagebuilder:eu-west-1:{}:component/{}"
FULL = """\
schemaVersion: 1.0
phases: [{name: build, steps: [{name: Say, action: ExecuteBash, inputs: {commands: [echo]}}]}]
"""
DOCUMENT = "schemaVersion: 1.0\nphases: []\n"


@pytest.fixture
def service(aws: AwsServer) -> ImageBuilder:
    builder = ImageBuilder(aws)
    for version in ("1.0.0/1", "1.2.0/1", "1.2.0/4"):
        builder.add(ARN.format("aws", f"update-linux/{version}"), f"# {version}\n{DOCUMENT}")
    return builder


def found(reference: str, folder: Path, *, fetches: bool) -> Component:
    use = ComponentUse(reference, {}, Place("recipe.yml", 3, 5))
    return resolve(use, library_of(str(folder / "recipe.yml"), fetches=fetches))


def test_the_newest_version_of_the_service_is_read(service: ImageBuilder, tmp_path: Path) -> None:
    component = found(ARN.format("aws", "update-linux/1.x.x"), tmp_path, fetches=True)
    assert (component.name, component.version, component.build) == ("update-linux", "1.2.0", 4)
    assert component.text.startswith(b"# 1.2.0/4\n")
    assert component.path == ARN.format("aws", "update-linux/1.2.0/4")


def test_a_folder_comes_before_the_service(service: ImageBuilder, tmp_path: Path) -> None:
    here = tmp_path / "components" / "update-linux" / "1.0.0" / "component.yml"
    here.parent.mkdir(parents=True)
    here.write_text("# mine\n")
    component = found(ARN.format("aws", "update-linux/1.x.x"), tmp_path, fetches=True)
    assert (component.text, service.calls) == (b"# mine\n", [])


def test_nothing_is_asked_of_the_service_unasked(service: ImageBuilder, tmp_path: Path) -> None:
    with pytest.raises(ToeError, match="is kept by Image Builder, and not on this machine"):
        found(ARN.format("aws", "update-linux/1.x.x"), tmp_path, fetches=False)
    assert service.calls == []


def test_what_the_service_does_not_have_is_told_at_its_place(service: ImageBuilder, tmp_path: Path) -> None:
    with pytest.raises(ToeError, match=r"^recipe\.yml:3:5: .*other/1\.0\.0: cannot read the document") as raised:
        found(ARN.format("aws", "other/1.0.0"), tmp_path, fetches=True)
    assert [problem.code for problem in raised.value.problems] == ["TOE716"]


def test_an_arn_of_an_unknown_region_cannot_be_asked_for(service: ImageBuilder, tmp_path: Path) -> None:
    with pytest.raises(ToeError, match="its region or account is not known"):
        found("arn:*:imagebuilder:*:aws:component/update-linux/x.x.x", tmp_path, fetches=True)
    assert service.calls == []


def test_a_build_fetches_when_it_is_asked_to(service: ImageBuilder, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yml"
    arn = ARN.format("aws", "update-linux/x.x.x")
    text = f"name: web\nsemanticVersion: 1.0.0\nparentImage: localhost/base\ncomponents: [{{componentArn: '{arn}'}}]\n"
    recipe.write_text(text)
    service.add(ARN.format("aws", "update-linux/1.3.0/1"), FULL)
    (part,) = given_for(BuildOrder(str(recipe), fetches=True, environment=dict(os.environ))).parts
    assert (part.name, part.component.version) == ("update-linux", "1.3.0")
    calls = len(service.calls)
    with pytest.raises(ToeError, match="not on this machine") as raised:
        given_for(BuildOrder(str(recipe), environment=dict(os.environ)))
    assert "--fetch" in raised.value.hint
    assert len(service.calls) == calls
