"""`toe run --in` by podman, and by docker on podman's service; its own daemon is in test_docker_daemon."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from run_in import images_of_podman, run, say, summary, write

from toe.errors import ToeError
from toe.images.engines.base import Engine, Mount
from toe.images.engines.find import find_engine

REBOOTS = (
    say("Before", "echo x >> /before"),
    say("Ask", "[ -e /asked ] || { touch /asked; exit 194; }"),
    say("After", "cat /before; echo $HOME"),
)


@pytest.fixture(scope="module")
def podman(container_storage: Path) -> Engine:
    if shutil.which("podman") is None:
        pytest.skip("needs podman (apt-get install podman)")
    return find_engine("podman")


@pytest.fixture
def docker(podman: Engine) -> Iterator[Engine]:
    """docker's own program, which talks to podman."""
    if shutil.which("docker") is None:
        pytest.skip("needs the program docker (apt-get install docker.io)")
    folder = tempfile.mkdtemp(prefix="d-")
    address = f"unix://{folder}/podman.sock"
    with (
        subprocess.Popen(["podman", "system", "service", "--time", "0", address], stderr=subprocess.DEVNULL) as service,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("DOCKER_HOST", address)
        while subprocess.run(["docker", "version"], capture_output=True, check=False).returncode:
            assert service.poll() is None
        yield find_engine("docker")
        service.terminate()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["podman", "docker"])
def test_a_run_goes_on_after_a_reboot(engine: str, static_image: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(engine)
    document = write("component.yml", *REBOOTS)
    done = run(static_image, document, "--engine", engine, "--show-output", TOE_NO_REBOOT="")
    assert done.returncode == 0, done.stderr
    assert "      | x\n      | /root\n    ok  After" in done.stderr
    assert summary(done)["executedStepCount"] == 3
    names = subprocess.run(["podman", "ps", "--all", "--quiet"], capture_output=True, text=True, check=True).stdout
    assert names == ""


@pytest.mark.slow
def test_an_image_of_podman_holds_what_was_done_and_the_settings_that_it_had(
    podman: Engine, static_image: str, tmp_path: Path
) -> None:
    container = podman.open(static_image, [Mount(tmp_path, f"{podman.inside}/in")])
    try:
        assert container.run(["/bin/sh", "-c", "echo made > /made"]) == 0
        with pytest.raises(ToeError, match="runs the same command"):
            container.run(["/bin/sh", "-c", "true"])
        made = container.commit(labels={"dev.toe.key": "a b"})
    finally:
        container.discard()
    (image,) = [image for image in podman.images("dev.toe.key") if image.id == made]
    assert image.labels["dev.toe.key"] == "a b"
    inspected = ["podman", "image", "inspect", "--format", "{{json .Config}}"]
    before, after = (
        json.loads(subprocess.run([*inspected, one], capture_output=True, check=True).stdout)
        for one in (static_image, made)
    )
    for key in ("Cmd", "Entrypoint", "Env", "User"):
        assert after.get(key) == before.get(key), key
    podman.remove_image(made)


@pytest.mark.slow
def test_what_is_kept_of_podman_is_an_image(podman: Engine, static_image: str) -> None:
    done = run(
        static_image, write("component.yml", say("Make", "echo made > /made; exit 1")), "--engine=podman", "--keep"
    )
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    (enter,) = [line.partition(": ")[2] for line in lines if "a shell in it: " in line]
    (remove,) = [line.partition(": ")[2] for line in lines if "remove it: " in line]
    entered = subprocess.run(
        enter.replace("--tty ", ""), shell=True, input="cat /made\n", capture_output=True, text=True, check=False
    )
    assert entered.stdout == "made\n", entered.stderr
    subprocess.run(remove, shell=True, check=True, capture_output=True)
    assert not any("toe-kept" in name for name in images_of_podman())


def test_a_daemon_that_is_not_there_is_told_of(static_image: str) -> None:
    if shutil.which("docker") is None:
        pytest.skip("needs the program docker (apt-get install docker.io)")
    document = write("component.yml", say("Say", "echo"))
    done = run(static_image, document, "--engine", "docker", DOCKER_HOST=f"unix://{os.getcwd()}/nobody.sock")
    assert done.returncode == 2
    assert "docker" in done.stderr
    assert "nobody.sock" in done.stderr


@pytest.mark.parametrize("name", ["buildah", "podman"])
def test_a_name_that_would_be_an_option_is_refused(name: str, podman: Engine) -> None:
    for image in ("--help", "-v", "a b", "a\0b", ""):
        with pytest.raises(ToeError, match="is no name of an image"):
            find_engine(name).digest(image, pull="missing")


def test_a_program_that_is_no_engine_is_told_of(podman: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("bin").mkdir()
    for name in ("buildah", "podman"):
        Path("bin", name).write_text("#!/bin/sh\necho nonsense\n")
        Path("bin", name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{os.getcwd()}/bin", prepend=os.pathsep)
    with pytest.raises(ToeError, match="buildah images: its answer is no JSON: 'nonsense'"):
        find_engine("buildah").images()
    with pytest.raises(ToeError, match="podman image: its answer is no JSON: 'nonsense'"):
        find_engine("podman").open("localhost/static")
