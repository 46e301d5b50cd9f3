"""toe distribute: disks to folders and to S3, in the format that is asked for, and parameters of Systems Manager."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import boto3
import pytest
from aws_server import AwsServer
from distribution_fixtures import write_configuration
from forked_toe import toe_says

from toe.images.engines.commands import asked

#: Two parts of S3's and a bit.
SIZE = 17 << 20
AMI = {"name": "golden {{ imagebuilder:buildDate }}"}


@pytest.fixture(autouse=True)
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A raw disk `golden.raw` in the working directory, made at a time that is known."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOE_STATE_DIRECTORY", str(tmp_path / "state"))
    content = b"".join(bytes([number]) * (SIZE // 16) for number in range(16))
    Path("golden.raw").write_bytes(content)
    os.utime("golden.raw", (1795953600, 1795953600))
    return content


@pytest.fixture
def bucket(aws: AwsServer) -> str:
    boto3.client("s3").create_bucket(Bucket="exports", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return "exports"


def objects(bucket: str) -> dict[str, bytes]:
    client = boto3.client("s3")
    keys = [one["Key"] for one in client.list_objects_v2(Bucket=bucket).get("Contents", ())]
    return {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def test_a_disk_goes_to_folders_and_the_newest_is_named(disk: bytes) -> None:
    file = write_configuration(
        {"region": "eu-west-1", "amiDistributionConfiguration": AMI}, disks={"eu-west-1": "out/images"}
    )
    done = toe_says("distribute", "golden.raw", file)
    assert done.returncode == 0, done.stderr
    name = "golden-2026-11-29T12-00-00.000Z.raw"
    assert sorted(os.listdir("out/images")) == [name, "golden.latest.json"]
    assert Path("out/images", name).read_bytes() == disk
    assert json.loads(Path("out/images/golden.latest.json").read_text()) == {
        "name": "golden",
        "version": "",
        "build": f"disk-{hashlib.sha256(disk).hexdigest()[:32]}",
        "buildDate": "2026-11-29T12-00-00.000Z",
        "file": name,
        "format": "raw",
        "sha256": hashlib.sha256(disk).hexdigest(),
        "size": SIZE,
    }
    Path("out/images", name).write_bytes(b"half")
    again = toe_says("distribute", "golden.raw", file)
    assert (again.returncode, Path("out/images", name).read_bytes()) == (0, disk)
    assert "sends" not in toe_says("distribute", "golden.raw", file).stderr


def test_a_folder_that_cannot_be_written_leaves_the_others_unannounced(disk: bytes) -> None:
    Path("taken").write_text("a file")
    ami = {"region": "eu-west-1", "amiDistributionConfiguration": {**AMI, "targetAccountIds": ["123456789012"]}}
    file = write_configuration(ami, disks={"eu-west-1": "out", "123456789012": "taken"})
    done = toe_says("distribute", "golden.raw", file)
    assert done.returncode == 1
    assert "failed   taken/golden-2026-11-29T12-00-00.000Z.raw: cannot write" in done.stderr
    assert os.listdir("out") == ["golden-2026-11-29T12-00-00.000Z.raw"]
    Path("taken").unlink()
    assert toe_says("distribute", "golden.raw", file).returncode == 0
    assert sorted(os.listdir("taken")) == sorted(os.listdir("out"))


def test_an_export_is_converted_sent_in_parts_and_verified(disk: bytes, bucket: str, aws: AwsServer) -> None:
    if shutil.which("qemu-img") is None:
        pytest.skip("needs qemu-img (apt-get install qemu-utils)")
    export = {"roleName": "vmimport", "diskImageFormat": "VHD", "s3Bucket": bucket, "s3Prefix": "disks"}
    file = write_configuration(
        {
            "region": "eu-west-1",
            "amiDistributionConfiguration": {},
            "s3ExportConfiguration": export,
            "ssmParameterConfigurations": [{"parameterName": "/golden/newest", "dataType": "aws:ec2:image"}],
        }
    )
    done = toe_says("distribute", "golden.raw", file)
    assert done.returncode == 0, done.stderr
    found = objects(bucket)
    assert sorted(found) == ["disks/golden-0.0.0-0.vhd", "disks/golden.latest.json"]
    Path("back.vhd").write_bytes(found["disks/golden-0.0.0-0.vhd"])
    asked("qemu-img", "convert", "-f", "vpc", "-O", "raw", "back.vhd", "back.raw")
    assert Path("back.raw").read_bytes()[:SIZE] == disk
    assert sum("partNumber=" in request for request in aws.requests) >= 2
    value = boto3.client("ssm").get_parameter(Name="/golden/newest")["Parameter"]["Value"]
    assert value == "s3://exports/disks/golden-0.0.0-0.vhd"
    assert "info     eu-west-1: the parameter '/golden/newest' becomes a text" in done.stderr
    again = toe_says("distribute", "golden.raw", file)
    assert (again.returncode, "has it   s3://exports/disks/" in again.stderr) == (0, True)
    versions = boto3.client("ssm").get_parameter_history(Name="/golden/newest")["Parameters"]
    assert len(versions) == 1


def test_what_a_killed_upload_left_is_given_up(disk: bytes, bucket: str) -> None:
    client = boto3.client("s3")
    key = "golden-0.0.0-0.raw"
    for other in (key, f"{key}.other"):
        client.create_multipart_upload(Bucket=bucket, Key=other)
    file = write_configuration(
        {"region": "eu-west-1", "amiDistributionConfiguration": {}}, disks={"*": f"s3://{bucket}"}
    )
    assert toe_says("distribute", "golden.raw", file).returncode == 0
    left = client.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [upload["Key"] for upload in left] == [f"{key}.other"]
    assert objects(bucket)[key] == disk


def test_a_bucket_that_is_not_there_is_told(disk: bytes, aws: AwsServer) -> None:
    file = write_configuration({"region": "eu-west-1", "amiDistributionConfiguration": {}}, disks={"*": "s3://nowhere"})
    done = toe_says("distribute", "golden.raw", file)
    assert done.returncode == 1
    assert "failed   s3://nowhere/golden-0.0.0-0.raw: cannot " in done.stderr
    assert "NoSuchBucket" in done.stderr


def test_a_disk_on_top_of_another_is_refused(disk: bytes) -> None:
    if shutil.which("qemu-img") is None:
        pytest.skip("needs qemu-img (apt-get install qemu-utils)")
    asked("qemu-img", "create", "-f", "qcow2", "-b", "/etc/passwd", "-F", "raw", "evil.qcow2")
    export = {"roleName": "r", "diskImageFormat": "RAW", "s3Bucket": "exports"}
    file = write_configuration({"region": "eu-west-1", "s3ExportConfiguration": export})
    done = toe_says("distribute", "evil.qcow2", file)
    assert done.returncode == 2
    assert "is made of another disk, '/etc/passwd'" in done.stderr
