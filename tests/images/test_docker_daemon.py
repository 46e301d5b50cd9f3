"""docker's own daemon: runs in its containers, and images that it makes of recipes, by both of its builders."""

from __future__ import annotations

import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docker_daemon import docker_daemon, give_image
from recipe_fixtures import build, fates, sh, write_component, write_recipe
from run_in import run, say, summary, write

from toe.images.engines.commands import answered, asked
from toe.images.results import BuildResult

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("daemon")]
BARE = "localhost/bare"


@pytest.fixture
def daemon(static_image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with docker_daemon() as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        give_image(static_image, tmp_path)
        yield


@pytest.fixture(params=["legacy", "BuildKit"])
def builder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """One of docker's builders; Debian's program has both."""
    monkeypatch.setenv("PATH", "/usr/bin", prepend=os.pathsep)
    monkeypatch.setenv("DOCKER_BUILDKIT", "1" if request.param == "BuildKit" else "0")
    return str(request.param)


def names() -> list[str]:
    return asked("docker", "images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "dangling=false").split()


def configuration(image: str) -> dict[str, Any]:
    """What an image says, but for what means nothing there: name and streams of the container that was committed."""
    told: dict[str, Any] = answered("docker", "image", "inspect", image)[0]["Config"]
    without = ("ArgsEscaped", "Hostname", "Image", "NetworkDisabled", "AttachStdin", "AttachStdout", "AttachStderr")
    return {key: value for key, value in told.items() if value and key not in without}


def files(image: str) -> set[str]:
    """The files of an image, without the folders and files that docker makes for each container."""
    container = asked("docker", "create", image, "true")
    with (
        subprocess.Popen(["docker", "export", container], stdout=subprocess.PIPE) as export,
        tarfile.open(fileobj=export.stdout, mode="r|") as archive,
    ):
        found = {member.name for member in archive}
    asked("docker", "rm", container)
    return found


def nothing_is_left() -> bool:
    containers = asked("docker", "ps", "--all", "--quiet")
    unnamed = asked("docker", "images", "--quiet", "--filter", "dangling=true")
    return (containers, unnamed, [name for name in names() if "toe-building" in name]) == ("", "", [])


def test_a_run_goes_on_after_a_reboot(static_image: str) -> None:
    ask = say("Ask", "[ -e /asked ] || { touch /asked; exit 194; }")
    document = write("component.yml", say("Before", "echo x >> /before"), ask, say("After", "cat /before; echo $HOME"))
    done = run(static_image, document, "--engine", "docker", "--show-output", TOE_NO_REBOOT="")
    assert done.returncode == 0, done.stderr
    assert "      | x\n      | /root\n    ok  After" in done.stderr
    assert summary(done)["executedStepCount"] == 3
    assert nothing_is_left()


def test_what_failed_is_kept_as_an_image(static_image: str) -> None:
    document = write("component.yml", say("Make", "echo made > /made; exit 1"))
    done = run(static_image, document, "--engine=docker", "--keep")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    (enter,) = [line.partition(": ")[2] for line in lines if "a shell in it: " in line]
    (remove,) = [line.partition(": ")[2] for line in lines if "remove it: " in line]
    entered = subprocess.run(
        enter.replace("--tty ", ""), shell=True, input="cat /made\n", capture_output=True, text=True, check=False
    )
    assert entered.stdout == "made\n", entered.stderr
    subprocess.run(remove, shell=True, check=True, capture_output=True)
    assert names() == [f"{static_image}:latest"]


def built(base: str, after: str = "", **order: Any) -> BuildResult:
    one = write_component("one", build=[sh("Make", "echo > /made; pwd > /where")], test=[sh("Look", "[ -e /made ]")])
    two = write_component("two", build=[sh("Make", "rm /where; echo > /etc/hosts.allow")])
    write_recipe(base, one, two, after=after)
    return build(engine="docker", **order)


def test_nothing_of_docker_is_in_the_image(static_image: str, builder: str) -> None:
    result = built(static_image, "ENV A=b\nRUN touch /last\n")
    assert result.failure is None
    assert [verdict[:3] for verdict in result.verdicts] == [("one", "test", "success")]
    label = {"dev.toe.key": result.layers[-1].outlook.key}
    base, made = configuration(static_image), configuration("localhost/web:latest")
    if builder == "BuildKit":
        assert made.pop("WorkingDir", "/") == "/"
    assert made == {**base, "Env": [*base["Env"], "A=b"], "Labels": label}
    assert files(result.image) - files(static_image) == {"made", "etc/hosts.allow", "last"}
    assert nothing_is_left()
    again = built(static_image, "ENV A=b\nRUN touch /last\n")
    assert (again.image, fates(again)) == (result.image, ["cached"] * 3)


@pytest.mark.parametrize("lines", ["CMD []", 'ENTRYPOINT ["/bin/echo", "a b"]\nCMD []', 'USER nobody\nCMD ["sh"]'])
def test_the_command_is_that_of_the_base(static_image: str, builder: str, lines: str) -> None:
    asked("docker", "build", "--quiet", "--tag", BARE, "-", text=f"FROM {static_image}\n{lines}\n")
    result = built(BARE)
    assert result.failure is None
    base, made = configuration(BARE), configuration("localhost/web:latest")
    for key in ("Cmd", "Entrypoint", "Env", "User"):
        assert made.get(key) == base.get(key), key
    assert made.get("WorkingDir", "/") == "/"


def test_a_template_that_fails_leaves_nothing(static_image: str, builder: str) -> None:
    result = built(static_image, f"ENV A=b\nFROM {static_image} AS other\nENV C=d\nRUN exit 5\n")
    assert result.failure is not None
    assert "5" in result.failure.message
    assert nothing_is_left()
