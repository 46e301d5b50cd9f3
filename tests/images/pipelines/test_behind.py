"""What comes behind a pipeline's build in earnest: a registry gets the image, and people are told."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from aws_server import AwsServer
from container_registry import ContainerRegistry
from distribution_fixtures import containers_to, write_configuration
from forked_toe import toe_says
from pipeline_files import write_folder
from recipe_fixtures import sh, write_component, write_recipe

CONFIGURATION = "arn:aws:imagebuilder:eu-west-1:123456789012:distribution-configuration/everywhere"

pytestmark = pytest.mark.usefixtures("no_names")


def test_an_image_is_distributed_and_its_topic_and_commands_are_told(
    static_image: str, registries: Callable[[], ContainerRegistry], aws: AwsServer
) -> None:
    registry = registries()
    topic = boto3.client("sns").create_topic(Name="images")["TopicArn"]
    queue = boto3.client("sqs").create_queue(QueueName="told")["QueueUrl"]
    arn = boto3.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    boto3.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
    )
    write_component("one", build=[sh("Make", "echo one > /one")], test=[sh("Look", "cat /one")])
    write_recipe(static_image, "one/1.0.x")
    write_folder(pipeline={"distributionConfigurationArn": CONFIGURATION}, infrastructure={"snsTopicArn": topic})
    write_configuration(
        containers_to("eu-west-1", "latest"),
        registries={"*": registry.host},
        notices=[{"command": ["tee", "told.json"]}],
    )
    for words in ("genpkey -algorithm ed25519 -out key.pem", "pkey -in key.pem -pubout -out key.pub"):
        subprocess.run(["openssl", *words.split()], check=True, capture_output=True)
    done = toe_says("pipeline", "run", ".", "--sign", "key.pem")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert registry.config_of("team/web:latest") == result["build"]["image"]
    told = json.loads(Path("told.json").read_text())
    assert told["resources"] == ["arn:aws:imagebuilder:eu-west-1:000000000000:image/web/1.0.0/1"]
    assert told["detail"] == {"previous-state": {"status": "DISTRIBUTING"}, "state": {"status": "AVAILABLE"}}
    (message,) = boto3.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    body = json.loads(message["Body"])
    assert body["outputResources"]["containers"][0]["imageUris"] == [f"{registry.host}/team/web:latest"]
    assert body["sourcePipelineArn"].endswith(":image-pipeline/nightly-web")
    for image in ("web", f"oci://{registry.host}/team/web:latest"):
        assert toe_says("images", "verify", image, "--key", "key.pub").returncode == 0
