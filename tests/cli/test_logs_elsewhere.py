"""`toe run` with logs in CloudWatch Logs and S3, as a program of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_server import ACCOUNT, OTHER_ACCOUNT, REGION, AwsServer
from cloudwatch_service import GROUP, LogsService

from toe.aws.clients import aws_client

HELLO = """\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Hello
        action: ExecuteBash
        inputs:
          commands:
            - echo hello
            - touch ran
"""
CLOUDWATCH = ("--cw-log-group", GROUP, "-i", "run-1")


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "hello.yml"
    path.write_text(HELLO)
    return path


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "toe", "run", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(*arguments: str) -> tuple[int, dict[str, Any], str]:
    process = start(*arguments)
    stdout, stderr = process.communicate(timeout=60)
    return process.returncode, json.loads(stdout), stderr


def stored(stream: str = "run-1") -> list[str]:
    page = aws_client("logs").get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True)
    return [event["message"] for event in page["events"]]


def console_log() -> list[str]:
    (folder,) = Path().glob("TOE_*")
    return (folder / "console.log").read_text().splitlines()


def make_bucket() -> Any:
    s3 = aws_client("s3")
    s3.create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": REGION})
    return s3


def test_console_log_is_in_cloudwatch_and_the_folder_in_s3(aws: AwsServer, document: Path) -> None:
    s3 = make_bucket()
    bucket = ("-b", "logs", "-k", "builds", "--log-s3-bucket-owner", ACCOUNT)
    code, summary, stderr = run(str(document), *CLOUDWATCH, *bucket)
    assert (code, summary["status"]) == (0, "success"), stderr
    (folder,) = Path().glob("TOE_*")
    assert summary["logUrl"] == f"s3://logs/builds/{folder.name}"
    assert stored() == console_log()
    assert stored()[-1].endswith("TOE has completed execution successfully")
    copies = {item["Key"]: item["Size"] for item in s3.list_objects_v2(Bucket="logs")["Contents"]}
    assert copies == {f"builds/{folder.name}/{path.name}": path.stat().st_size for path in folder.iterdir()}


def test_nothing_runs_when_cloudwatch_refuses(aws: AwsServer, document: Path) -> None:
    LogsService(aws).denied = {"PutLogEvents"}
    code, summary, stderr = run(str(document), *CLOUDWATCH)
    assert code == 1
    assert summary["executedStepCount"] == 0
    assert summary["status"] == "failed"
    assert summary["failureMessage"].startswith(f"cannot write to CloudWatch Logs '{GROUP}' stream 'run-1'")
    assert summary["failureMessage"] in stderr
    assert not Path("ran").exists()
    (report,) = Path().glob("TOE_*/detailedoutput.json")
    assert json.loads(report.read_text())["failureMessage"] == summary["failureMessage"]


def test_ignored_failures_are_a_warning(aws: AwsServer, document: Path) -> None:
    LogsService(aws).denied = {"PutLogEvents"}
    code, summary, stderr = run(str(document), *CLOUDWATCH, "--cw-ignore-failures")
    assert (code, summary["status"], summary["failureMessage"]) == (0, "success", "")
    assert "warning: cannot write to CloudWatch Logs" in stderr
    assert Path("ran").exists()


def test_logs_that_do_not_reach_s3_are_a_warning(aws: AwsServer, document: Path) -> None:
    make_bucket()
    aws.owners["logs"] = OTHER_ACCOUNT
    code, summary, stderr = run(str(document), "-b", "logs", "--log-s3-bucket-owner", ACCOUNT)
    assert code == 0
    assert os.path.isdir(summary["logUrl"])
    assert "AccessDenied" in stderr


def test_options_without_their_main_option_are_a_warning(document: Path) -> None:
    code, _, stderr = run(str(document), "-k", "prefix", "--cw-log-stream", "x")
    assert code == 0
    assert "warning: --cw-log-stream has no effect without --cw-log-group" in stderr
    assert "warning: --log-s3-key-prefix has no effect without --log-s3-bucket-name" in stderr


def test_an_interrupted_run_sends_its_logs_and_goes_on_where_it_stopped(aws: AwsServer, tmp_path: Path) -> None:
    s3 = make_bucket()
    (tmp_path / "long.yml").write_text(
        HELLO.replace("- touch ran", "- '[ -e ran ] || { touch ran; echo waiting; sleep 60; }'")
    )
    process = start("long.yml", "-s", "state", "--trace", *CLOUDWATCH, "-b", "logs")
    assert process.stderr is not None
    for line in process.stderr:
        if "Stdout: waiting" in line:
            break
    process.send_signal(signal.SIGTERM)
    stdout, _ = process.communicate(timeout=30)
    assert process.returncode == 143
    assert json.loads(stdout)["logUrl"].startswith("s3://logs/TOE_")
    assert stored() == console_log()
    assert s3.list_objects_v2(Bucket="logs")["KeyCount"] == len(list(Path().glob("TOE_*/[!.]*")))
    command = [sys.executable, "-m", "toe", "resume", "run-1", "-s", "state"]
    resumed = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert resumed.returncode == 0, resumed.stderr
    assert stored() == console_log()
    assert not list(Path().glob("TOE_*/.cloudwatch*"))
