"""Sends notices of an image to all who are to be told. One that fails keeps nobody else from being told."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence

from toe.errors import ToeError
from toe.images.engines.commands import asked
from toe.images.notices.message import Change, event_of, sns_message
from toe.images.notices.webhook import post
from toe.images.side_file import COMMAND, SNS, Notice
from toe.system.cancellation import Cancellation


def notify(
    notices: Sequence[Notice],
    change: Change,
    cancellation: Cancellation,
    environment: Mapping[str, str] = os.environ,
) -> list[str]:
    """Tell all of them, and return what failed, in words. Raises Interrupted."""
    event = event_of(change, time.time())
    failed = []
    for notice in notices:
        cancellation.check()
        try:
            if notice.kind == SNS:
                _publish(notice.words[0], sns_message(change))
            elif notice.kind == COMMAND:
                asked(*notice.words, text=json.dumps(event) + "\n", cancellation=cancellation)
            else:
                post(notice, str(event["id"]), json.dumps(event).encode(), environment, cancellation)
        except ToeError as error:
            failed.append(f"notice to {notice.described}: {error.in_one_line}")
    return failed


def _publish(topic: str, message: Mapping[str, object]) -> None:
    from toe.aws.clients import aws_client, aws_faults

    region = topic.split(":")[3]
    client = aws_client("sns", region=region)
    with aws_faults(f"cannot publish to '{topic}'"):
        client.publish(TopicArn=topic, Message=json.dumps(message))
