"""Pipelines for tests: a template on the static base, and a folder of requests that says the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "pipeline": {
        "name": "Nightly web",
        "containerRecipeArn": "arn:aws:imagebuilder:eu-west-1:123456789012:container-recipe/web/1.0.0",
        "infrastructureConfigurationArn": (
            "arn:aws:imagebuilder:eu-west-1:123456789012:infrastructure-configuration/small"
        ),
        "imageTestsConfiguration": {"imageTestsEnabled": True, "timeoutMinutes": 60},
        "schedule": {"scheduleExpression": "cron(0 4 ? * SUN *)", "timezone": "Europe/Berlin"},
        "imageTags": {"stage": "test"},
        "clientToken": "a",
    },
    "infrastructure": {
        "name": "small",
        "instanceProfileName": "builder",
        "instanceTypes": ["t3.micro"],
        "terminateInstanceOnFailure": False,
        "clientToken": "b",
    },
}


def write_folder(**changes: Mapping[str, object]) -> str:
    """The requests in a folder, beside the test's `recipe.json`; `changes` are fields by the file. The folder."""
    for name, request in REQUESTS.items():
        Path(f"{name}.json").write_text(json.dumps({**request, **changes.get(name, {})}, indent=1))
    return "."


TEMPLATE = """\
Parameters: {Base: {Type: String}}
Resources:
  Greeting:
    Type: AWS::ImageBuilder::Component
    Properties:
      Name: greeting
      Version: 1.0.0
      Platform: Linux
      Data: |
        schemaVersion: 1.0
        phases:
          - name: build
            steps:
              - name: Make
                action: ExecuteBinary
                inputs: {path: sh, arguments: ['-c', 'echo hello > /made']}
          - name: test
            steps:
              - name: Look
                action: ExecuteBinary
                inputs: {path: sh, arguments: ['-c', 'cat /made']}
  Recipe:
    Type: AWS::ImageBuilder::ContainerRecipe
    Properties:
      Name: web
      Version: 1.0.0
      ContainerType: DOCKER
      ParentImage: !Ref Base
      TargetRepository: {Service: ECR, RepositoryName: web}
      Components: [{ComponentArn: !Ref Greeting}]
      DockerfileTemplateData: |
        FROM {{{ imagebuilder:parentImage }}}
        {{{ imagebuilder:environments }}}
        {{{ imagebuilder:components }}}
  Small:
    Type: AWS::ImageBuilder::InfrastructureConfiguration
    Properties: {Name: small, InstanceProfileName: builder, SubnetId: subnet-1}
  Pipeline:
    Type: AWS::ImageBuilder::ImagePipeline
    Properties:
      Name: nightly
      ContainerRecipeArn: !Ref Recipe
      InfrastructureConfigurationArn: !Ref Small
      Schedule: {ScheduleExpression: rate(1 day)}
"""


def write_template(text: str = TEMPLATE) -> str:
    """The template `pipeline.yml`; its parameter `Base` has no default."""
    Path("pipeline.yml").write_text(text)
    return "pipeline.yml"
