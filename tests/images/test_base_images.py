"""What a build needs to be here before it begins: images that a template names, a processor, skopeo."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from container_registry import ContainerRegistry
from recipe_fixtures import build, configuration, files_of, sh, write_component, write_recipe

from toe.errors import ToeError
from toe.images.engines.commands import asked
from toe.images.foreign import require_runnable

ENABLED = "enabled\ninterpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P\nflags: {}\noffset 0\n"


def refusal(**order: Any) -> ToeError:
    with pytest.raises(ToeError) as refused:
        build(**order)
    return refused.value


@pytest.mark.slow  # buildah tries for some seconds
@pytest.mark.usefixtures("no_names")
@pytest.mark.parametrize(
    "lines", ["COPY --from={} /a /a\n", "FROM {} AS tools\nFROM x\nCOPY --from=tools /a /a\n"], ids=["copied", "stage"]
)
def test_an_image_that_a_template_names_is_fetched_with_fetch_alone(static_image: str, lines: str) -> None:
    one = write_component("one", build=[sh("Make", "echo > /one")])
    write_recipe(static_image, one, after=lines.replace("FROM x", f"FROM {static_image}").format("127.0.0.1:1/tools:1"))
    refused = refusal()
    assert "recipe.json" in refused.message
    assert "the Dockerfile template takes from the image '127.0.0.1:1/tools:1', which is not here" in refused.message
    assert refused.hint == "--fetch fetches it, and so does: buildah pull 127.0.0.1:1/tools:1"
    assert "connection refused" in refusal(fetches=True).message


@pytest.mark.usefixtures("no_names")
def test_an_image_that_a_template_names_comes_from_its_registry(
    static_image: str, registries: Callable[[], ContainerRegistry]
) -> None:
    tools = f"{registries().host}/tools:1"
    asked("buildah", "build", "--quiet", "--tag", tools, "-", text=f"FROM {static_image}\nRUN echo of tools > /tool\n")
    asked("buildah", "push", "--quiet", "--tls-verify=false", tools)
    asked("buildah", "rmi", tools)
    one = write_component("one", build=[sh("Make", "echo > /one")])
    write_recipe(static_image, one, after=f"COPY --from={tools} /tool /tool\n")
    assert refusal().hint == f"--fetch fetches it, and so does: buildah pull {tools}"
    result = build(fetches=True)
    assert result.failure is None
    with files_of(result.image) as root:
        assert (root / "tool").read_text() == "of tools\n"
    assert build().failure is None, "it is here now"
    asked("buildah", "rmi", tools)


@pytest.mark.usefixtures("no_names")
def test_an_image_that_nobody_has_is_not_asked_for(static_image: str) -> None:
    one = write_component("one", build=[sh("Make", "echo > /one")])
    write_recipe(static_image, one, after="COPY --from=localhost/tools /a /a\n")
    refused = refusal(fetches=True)
    assert "the image 'localhost/tools', which is not here" in refused.message
    assert refused.hint == "make it first: no registry has it"


@pytest.mark.usefixtures("no_names")
def test_a_base_for_another_processor_is_refused(static_image: str) -> None:
    write_recipe(static_image, write_component("one", build=[sh("Make", "echo > /one")]))
    other = "linux/386" if configuration(static_image)["architecture"] == "amd64" else "linux/arm"
    refused = refusal(platform=other)
    assert refused.message.startswith(f"the local image '{static_image}' is for linux/")
    assert refused.message.endswith(f", and not for {other}")
    assert refusal(platform="nonsense").message == "'nonsense' is no platform"


def test_programs_of_another_processor_need_qemu(tmp_path: Path) -> None:
    require_runnable("linux/amd64/v2", "linux/amd64", tmp_path)
    require_runnable("linux/386", "linux/amd64", tmp_path)
    with pytest.raises(ToeError, match="this machine \\(linux/amd64\\) runs no programs of linux/arm64") as refused:
        require_runnable("linux/arm64", "linux/amd64", tmp_path)
    assert str(refused.value.hint).startswith("apt-get install qemu-user-static; ")
    (tmp_path / "qemu-aarch64").write_text(ENABLED.format("OP"))
    with pytest.raises(ToeError, match="qemu-aarch64 does not work in containers"):
        require_runnable("linux/arm64", "linux/amd64", tmp_path)
    (tmp_path / "qemu-aarch64").write_text(ENABLED.format("OPF"))
    require_runnable("linux/arm64", "linux/amd64", tmp_path)
    with pytest.raises(ToeError, match="Linux alone"):
        require_runnable("windows/amd64", "linux/amd64", tmp_path)


@pytest.mark.parametrize("option", ["cache_to", "cache_from"])
def test_skopeo_is_missed_before_anything_is_built(
    static_image: str, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    write_recipe(static_image, write_component("one", build=[sh("Make", "echo > /one")]))
    Path("bin").mkdir()
    for program in ("buildah", "runc"):
        Path("bin", program).symlink_to(str(shutil.which(program)))
    monkeypatch.setenv("PATH", os.path.abspath("bin"))
    before = asked("buildah", "images", "--quiet")
    refused = refusal(**{option: "localhost:1"})
    assert (refused.message, refused.exit_code) == ("'skopeo' is not installed", 2)
    assert asked("buildah", "images", "--quiet") == before
