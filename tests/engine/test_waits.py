"""Steps that wait for something outside: their time and a signal end the wait, wherever it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from aws_server import AwsServer
from fault_server import FaultServer, dripping, silent, whole

import toe

pytest_plugins = ("fault_fixtures",)

TOE = [sys.executable, "-m", "toe"]
SECRET = "{{ aws:ssm:/app/secret }}"
IN_INPUTS = f"inputs: {{commands: ['echo {SECRET}']}}"
IN_LOOP = f"loop: {{forEach: ['{SECRET}']}}, inputs: {{commands: ['true']}}"
IN_CONDITION = f"if: {{stringIsEmpty: '{SECRET}'}}, inputs: {{commands: ['true']}}"
ACCOUNT = "inputs: {commands: ['echo {{ context:accountId }}']}"


def document(rest: str, *, seconds: int = 1, action: str = "ExecuteBash") -> str:
    timeout = f"timeoutSeconds: {seconds}, " if seconds else ""
    step = f"{{name: Wait, action: {action}, {timeout}{rest}}}"
    after = "{name: After, action: ExecuteBash, inputs: {commands: ['touch after']}}"
    return f"schemaVersion: 1.0\nphases: [{{name: build, steps: [{step}, {after}]}}]\n"


def step_of(result: toe.RunResult) -> toe.StepResult:
    return result.documents[0].phases[0].steps[0]


@pytest.fixture
def silent_aws(aws: AwsServer, web: FaultServer, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    """Services that take a request and never answer."""
    web.answers["/"] = [silent]
    for path in ("/parts/main.yml", "/parts/config.json"):
        web.answers[path] = [silent]
    monkeypatch.setenv("AWS_ENDPOINT_URL", web.url)
    monkeypatch.setattr("toe.aws.clients.ATTEMPTS", 1)
    return web


@pytest.fixture(autouse=True)
def _no_wait_is_left(aws: AwsServer) -> Iterator[None]:
    """Threads that were left behind end with their server, and do not meet the next one at its port."""
    yield
    for thread in threading.enumerate():
        if thread.name == "toe-waits":
            thread.join()


@pytest.mark.parametrize("rest", [IN_INPUTS, IN_LOOP, IN_CONDITION, ACCOUNT])
def test_a_steps_time_ends_the_wait_of_an_expression(silent_aws: FaultServer, rest: str) -> None:
    Path("doc.yml").write_text(document(rest))
    result = toe.run("doc.yml", log_directory=None)
    assert result.status is toe.Status.TIMED_OUT
    assert "timed out after 1 second" in step_of(result).failure_message
    assert not Path("after").exists()


def test_onfailure_decides_after_a_wait_that_took_too_long(silent_aws: FaultServer) -> None:
    Path("doc.yml").write_text(document(f"onFailure: Ignore, {IN_CONDITION}"))
    result = toe.run("doc.yml", log_directory=None)
    assert step_of(result).status is toe.Status.IGNORED_FAILURE
    assert Path("after").exists()


def test_a_steps_time_ends_the_wait_of_assert(silent_aws: FaultServer) -> None:
    Path("doc.yml").write_text(document(f"inputs: {{stringIsEmpty: '{SECRET}'}}", action="Assert"))
    assert toe.run("doc.yml", log_directory=None).status is toe.Status.TIMED_OUT


@pytest.mark.parametrize(
    ("rest", "number"),
    [
        (IN_INPUTS, signal.SIGINT),
        (IN_LOOP, signal.SIGTERM),
        (IN_CONDITION, signal.SIGINT),
        pytest.param(IN_INPUTS, signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(IN_LOOP, signal.SIGINT, marks=pytest.mark.slow),
        pytest.param(IN_CONDITION, signal.SIGTERM, marks=pytest.mark.slow),
    ],
)
def test_a_signal_ends_the_wait_of_an_expression(silent_aws: FaultServer, rest: str, number: signal.Signals) -> None:
    Path("doc.yml").write_text(document(rest, seconds=0))
    process = subprocess.Popen([*TOE, "run", "doc.yml"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    silent_aws.silent.wait()
    process.send_signal(number)
    stdout, stderr = process.communicate()
    assert process.returncode == 128 + number
    assert f"interrupted by {number.name}" in json.loads(stdout)["failureMessage"]
    assert "Traceback" not in stderr
    assert not Path("after").exists()


@pytest.mark.parametrize("place", ["if", "Assert"])
def test_a_steps_time_ends_the_hash_of_a_big_file(place: str) -> None:
    with open("big", "wb") as file:
        file.truncate(64 << 30)
    condition = "{fileSHA512Equals: ab, path: big}"
    if place == "if":
        Path("doc.yml").write_text(document(f"if: {condition}, inputs: {{commands: ['true']}}"))
    else:
        Path("doc.yml").write_text(document(f"inputs: {condition}", action="Assert"))
    result = toe.run("doc.yml", log_directory=None)
    assert result.status is toe.Status.TIMED_OUT


def test_a_value_that_came_too_late_is_asked_for_again(silent_aws: FaultServer) -> None:
    found = {"Parameter": {"Name": "/app/secret", "Type": "SecureString", "Value": "here"}}
    silent_aws.answers["/"] = [silent, whole(json.dumps(found).encode())]
    Path("doc.yml").write_text(document(f"maxAttempts: 20, {IN_INPUTS}"))
    result = toe.run("doc.yml", log_directory=None)
    assert result.status is toe.Status.SUCCESS
    assert step_of(result).outputs == ({"stdout": "***"},)


@pytest.mark.parametrize(
    ("action", "inputs"),
    [
        ("S3Download", "[{source: 's3://parts/a', destination: a}]"),
        ("S3Upload", "[{source: doc.yml, destination: 's3://parts/a'}]"),
    ],
)
def test_a_steps_time_ends_the_search_for_credentials(
    silent_aws: FaultServer, monkeypatch: pytest.MonkeyPatch, action: str, inputs: str
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{silent_aws.url}/credentials")
    # Behind the end of the step the thread that searches tries again: the test's own end waits for it.
    monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0.01)
    silent_aws.answers["/credentials"] = [dripping]
    Path("doc.yml").write_text(document(f"inputs: {inputs}", action=action))
    assert toe.run("doc.yml", log_directory=None).status is toe.Status.TIMED_OUT


def test_no_answer_of_aws_is_waited_for_without_end(silent_aws: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where the step has all the time in the world."""
    monkeypatch.setattr("toe.aws.clients.ANSWER_SECONDS", 0.5)
    silent_aws.answers = {path: [dripping] for path in silent_aws.answers}
    Path("doc.yml").write_text(document(IN_INPUTS, seconds=-1))
    result = toe.run("doc.yml", log_directory=None)
    assert "cannot read the parameter '/app/secret': no answer within 0.5 seconds" in result.failure_message
    with pytest.raises(toe.DocumentError, match=r"s3://parts/main.yml: .*no answer within 0.5 seconds"):
        toe.run("s3://parts/main.yml", log_directory=None)


def nesting(document_place: str) -> str:
    step = f"{{name: Nest, action: ExecuteDocument, inputs: {{document: '{document_place}'}}}}"
    return f"schemaVersion: 1.0\nphases: [{{name: build, steps: [{step}]}}]\n"


def writing_end(fifo: Path, process: subprocess.Popen[str]) -> int:
    """The writing end of a FIFO, when somebody waits for it."""
    while True:
        assert process.poll() is None
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            continue


def stopped(process: subprocess.Popen[str], number: signal.Signals) -> tuple[dict[str, object], str]:
    """The summary and the messages of a `toe` that a signal stops."""
    process.send_signal(number)
    stdout, stderr = process.communicate()
    assert process.returncode == 128 + number
    assert "Traceback" not in stderr
    return json.loads(stdout), stderr


def started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*TOE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_a_document_is_fetched_is_one_line(silent_aws: FaultServer, number: signal.Signals) -> None:
    process = started("run", "-i", "mine", "s3://parts/main.yml")
    silent_aws.silent.wait()
    summary, stderr = stopped(process, number)
    assert stderr == f"toe: stopped by {number.name}: nothing was run\n"
    assert (summary["executionId"], summary["status"], summary["executedStepCount"]) == ("mine", "failed", 0)
    assert summary["failureMessage"] == f"interrupted by {number.name}"
    assert not list(Path().glob("TOE_*"))


def test_an_interrupt_while_validate_fetches_a_document_says_nothing(silent_aws: FaultServer) -> None:
    process = started("validate", "s3://parts/main.yml")
    silent_aws.silent.wait()
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate()
    assert (process.returncode, stderr) == (-signal.SIGINT, "")


def test_a_signal_ends_the_wait_for_a_nested_document(silent_aws: FaultServer) -> None:
    first = "{name: First, action: ExecuteBash, inputs: {commands: ['echo first']}}, {name: Nest"
    Path("doc.yml").write_text(nesting("s3://parts/main.yml").replace("{name: Nest", first))
    process = started("run", "doc.yml")
    silent_aws.silent.wait()
    summary, _ = stopped(process, signal.SIGTERM)
    assert summary["executedStepCount"] == 2
    assert "step 'Nest'" in str(summary["failureMessage"])


def test_a_signal_ends_the_wait_for_a_nested_pipe() -> None:
    make = "{name: First, action: ExecuteBash, inputs: {commands: ['mkfifo part.yml; echo made']}}, {name: Nest"
    Path("doc.yml").write_text(nesting("part.yml").replace("{name: Nest", make))
    process = started("run", "doc.yml")
    writer = writing_end(Path("part.yml"), process)
    assert "step 'Nest'" in str(stopped(process, signal.SIGTERM)[0]["failureMessage"])
    os.close(writer)
