"""Notices: what they say, and that they come: SNS, a web server that checks signatures, a command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import boto3
import pytest
from aws_server import AwsServer
from distribution_fixtures import record_of, write_configuration
from forked_toe import toe_says

from toe.images.distribution.model import REGISTRY, S3, Source, Target, source_of
from toe.images.distribution.sending import ANNOUNCED, Outcome
from toe.images.model import IMAGE
from toe.images.notices.message import AVAILABLE, FAILED, Change, event_of, sns_message
from toe.images.notices.webhook import secret_of, signature
from toe.images.side_file import WEBHOOK, Notice
from toe.images.side_reader import read_side_file

RECORD = record_of("sha256:" + "a" * 64, components=[{"name": "nginx", "version": "1.2.3", "build": 4}])
WEB = source_of(RECORD)
REGISTRY_TARGET = Target(REGISTRY, ("eu-west-1", "us-east-1"), "r.example.com/web", ("1.0", "latest"))


class Hook(HTTPServer):
    """A web server that keeps what comes; it answers 500 as often as `refusals` says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keeper)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.refusals = 0


class _Keeper(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({key.lower(): value for key, value in self.headers.items()}, body))
        refused = len(self.server.got) <= self.server.refusals
        self.send_response(500 if refused else 204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A disk `golden.raw` in the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOE_STATE_DIRECTORY", str(tmp_path / "state"))
    Path("golden.raw").write_bytes(b"disk")
    return tmp_path / "golden.raw"


def distribution(**side: object) -> str:
    return write_configuration({"region": "eu-west-1", "amiDistributionConfiguration": {}}, disks={"*": "out"}, **side)


def test_the_event_is_eventbridges() -> None:
    change = Change(WEB, AVAILABLE, outcomes=(Outcome(REGISTRY_TARGET, ANNOUNCED, "r.example.com/web@sha256:1"),))
    event = event_of(change, 1795953600.0)
    assert len(event.pop("id")) == 36
    assert event == {
        "version": "0",
        "detail-type": "EC2 Image Builder Image State Change",
        "source": "aws.imagebuilder",
        "account": "000000000000",
        "time": "2026-11-29T12:00:00Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:imagebuilder:eu-west-1:000000000000:image/web/1.0.0/2"],
        "detail": {"previous-state": {"status": "DISTRIBUTING"}, "state": {"status": "AVAILABLE"}},
    }


def test_the_message_of_sns_is_image_builders() -> None:
    change = Change(
        WEB, AVAILABLE, outcomes=(Outcome(REGISTRY_TARGET, ANNOUNCED, "r.example.com/web@sha256:1"),), record=RECORD,
        pipeline="Nightly web",
    )  # fmt: skip
    message = sns_message(change)
    # version 1.0.0/3 in Image Builder's guide is 1237940039285380274899124227
    assert message["semver"] == 1237940039285380274899124226
    assert message["version"], message["buildVersion"] == ("1.0.0", 2)
    assert (message["type"], message["state"]) == ("DOCKER", {"status": "AVAILABLE"})
    assert message["outputResources"] == {
        "containers": [
            {"region": region, "imageUris": ["r.example.com/web:1.0", "r.example.com/web:latest"]}
            for region in ("eu-west-1", "us-east-1")
        ]
    }
    assert message["containerRecipe"]["components"] == [
        {"componentArn": "arn:aws:imagebuilder:eu-west-1:000000000000:component/nginx/1.2.3/4"}
    ]
    assert message["sourcePipelineArn"].endswith(":image-pipeline/nightly-web")
    disk = Source("b", "golden", "1.0.0/1", IMAGE, 0.0, disk="golden.raw")
    target = Target(S3, ("eu-west-1",), "bucket", ("golden.vhd",), "vhd")
    failed = sns_message(
        Change(disk, FAILED, "no room", outcomes=(Outcome(target, ANNOUNCED, "s3://bucket/golden.vhd"),))
    )
    assert failed["state"] == {"status": "FAILED", "reason": "no room"}
    assert failed["outputResources"]["amis"][0]["image"] == "s3://bucket/golden.vhd"


def test_a_signature_is_that_of_standard_webhooks(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    secret = secret_of(Notice(WEBHOOK, ("https://example.com",), str(tmp_path / "secret")), {})
    headers = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


def test_a_web_server_is_told_and_asked_again(disk: Path, hook: Hook) -> None:
    hook.refusals = 1
    url = f"http://127.0.0.1:{hook.server_port}/images"
    file = distribution(notices=[{"webhook": url, "secret_env": "HOOK"}])
    done = toe_says("distribute", "golden.raw", file, environment={"HOOK": "secret"})
    assert done.returncode == 0, done.stderr
    (first, body), (second, again) = hook.got
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert (
        second["webhook-signature"]
        == signature(b"secret", second["webhook-id"], int(second["webhook-timestamp"]), body)["webhook-signature"]
    )
    assert json.loads(body)["detail"]["state"] == {"status": "AVAILABLE"}
    assert json.loads(body)["id"] == second["webhook-id"]


def test_a_command_is_told_of_a_failure(disk: Path) -> None:
    Path("out").write_text("a file")
    file = distribution(notices=[{"command": ["tee", "told.json"]}])
    assert toe_says("distribute", "golden.raw", file).returncode == 1
    told = json.loads(Path("told.json").read_text())
    assert told["detail"]["state"]["status"] == "FAILED"
    assert "cannot write 'out/golden-0.0.0-0.raw'" in told["detail"]["state"]["reason"]


def test_a_topic_is_told(disk: Path, aws: AwsServer) -> None:
    topic = boto3.client("sns").create_topic(Name="images")["TopicArn"]
    queue = boto3.client("sqs").create_queue(QueueName="told")["QueueUrl"]
    arn = boto3.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    boto3.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
    )
    done = toe_says("distribute", "golden.raw", distribution(notices=[{"sns": topic}]))
    assert done.returncode == 0, done.stderr
    (message,) = boto3.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"])["state"] == {"status": "AVAILABLE"}


def test_a_notice_that_fails_is_told_and_the_others_come(disk: Path) -> None:
    file = distribution(
        notices=[{"webhook": "http://127.0.0.1:9/x", "secret_env": "NONE"}, {"command": ["tee", "told.json"]}]
    )
    done = toe_says("distribute", "golden.raw", file)
    assert done.returncode == 1
    assert "failed   notice to http://127.0.0.1:9/x: there is no secret in the variable 'NONE'" in done.stderr
    assert Path("told.json").exists()
    assert json.loads(done.stdout)["status"] == "distributed"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("notices: {sns: x}", "1:10: 'notices' is a list, not a mapping"),
        ("notices: [x]", "1:11: a notice is a mapping, not a string"),
        ("notices: [{sns: x, command: [a]}]", "1:11: a notice has one of sns, webhook, command"),
        ("notices: [{sns: topic}]", "1:17: 'topic' is no ARN of a topic"),
        ("notices: [{webhook: 'http://example.com', secret_env: A}]", "1:21: 'http://example.com' is not https"),
        ("notices: [{webhook: 'https://example.com'}]", "1:11: a webhook has a secret"),
        ("notices: [{command: ls}]", "1:21: 'command' is a list of texts"),
        ("notices: [{comand: [ls]}]", "1:12: unknown field 'comand' (did you mean 'command'?)"),
    ],
)
def test_faults_of_notices_have_places(text: str, message: str) -> None:
    _, problems = read_side_file(text.encode(), "toe-images.yml")
    assert message in [f"{problem.line}:{problem.column}: {problem.message}" for problem in problems]


def test_a_secret_file_is_relative_to_its_file() -> None:
    text = "notices: [{webhook: 'https://example.com/x', secret_file: secret}, {command: [a, b]}]"
    side, problems = read_side_file(text.encode(), "there/toe-images.yml")
    assert problems == []
    assert side.notices == (
        Notice(WEBHOOK, ("https://example.com/x",), "there/secret"),
        Notice("command", ("a", "b")),
    )
