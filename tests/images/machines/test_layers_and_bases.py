"""What a build of a machine image keeps: layers by their content, bases that are read once, files that are whole."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from toe.errors import ToeError
from toe.images.machines.bases import Bases
from toe.images.machines.clean_up import remember, script
from toe.images.machines.disks import FORMATS, disk_of, overlay
from toe.images.machines.drives import make_drive, read_file
from toe.images.machines.layer_files import LayerFiles
from toe.images.machines.outputs import place, write_disk
from toe.images.machines.start import Start
from toe.system.cancellation import Cancellation

pytestmark = pytest.mark.skipif(not shutil.which("qemu-img"), reason="apt-get install qemu-utils")


def base_disk(folder: Path) -> Path:
    """A disk with a file system and a kernel beside it."""
    (folder / "root/etc").mkdir(parents=True)
    (folder / "root/etc/hostname").write_text("machine")
    make_drive(folder / "base.raw", folder / "root", size=8 << 20)
    (folder / "base.vmlinuz").write_bytes(b"a kernel")
    return folder / "base.raw"


def test_a_layer_is_called_by_its_content_and_goes_with_its_last_name(tmp_path: Path) -> None:
    base = disk_of(base_disk(tmp_path))
    files = LayerFiles(tmp_path / "layers")
    image = files.take(overlay(tmp_path / "new.qcow2", base).path, "localhost/toe-cache:key")
    assert files.named("localhost/toe-cache:key") == image
    assert files.disk(image, base.size) is not None
    files.name(image, "another")
    files.remove("another")
    assert files.disk(image, base.size) is not None
    files.remove("localhost/toe-cache:key")
    assert files.disk(image, base.size) is None
    assert files.named("localhost/toe-cache:key") == files.named("../../etc/passwd") == ""
    assert sorted(path.name for path in (tmp_path / "layers").rglob("*")) == ["disks", "names"]


def test_a_base_is_read_once_for_as_long_as_it_stays_as_it_is(tmp_path: Path) -> None:
    path = base_disk(tmp_path)
    bases = Bases(tmp_path / "bases", Cancellation(), lambda line: None)
    first = bases.base(str(path))
    assert first.start == Start(tmp_path / "base.vmlinuz", None, "/dev/nvme0n1")
    known = (tmp_path / "bases/digests.json").read_bytes()
    state = (tmp_path / "bases/digests.json").stat()
    assert bases.base(str(path)) == first
    assert (tmp_path / "bases/digests.json").stat().st_ino == state.st_ino, "it was read again"
    assert (tmp_path / "bases/digests.json").read_bytes() == known
    (tmp_path / "base.vmlinuz").write_bytes(b"another")
    assert bases.base(str(path)).kernel != first.kernel
    with open(path, "r+b") as file:
        file.write(b"changed")
    assert bases.base(str(path)).digest != first.digest


def test_a_folder_becomes_a_disk_with_its_newest_kernel(tmp_path: Path) -> None:
    boot = tmp_path / "root/boot"
    boot.mkdir(parents=True)
    for name in ("vmlinuz-6.1.0-9", "vmlinuz-6.1.0-10", "initrd.img-6.1.0-10"):
        (boot / name).write_text(name)
    bases = Bases(tmp_path / "bases", Cancellation(), lambda line: None)
    base = bases.base(str(tmp_path / "root"))
    assert isinstance(base.start, Start)
    assert base.start.initrd is not None
    assert base.start.kernel.read_text() == "vmlinuz-6.1.0-10"
    assert base.start.initrd.read_text() == "initrd.img-6.1.0-10"
    assert bases.base(str(tmp_path / "root")) == base
    assert list((tmp_path / "bases").glob("new-*")) == []
    (boot / "vmlinuz-6.1.0-11").touch()
    assert bases.base(str(tmp_path / "root")).digest != base.digest
    with pytest.raises(ToeError, match="there is no kernel in"):
        bases.base(str(boot))
    with pytest.raises(ToeError, match="there is no base"):
        bases.base(str(tmp_path / "absent"))


@pytest.mark.parametrize(
    ("ending", "option"), [("tar", ""), ("tar.gz", "--gzip"), ("tar.xz", "--xz"), ("tar.zst", "--zstd")]
)
def test_an_archive_becomes_the_disk_of_its_folder(tmp_path: Path, ending: str, option: str) -> None:
    program = option.removeprefix("--")
    if program and not shutil.which(program):
        pytest.skip(f"apt-get install {program}")
    (tmp_path / "root/boot").mkdir(parents=True)
    (tmp_path / "root/etc").mkdir()
    (tmp_path / "root/boot/vmlinuz-6.1.0-10").write_text("a kernel")
    (tmp_path / "root/etc/hostname").write_text("machine")
    archive = tmp_path / f"root.{ending}"
    words = [
        "tar",
        "--create",
        *filter(None, [option]),
        "--file",
        str(archive),
        "--directory",
        str(tmp_path / "root"),
        ".",
    ]
    subprocess.run(words, check=True)
    base = Bases(tmp_path / "bases", Cancellation(), lambda line: None).base(str(archive))
    assert isinstance(base.start, Start)
    assert base.start.kernel.read_text() == "a kernel"
    assert read_file(base.disk.path, "/etc/hostname", tmp_path / "taken") == b"machine"
    assert list((tmp_path / "bases").glob("new-*")) == []


def test_a_broken_archive_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "root.tar").write_bytes(b"no archive" * 1000)
    with pytest.raises(ToeError, match="tar"):
        Bases(tmp_path / "bases", Cancellation(), lambda line: None).base(str(tmp_path / "root.tar"))
    assert [path.name for path in (tmp_path / "bases").iterdir() if path.name != "locks"] == ["digests.json"]


@pytest.mark.parametrize("disk_format", FORMATS)
def test_all_formats_are_read_back(tmp_path: Path, disk_format: str) -> None:
    base = disk_of(base_disk(tmp_path))
    written = write_disk(overlay(tmp_path / "over.qcow2", base), tmp_path / "staged", disk_format)
    target = tmp_path / f"image.{disk_format}"
    place(written.path, str(target))
    found = disk_of(target)
    assert (found.format, found.size) == (FORMATS[disk_format], base.size)
    assert not written.path.exists()


def test_a_file_that_cannot_be_placed_is_told(tmp_path: Path) -> None:
    (tmp_path / "image").touch()
    with pytest.raises(ToeError, match=r"cannot write '.*absent/image'"):
        place(tmp_path / "image", str(tmp_path / "absent/image"))


def test_the_clean_up_names_its_working_directory_and_removes_the_agent_on_request() -> None:
    assert "work='/var/my work'" in script("/var/my work", uninstall_agent=False)
    assert "for mark in '/var/my work'/skip_cleanup_*; do" in remember("/var/my work")
    assert "amazon-ssm-agent" not in script("/tmp", uninstall_agent=False).replace("/var/log/amazon/ssm", "")
    assert "rpm -e amazon-ssm-agent" in script("/tmp", uninstall_agent=True)
