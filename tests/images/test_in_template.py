"""What is said of a component that stands in a template has the template's lines and columns."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from recipe_fixtures import build, no_names

from toe.errors import ToeError
from toe.images.engines.base import Engine
from toe.images.finding import given_for
from toe.images.in_template import text_in_place
from toe.images.model import Component, Place
from toe.images.order import BuildOrder

__all__ = ["no_names"]
TEMPLATE = """\
Parameters:
  Base: {Type: String}
Resources:
  Hello:
    Type: AWS::ImageBuilder::Component
    Properties:
      Name: hello
      Version: 1.0.0
      Platform: Linux
      Data: |
        ---
        schemaVersion: 1.0
        phases:
          - name: build
            steps:
              - name: Ends
                action: ACTION
                inputs:
                  path: sh
                  arguments: [-c, exit 3]
  Recipe:
    Type: AWS::ImageBuilder::ImageRecipe
    Properties:
      Name: web
      Version: 1.0.0
      ParentImage: !Ref Base
      Components:
        - ComponentArn: !Ref Hello
"""


def order_of(action: str, base: str) -> BuildOrder:
    Path("web.yml").write_text(TEMPLATE.replace("ACTION", action))
    return BuildOrder("web.yml", parameters={"Base": base}, environment=dict(os.environ))


def test_a_mistake_in_a_document_has_its_place_in_the_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ToeError) as refused:
        given_for(order_of("ExecuteBinry", "localhost/base"))
    (problem,) = refused.value.problems
    assert (problem.file, problem.line, problem.column) == ("web.yml", 17, 25)
    assert problem.source_line == "                action: ExecuteBinry"


@pytest.mark.slow
@pytest.mark.usefixtures("no_names")
def test_a_failure_has_its_place_in_the_template(
    static_image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, buildah: Engine
) -> None:
    monkeypatch.chdir(tmp_path)
    order = order_of("ExecuteBinary", static_image)
    failure = build(order.recipe, parameters=order.parameters).failure
    assert failure is not None
    assert failure.message == "component hello, phase build, step Ends: exit status 3"
    assert "web.yml#hello:16:17" in failure.details


def test_what_cannot_be_moved_stays_as_it_is() -> None:
    place = Place("web.yml", 4, 3)

    def moved(text: bytes) -> bytes:
        return text_in_place(Component("one", "1.0.0", 1, "web.yml", text, {}, place, place))

    assert moved(b"a: |\n  b\n\nc: 1\n") == b"\n\n\n  a: |\n    b\n\n  c: 1\n"
    assert moved(b"--- # first\na: 1\n") == b"\n\n\n   # first\n  a: 1\n"
    for text in (b"a: 1\n...\n", b"%YAML 1.1\n---\na: 1\n", b"---\na: 1\n---\nb: 1\n"):
        assert moved(text) == text
