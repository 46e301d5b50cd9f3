"""Every example is valid for the platforms that it is for, and runs from a copy of its folder where it can run here."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from aws_server import REGION, AwsServer
from fault_server import FaultServer, whole

import toe
from toe.aws.clients import aws_client

pytest_plugins = ("fault_fixtures",)

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
COMPONENTS = sorted(EXAMPLES.glob("*/component.yml"))
#: Those for other platforms than the machine of the tests, or for some of its kind only.
PLATFORMS = {"windows": ("windows",), "macos": ("darwin",), "updates": ("linux",)}
#: Validated only: they are for another system, or would change this one (see test_openscap.py).
NOT_RUN = {*PLATFORMS, "openscap-audit", "openscap-remediate"}
#: Runs in a test of its own, against servers.
WITH_SERVERS = {"transfers"}
RUNNING = [path for path in COMPONENTS if path.parent.name not in NOT_RUN | WITH_SERVERS]


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.parent.name)
def test_an_example_is_valid_for_its_platforms(component: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(component.parent)
    platforms = PLATFORMS.get(component.parent.name, ("linux",))
    problems = toe.validate("component.yml", platforms=platforms, profile="imagebuilder")
    assert [str(problem) for problem in problems if problem.severity is not toe.Severity.INFO] == []


@pytest.mark.parametrize("component", RUNNING, ids=lambda path: path.parent.name)
def test_an_example_succeeds(component: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(component.parent, tmp_path / "example")
    monkeypatch.chdir(tmp_path / "example")
    result = toe.run("component.yml", log_directory=tmp_path)
    assert result.failure_message == ""
    assert result.status is toe.Status.SUCCESS


def test_the_example_of_transfers_succeeds(aws: AwsServer, web: FaultServer, tmp_path: Path) -> None:
    settings = b'{"listen": 8080}\n'
    web.answers["/settings.json"] = [whole(settings)]
    s3 = aws_client("s3")
    s3.create_bucket(Bucket="example", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="example", Key="packages/a/one.rpm", Body=b"one")
    parameters = {
        "Address": f"{web.url}/settings.json",
        "Checksum": hashlib.sha256(settings).hexdigest(),
        "Bucket": "example",
    }
    result = toe.run(EXAMPLES / "transfers" / "component.yml", parameters=parameters, log_directory=tmp_path / "logs")
    assert (result.status, result.failure_message) == (toe.Status.SUCCESS, "")
    assert Path("downloads/settings.json").read_bytes() == settings
    assert Path("downloads/packages/a/one.rpm").read_bytes() == b"one"
    (report,) = s3.list_objects_v2(Bucket="example")["Contents"][1:]
    assert report["Key"] == f"reports/{next(Path('reports').iterdir()).name}"


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("windows", "Unsupported action InstallMSI for os platform linux."),
        ("windows", "Unsupported action SetRegistry for os platform linux."),
    ],
)
def test_an_example_for_another_platform_is_refused_before_anything_runs(
    name: str, refused: str, tmp_path: Path
) -> None:
    with pytest.raises(toe.ToeError) as caught:
        toe.run(EXAMPLES / name / "component.yml", log_directory=tmp_path / "logs")
    assert refused in [problem.message for problem in caught.value.problems]
    assert not (tmp_path / "logs").exists()


def test_the_library_example_runs(tmp_path: Path) -> None:
    script = EXAMPLES / "library" / "run_component.py"
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "RunFinished" in done.stdout
    assert "validate OwnerIsKnown success" in done.stdout
