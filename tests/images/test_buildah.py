"""The engine buildah: containers that run, are committed, are thrown away, and are found when their owner is gone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from engine_fixtures import containers

from toe.errors import ToeError
from toe.images.engines.base import Engine, Mount, Wanted
from toe.images.engines.find import find_engine
from toe.system.cancellation import Cancellation

#: What a container without commands of ours is given as the name of its owner, by a process that ends at once.
OWNED_BY_NOBODY = "from toe.images.engines.owners import new_name; print(new_name())"


def files_of(image: str) -> set[str]:
    """All paths in an image."""
    container = subprocess.run(["buildah", "from", image], check=True, capture_output=True, text=True).stdout.strip()
    root = subprocess.run(["buildah", "mount", container], check=True, capture_output=True, text=True).stdout.strip()
    found = {str(path.relative_to(root)) for path in Path(root).rglob("*")}
    subprocess.run(["buildah", "rm", container], check=True, capture_output=True)
    return found


def test_a_container_runs_again_on_the_files_of_before(buildah: Engine, static_image: str) -> None:
    container = buildah.open(static_image)
    output: list[tuple[str, bytes]] = []
    script = ["/bin/sh", "-c", "echo x >> /count; cat /count; exit 7"]
    try:
        codes = [container.run(script, output=lambda *told: output.append(told)) for _ in range(2)]
    finally:
        container.discard()
    assert codes == [7, 7]
    assert b"".join(block for stream, block in output if stream == "stdout") == b"x\nx\nx\n"
    assert container.name not in containers()


@pytest.mark.parametrize("isolation", ["oci", "chroot"])
def test_an_image_holds_what_was_done_and_nothing_of_the_engine(
    isolation: str, static_image: str, tmp_path: Path
) -> None:
    buildah = find_engine("buildah", isolation)
    (tmp_path / "given").write_text("read only")
    container = buildah.open(static_image, [Mount(tmp_path, f"{buildah.inside}/in")])
    try:
        script = f"cat {buildah.inside}/in/given > /made; ! touch {buildah.inside}/in/new"
        assert container.run(["/bin/sh", "-c", script]) == 0
        made = container.commit(labels={"dev.toe.key": "abc"}, timestamp=0)
    finally:
        container.discard()
    assert files_of(made) - files_of(static_image) == {"made"}
    (image,) = [image for image in buildah.images("dev.toe.key=abc") if image.id == made]
    assert image.labels == {"dev.toe.key": "abc"}
    buildah.remove_image(made)


@pytest.mark.parametrize("isolation", ["oci", "chroot"])
def test_a_request_to_stop_comes_in_as_a_line(container_storage: Path, static_image: str, isolation: str) -> None:
    engine = find_engine("buildah", isolation)
    container = engine.open(static_image)
    cancellation = Cancellation()
    output: list[bytes] = []

    def heard(stream: str, block: bytes) -> None:
        output.append(block)
        if b"ready" in block:
            cancellation.cancel(15)

    try:
        script = ["/bin/sh", "-c", "echo ready; read line; echo got $line; exit 3"]
        assert container.run(script, cancellation=cancellation, output=heard) == 3
    finally:
        container.discard()
        cancellation.close()
    assert b"got SIGTERM" in b"".join(output)


def test_what_a_process_that_is_gone_left_is_removed_and_nothing_else(buildah: Engine, static_image: str) -> None:
    argv = [sys.executable, "-c", OWNED_BY_NOBODY]
    left = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()
    subprocess.run(["buildah", "from", "--name", left, static_image], check=True, capture_output=True)
    mine = buildah.open(static_image)
    try:
        assert buildah.clean() == [left]
        assert left not in containers()
        assert mine.name in containers()
    finally:
        mine.discard()


def test_a_kept_container_stays(buildah: Engine, static_image: str) -> None:
    container = buildah.open(static_image)
    assert container.run(["/bin/sh", "-c", "echo here > /kept"]) == 0
    kept = container.keep()
    assert buildah.clean() == []
    shown = subprocess.run(
        [word for word in kept.enter if word != "--terminal"], input=b"cat /kept\n", capture_output=True
    )
    assert shown.stdout == b"here\n"
    subprocess.run(kept.remove, check=True, capture_output=True)
    assert container.name not in containers()


def test_the_rest_of_a_dockerfile_is_built_by_the_engine(buildah: Engine, static_image: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("copied")
    made = buildah.build(
        lambda name: f"FROM {name}\nCOPY file /file\nWORKDIR /tmp\n",
        tmp_path,
        Wanted("localhost/made", static_image, {}, 0),
    )
    assert "file" in files_of(made)
    buildah.tag(made, "localhost/tagged:1")
    assert buildah.digest("localhost/tagged:1") == made
    told = subprocess.run(["buildah", "inspect", "--type", "image", made], capture_output=True, check=True).stdout
    assert json.loads(told)["OCIv1"]["config"]["WorkingDir"] == "/tmp"
    for name in ("localhost/tagged:1", "localhost/made"):
        buildah.remove_image(name)


def test_an_image_that_is_not_here_is_named(buildah: Engine) -> None:
    with pytest.raises(ToeError, match="there is no local image 'nothing/like-it'"):
        buildah.digest("nothing/like-it")


def test_an_engine_that_is_not_there_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToeError, match=r"none of .* is installed") as raised:
        find_engine()
    assert "apt-get install buildah" in raised.value.hint
