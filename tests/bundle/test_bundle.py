"""`toe bundle` where there is no Python and no C library: a root with busybox alone, and a small Debian."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import boto3
import pytest
from aws_server import REGION, AwsServer
from bundle_fixtures import make_bundle

AWS_NAMES = ("ENDPOINT_URL", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "REGION", "EC2_METADATA_DISABLED")
Step = Mapping[str, object]
BARE = {"PATH": "/bin"}


def say(name: str, script: str) -> Step:
    """A step without bash."""
    return {"name": name, "action": "ExecuteBinary", "inputs": {"path": "sh", "arguments": ["-c", script]}}


def write(root: Path, *steps: Step) -> str:
    """A document of these steps in the root's /work; its path there."""
    document = {"schemaVersion": "1.0", "phases": [{"name": "build", "steps": steps}]}
    (root / "work/component.yml").write_text(json.dumps(document))
    return "/work/component.yml"


def in_root(root: Path, *argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run /toe in the root, with this environment and PATH only."""

    def enter() -> None:
        os.chroot(root)
        os.chdir("/work")

    return subprocess.run(
        ["/toe", *argv], preexec_fn=enter, env={**BARE, **environment}, capture_output=True, text=True, check=False
    )


def console(root: Path) -> str:
    (log,) = (root / "work").glob("TOE_*/console.log")
    return log.read_text()


def test_it_runs_where_there_is_no_python_and_no_c_library(busybox_root: Path) -> None:
    document = write(busybox_root, say("Hello", "echo hello from busybox"))
    done = in_root(busybox_root, "run", document)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "success"
    assert "Stdout: hello from busybox" in console(busybox_root)


def test_a_failing_step_fails_the_run(busybox_root: Path) -> None:
    done = in_root(busybox_root, "run", write(busybox_root, say("Fail", "echo no disk >&2; exit 7")))
    assert done.returncode == 1
    assert "exit status 7" in done.stderr
    assert "no disk" in done.stderr


def test_a_reboot_ends_it_and_the_same_command_goes_on(busybox_root: Path) -> None:
    document = write(
        busybox_root,
        say("Before", "echo x >> before"),
        say("Ask", "[ -e asked ] || { > asked; exit 194; }"),
        say("After", "> after"),
    )
    first = in_root(busybox_root, "run", "-i", "one", "--reboot", "exit", document)
    assert first.returncode == 194, first.stderr
    second = in_root(busybox_root, "resume", "one")
    assert second.returncode == 0, second.stderr
    assert (busybox_root / "work/before").read_text() == "x\n"
    assert (busybox_root / "work/after").exists()


@pytest.mark.slow
def test_its_extra_for_aws_downloads_from_s3(busybox_root: Path, aws: AwsServer, tmp_path: Path) -> None:
    make_bundle(tmp_path, "--with", "aws")
    (busybox_root / "toe").unlink()
    os.link(tmp_path / "toe", busybox_root / "toe")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="parts", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="parts", Key="one.txt", Body=b"from S3")
    step = {
        "name": "Get",
        "action": "S3Download",
        "inputs": [{"source": "s3://parts/one.txt", "destination": "/work/one.txt"}],
    }
    access = {f"AWS_{name}": os.environ[f"AWS_{name}"] for name in AWS_NAMES}
    done = in_root(busybox_root, "run", write(busybox_root, step), **access)
    assert done.returncode == 0, done.stderr
    assert (busybox_root / "work/one.txt").read_bytes() == b"from S3"


def test_steps_see_the_environment_that_toe_was_given(busybox_root: Path) -> None:
    given = {
        "HOME": "/work",
        "SHLVL": "3",
        "PYTHONPATH": "/nowhere",
        "LD_LIBRARY_PATH": "/mine",
        "MARK": "1",
        "PWD": "/work",
    }
    done = in_root(busybox_root, "run", write(busybox_root, say("Look", "env > seen")), **given)
    assert done.returncode == 0, done.stderr
    seen = dict(line.split("=", 1) for line in (busybox_root / "work/seen").read_text().splitlines())
    assert seen.pop("TOE_LOG_DIRECTORY").startswith("/work/TOE_")
    assert seen == {**BARE, **given, "SHLVL": "4"}  # the step's own shell counts itself


def test_a_root_without_dev_null_is_one_message(busybox_root: Path) -> None:
    (busybox_root / "dev/null").unlink()
    done = in_root(busybox_root, "run", write(busybox_root, say("Hello", "echo hello")))
    assert done.returncode == 2
    assert done.stderr.startswith("toe: error: '/dev/null' is missing\n  a root needs it: mknod")


def test_it_unpacks_once(busybox_root: Path) -> None:
    (unpacked,) = (busybox_root / "var/tmp").iterdir()
    made = unpacked.stat().st_ctime_ns
    assert in_root(busybox_root, "--version").returncode == 0
    assert unpacked.stat().st_ctime_ns == made


def test_what_a_killed_start_left_goes_and_what_lacks_something_is_unpacked_again(busybox_root: Path) -> None:
    (unpacked,) = (busybox_root / "var/tmp").iterdir()
    ended = subprocess.Popen(["true"])
    ended.wait()
    unpacked.with_name(f"{unpacked.name}.{ended.pid}").mkdir()
    for name in ("complete", "lib/libc.so.6"):
        (unpacked / name).unlink()
    assert in_root(busybox_root, "--version").returncode == 0
    assert list(unpacked.parent.iterdir()) == [unpacked]


def test_a_folder_of_somebody_else_is_not_started(busybox_root: Path) -> None:
    (unpacked,) = (busybox_root / "var/tmp").iterdir()
    os.chown(unpacked, 12345, 12345)
    done = in_root(busybox_root, "--version")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"toe: error: '/var/tmp/{unpacked.name}' belongs to somebody else",
        "  name another folder by TOE_BUNDLE_DIRECTORY",
    ]


def test_no_room_to_unpack_is_one_message(busybox_root: Path) -> None:
    (busybox_root / "work/file").write_text("")
    done = in_root(busybox_root, "--version", TOE_BUNDLE_DIRECTORY="/work/file")
    assert done.returncode == 2
    assert "toe: error: '/toe' could not be unpacked into '/work/file'" in done.stderr


def test_its_modules_are_compiled(unpacked: Path) -> None:
    """What starts it would compile them each time. The fixtures make it with a variable that has them put elsewhere."""
    for module in ("toe/cli/main", "json/decoder", "yaml/loader"):
        folder, _, name = module.rpartition("/")
        assert list(unpacked.glob(f"**/lib/python3*/{folder}/__pycache__/{name}.*.pyc")), module


def test_it_is_executable_and_leaves_nothing_where_it_was_made(one_file: Path) -> None:
    assert os.access(one_file, os.X_OK)
    assert not [path for path in Path(os.environ["TMPDIR"]).iterdir() if path.name.startswith("toe-bundle-")]


@pytest.mark.slow
def test_the_same_toe_gives_the_same_bytes(one_file: Path, tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "toe", "bundle", "--output", str(tmp_path / "again")]
    subprocess.run(
        argv, env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONOPTIMIZE": "1"}, check=True, capture_output=True
    )
    assert (tmp_path / "again").read_bytes() == one_file.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--with", "nothing"], "toe: error: toe has no extra 'nothing'"),
        (["file"], "toe: error: 'toe bundle' takes no arguments"),
        (["--output", "/dev/null/x"], "toe: error: cannot write '/dev/null/x': Not a directory"),
    ],
)
def test_wrong_use_is_one_message(arguments: list[str], message: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "toe", "bundle", *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, message)
