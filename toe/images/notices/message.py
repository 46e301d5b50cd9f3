"""What is told of an image, in the forms that Image Builder has for it. Pure.

EventBridge's event "EC2 Image Builder Image State Change", and the message that Image Builder publishes to SNS:
https://docs.aws.amazon.com/imagebuilder/latest/userguide/integ-eventbridge.html and integ-sns.html. What only AWS knows
is left out, or stands for this machine.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from toe.images.distribution.model import REGISTRY, Source
from toe.images.distribution.sending import Outcome
from toe.images.model import CONTAINER, UNKNOWN_PART
from toe.images.names import folder_name
from toe.images.records import ImageRecord
from toe.records import NamedTuple

AVAILABLE, FAILED = "AVAILABLE", "FAILED"
#: The account in names of what no account has.
NO_ACCOUNT = "000000000000"


class Change(NamedTuple):
    """An image that has come to its last state: `status` is AVAILABLE or FAILED, `reason` says why it failed.

    `previous` is the state before, such as DISTRIBUTING. `pipeline` names the pipeline, "" without one.
    """

    source: Source
    status: str
    reason: str = ""
    previous: str = "DISTRIBUTING"
    outcomes: Sequence[Outcome] = ()
    record: ImageRecord | None = None
    pipeline: str = ""

    @property
    def region(self) -> str:
        """The first region of the distribution, `local` where none is known."""
        regions = (region for one in self.outcomes for region in one.target.regions)
        return next((region for region in regions if region != UNKNOWN_PART), "local")

    def arn(self, kind: str, name: str) -> str:
        """What Image Builder would call something: a name with version and build, perhaps."""
        return f"arn:aws:imagebuilder:{self.region}:{NO_ACCOUNT}:{kind}/{name}"

    @property
    def image_arn(self) -> str:
        """What Image Builder would call the image."""
        return self.arn("image", f"{folder_name(self.source.name)}/{self.source.numbers}")


def event_of(change: Change, now: float) -> dict[str, Any]:
    """The event of EventBridge."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "EC2 Image Builder Image State Change",
        "source": "aws.imagebuilder",
        "account": NO_ACCOUNT,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
        "region": change.region,
        "resources": [change.image_arn],
        "detail": {"previous-state": {"status": change.previous}, "state": _state(change)},
    }


def sns_message(change: Change) -> dict[str, Any]:
    """The message of SNS."""
    source, numbers = change.source, change.source.numbers
    versionless = change.arn("image", folder_name(source.name))
    recipe = dict(change.record.recipe) if change.record else {}
    message = {
        "versionlessArn": versionless,
        "semver": numbers.major << 90 | numbers.minor << 60 | numbers.patch << 30 | numbers.build,
        "arn": change.image_arn,
        "name": source.name,
        "version": numbers.semantic,
        "type": "DOCKER" if source.kind == CONTAINER else "AMI",
        "buildVersion": numbers.build,
        "state": _state(change),
        "platform": "Linux",
        "dateCreated": time.strftime("%b %d, %Y %I:%M:%S %p", time.gmtime(source.made_at)),
        "outputResources": _outputs(change),
        "buildExecutionId": source.build,
        "accountId": NO_ACCOUNT,
    }
    if change.pipeline:
        message["sourcePipelineArn"] = change.arn("image-pipeline", folder_name(change.pipeline))
    if change.record is not None:
        kind = "containerRecipe" if recipe.get("kind") == CONTAINER else "imageRecipe"
        message[kind] = {
            "name": source.name,
            "version": numbers.semantic,
            "parentImage": recipe.get("parentImage", ""),
            "components": [_component(change, one) for one in change.record.components],
        }
    return message


def _state(change: Change) -> dict[str, str]:
    return {"status": change.status, **({"reason": change.reason} if change.reason else {})}


def _component(change: Change, component: Mapping[str, Any]) -> dict[str, str]:
    name = f"{folder_name(str(component.get('name', '')))}/{component.get('version', '')}/{component.get('build', '')}"
    return {"componentArn": change.arn("component", name)}


def _outputs(change: Change) -> dict[str, Any]:
    announced = [one for one in change.outcomes if one.address]
    containers = [
        {"region": region, "imageUris": [f"{one.target.place}:{tag}" for tag in one.target.names]}
        for one in announced
        if one.target.kind == REGISTRY
        for region in one.target.regions
    ]
    disks = [
        {"region": region, "image": one.address, "name": one.target.names[0], "accountId": NO_ACCOUNT}
        for one in announced
        if one.target.kind != REGISTRY
        for region in one.target.regions
    ]
    return {"containers": containers} if change.source.kind == CONTAINER else {"amis": disks}
