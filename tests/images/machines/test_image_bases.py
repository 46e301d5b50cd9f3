"""Machine images on an image of containers that has a kernel: its file system becomes a disk, once."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from toe.errors import ToeError
from toe.images.engines.base import Engine
from toe.images.engines.commands import asked
from toe.images.engines.find import find_engine
from toe.images.finding import given_for
from toe.images.machines.bases import Bases
from toe.images.machines.building import machine_base
from toe.images.machines.drives import read_file
from toe.images.machines.start import Start
from toe.images.order import BuildOrder
from toe.system.cancellation import Cancellation

pytestmark = pytest.mark.skipif(not shutil.which("qemu-img"), reason="apt-get install qemu-utils")
IMAGE = "localhost/with-a-kernel:1"
#: What `setcap cap_net_raw+ep` writes.
MAY_PING = struct.pack("<IIIII", 0x02000001, 1 << 13, 0, 0, 0)
COMPONENT = "schemaVersion: 1.0\nphases: [{name: build, steps: [{name: A, action: Reboot}]}]\n"


@pytest.fixture
def image(container_storage: Path) -> Iterator[str]:
    """An image with what is called a kernel, a link out of it, and a program of somebody that has a capability."""
    container = asked("buildah", "from", "scratch")
    root = Path(asked("buildah", "mount", container))
    (root / "boot").mkdir()
    (root / "boot/vmlinuz-6.1.0-10").write_text("a kernel")
    (root / "boot/vmlinuz-6.1.0-11").symlink_to("/etc/passwd")
    (root / "of-somebody").write_text("theirs")
    os.chown(root / "of-somebody", 1234, 4321)
    (root / "of-somebody").chmod(0o4750)
    os.setxattr(root / "of-somebody", "security.capability", MAY_PING)
    asked("buildah", "commit", "--quiet", "--rm", container, IMAGE)
    yield IMAGE
    asked("buildah", "rmi", IMAGE)


@pytest.fixture(params=["buildah", "podman"])
def engine(request: pytest.FixtureRequest, container_storage: Path) -> Engine:
    """The engines that have that image."""
    if shutil.which(request.param) is None:
        pytest.skip(f"apt-get install {request.param}")
    return find_engine(request.param)


def told_of(disk: Path, path: str) -> str:
    """What debugfs tells of a file."""
    done = subprocess.run(["debugfs", "-R", f"stat {path}", disk], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


def test_its_files_and_their_owners_are_on_the_disk(image: str, engine: Engine, tmp_path: Path) -> None:
    said: list[str] = []
    bases = Bases(tmp_path / "bases", Cancellation(), said.append)
    digest = engine.digest(image)
    base = bases.of_image(engine, image, digest)
    assert (base.digest, isinstance(base.start, Start)) == (digest, True)
    assert isinstance(base.start, Start)
    assert base.start.kernel.read_text() == "a kernel"
    assert read_file(base.disk.path, "/of-somebody", tmp_path / "taken") == b"theirs"
    told = told_of(base.disk.path, "/of-somebody")
    assert "Mode: 04750" in told
    assert "User: 1234 Group: 4321" in told
    assert "security.capability" in told
    assert bases.of_image(engine, image, digest) == base
    assert said == [f"toe: making a disk of {image}, once"]
    assert sorted(path.suffix for path in (tmp_path / "bases").glob("[!l]*")) == [".raw", ".vmlinuz"]
    assert engine.left_overs() == []
    assert asked("buildah", "containers", "--quiet", "--all") == ""


def write_recipe(base: str) -> None:
    """A recipe with one component."""
    Path("components/one/1.0.0").mkdir(parents=True)
    Path("components/one/1.0.0/component.yml").write_text(COMPONENT)
    Path("recipe.yml").write_text(
        f"name: small\nsemanticVersion: 1.0.0\nparentImage: {base}\ncomponents: [{{componentArn: one/1.0.0}}]\n"
    )


def test_a_path_is_relative_to_the_file_that_says_it_also_for_a_pattern(tmp_path: Path) -> None:
    write_recipe("ami-0123456789abcdef0")
    (tmp_path / "elsewhere/root/boot").mkdir(parents=True)
    (tmp_path / "elsewhere/root/boot/vmlinuz-1").write_text("a kernel")
    (tmp_path / "elsewhere/images.yml").write_text("images: {'ami-*': root}\n")
    given = given_for(BuildOrder("recipe.yml", disk_format="raw", images_file=str(tmp_path / "elsewhere/images.yml")))
    name, base = machine_base(given, tmp_path / "bases", Cancellation(), lambda line: None)
    assert name == str(tmp_path / "elsewhere/root")
    assert isinstance(base.start, Start)
    assert base.start.kernel.read_text() == "a kernel"


def test_a_recipe_names_it_where_no_file_has_that_name(image: str, tmp_path: Path) -> None:
    write_recipe(image)
    given = given_for(BuildOrder("recipe.yml", disk_format="raw"))
    name, base = machine_base(given, tmp_path / "bases", Cancellation(), lambda line: None)
    assert (name, base.digest) == (image, find_engine("buildah").digest(image))
    text = Path("recipe.yml").read_text()
    Path("recipe.yml").write_text(text.replace(image, "localhost/nobody-has:1"))
    given = given_for(BuildOrder("recipe.yml", disk_format="raw"))
    with pytest.raises(ToeError, match="there is no base 'localhost/nobody-has:1'"):
        machine_base(given, tmp_path / "bases", Cancellation(), lambda line: None)


def test_an_image_without_a_kernel_is_told_with_the_package(static_image: str, engine: Engine, tmp_path: Path) -> None:
    bases = Bases(tmp_path / "bases", Cancellation(), lambda line: None)
    with pytest.raises(ToeError, match="there is no kernel in") as refused:
        bases.of_image(engine, static_image, engine.digest(static_image))
    assert "linux-image-cloud-amd64" in (refused.value.hint or "")
    assert [path.name for path in (tmp_path / "bases").iterdir()] == ["locks"]
