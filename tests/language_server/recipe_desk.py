"""A folder with recipes, components and a toe-images.yml, for the tests of what an editor is told of them."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types
from typed import CURSOR

from toe.language_server.buffers import Buffer, Buffers

COMPONENT = """\
name: nginx
description: Installs nginx.
schemaVersion: 1.0
parameters:
  - Channel: {type: string, description: Where it comes from., allowedValues: [stable, mainline]}
  - Port: {type: string, default: '80'}
phases:
  - name: build
    steps:
      - {name: Install, action: ExecuteBash, inputs: {commands: ['echo {{ Channel }}']}}
"""
RECIPE = """\
name: web
semanticVersion: 1.0.0
parentImage: debian:12
tags: {team: web}
components:
  - componentArn: nginx/1.x.x
    parameters:
      - name: Channel
        value: [stable]
"""
TEMPLATE = """\
Resources:
  Hello:
    Type: AWS::ImageBuilder::Component
    Properties:
      Name: hello
      Version: 1.0.0
      Platform: Linux
      Data: |
        schemaVersion: 1.0
        phases:
          - name: build
            steps:
              - {name: Say, action: ExecuteBash, inputs: {commands: [echo hello]}}
  Recipe:
    Type: AWS::ImageBuilder::ImageRecipe
    Properties:
      Name: web
      Version: 1.0.0
      ParentImage: debian:12
      Components:
        - ComponentArn: !Ref Hello
        - ComponentArn: nginx/x.x.x
          Parameters:
            - {Name: Channel, Value: [stable]}
"""
TOOLS_ARN = "arn:aws:imagebuilder:eu-west-1:123456789012:component/tools/1.0.0"


def laid_out(folder: Path) -> Path:
    """The folder, with components in its library and a file for what is not in there."""
    for version in ("1.0.0", "1.2.0", "2.0.0"):
        there = folder / "components" / "nginx" / version
        there.mkdir(parents=True)
        (there / "component.yml").write_text(COMPONENT)
    (folder / "tools.yml").write_text(COMPONENT)
    (folder / "toe-images.yml").write_text("components: {'arn:aws:*/tools/*': tools.yml}\nimages: {ami-1: debian:12}\n")
    return folder


def typed(folder: Path, name: str, marked: str, before: str = "") -> tuple[Buffer, types.Position]:
    """A text without its mark, as it is in an editor, and the position of that. `before` was there earlier."""
    buffers, uri = Buffers(), (folder / name).as_uri()
    language = "json" if name.endswith(".json") else "yaml"
    if before:
        assert buffers.put(uri, str(folder / name), before, 1, language).kind
    buffer = buffers.put(uri, str(folder / name), marked.replace(CURSOR, ""), 2, language)
    return buffer, buffer.positions.position(marked.index(CURSOR))
