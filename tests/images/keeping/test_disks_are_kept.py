"""`toe images` with disks of machine images: overlays and files by qemu-img, with the records that a build writes."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from built_images import layer, record

from toe.cli.main import command_line
from toe.images.capsule import cache_folder
from toe.images.engines.commands import asked
from toe.images.engines.owners import kept_name
from toe.images.machines.disks import RAW, Disk, overlay
from toe.images.machines.shelf import DiskShelf
from toe.images.records import LayerRecord
from toe.images.store import Store, store_in
from toe.images.walk import cache_name

pytestmark = pytest.mark.skipif(not shutil.which("qemu-img"), reason="apt-get install qemu-utils")

SIZE = 1 << 20
BASE = f"sha256:{'b' * 64}"
MADE_OF = {"engine": "qemu 7.2"}


@pytest.fixture
def store() -> Store:
    return store_in(os.environ["TOE_STATE_DIRECTORY"])


@pytest.fixture
def shelf(store: Store) -> DiskShelf:
    """With a base that became a disk long ago."""
    bases = store.machines / "bases"
    bases.mkdir(parents=True)
    for ending in ("raw", "vmlinuz"):
        path = bases / f"{'b' * 64}.{ending}"
        path.write_bytes(bytes(SIZE))
        os.utime(path, (0, 0))
    return DiskShelf(store.machines)


def put_layer(store: Store, shelf: DiskShelf, step: str, below: str) -> LayerRecord:
    """A layer of long ago, on the base or on another one."""
    path = store.machines / ("bases" if below == BASE else "disks") / f"{below.removeprefix('sha256:')}"
    path, form = (path.with_suffix(".raw"), RAW) if below == BASE else (path.with_suffix(".qcow2"), "qcow2")
    new = overlay(store.machines / "new.qcow2", Disk(path, form, SIZE)).path
    with open(new, "ab") as file:
        file.write(step.encode() * 100)
    image = shelf.files.take(new, "new")
    found = layer(step, image, below, recipe="disk", at=float(len(store.layers())))._replace(parts=MADE_OF)
    shelf.tag(image, cache_name(found.key))
    shelf.remove("new")
    store.put_layer(found)
    return found


def put_image(store: Store, shelf: DiskShelf, path: Path, image: str, version: str = "1.0.0/1") -> None:
    """An image that became a file."""
    new = store.machines / "image"
    asked("qemu-img", "create", "-q", "-f", "qcow2", str(new), str(SIZE))
    shelf.placed.put(image, new, str(path))
    told = record("disk", version, image, names=(str(path),), kind="image")
    store.put_image(told._replace(engine={"name": "qemu", "identity": "qemu 7.2", "format": "qcow2"}))


def toe(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = command_line(["images", *words])
    out, err = capfd.readouterr()
    return code, out, err


def test_files_and_layers_are_listed_and_go_when_nothing_needs_them(
    store: Store, shelf: DiskShelf, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    one = put_layer(store, shelf, "one", BASE)
    two = put_layer(store, shelf, "two", one.image)
    put_image(store, shelf, tmp_path / "disk.qcow2", two.image)
    code, out, _ = toe(capfd)
    images, disks = out.split("\n\n")
    assert (code, images.splitlines()[1].split()[:4]) == (0, ["disk", "1.0.0/1", two.image[7:19], "qcow2"])
    assert sorted(line.split()[:3] for line in disks.splitlines()[1:]) == [
        ["disk", "one", one.image[7:19]],
        ["disk", "two", two.image[7:19]],
    ]
    told = json.loads(toe(capfd, "--format", "json")[1])
    assert told["images"][0]["size"] == os.path.getsize(tmp_path / "disk.qcow2")
    assert all(disk["size"] > 0 and os.path.exists(disk["files"][0]) for disk in told["disks"])

    assert toe(capfd, "prune") == (0, "nothing to remove\n", "")
    assert toe(capfd, "rm", "disk.qcow2") == (0, "removed disk 1.0.0/1\n", "")
    assert not (tmp_path / "disk.qcow2").exists()
    dry = toe(capfd, "prune", "--dry-run")[1]
    assert len(list(shelf.files.all())) == 2
    code, out, _ = toe(capfd, "prune")
    assert (code, out) == (0, dry.replace("would remove", "removed"))
    assert [line.split(",")[0] for line in out.splitlines()] == [
        "removed the layer two of disk",
        "removed the layer one of disk",
        "removed the base bbbbbbbbbbbb that no layer is built on",
    ]
    assert [path for path in store.machines.rglob("*") if path.is_file()] == []


def test_what_a_machine_or_another_layer_needs_stays(
    store: Store, shelf: DiskShelf, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    one = put_layer(store, shelf, "one", BASE)
    two = put_layer(store, shelf, "two", one.image)
    kept = cache_folder() / "runs" / kept_name()
    kept.mkdir(parents=True)
    (below,) = (path for image, path in shelf.files.all() if image == two.image)
    overlay(kept / "disk.qcow2", Disk(below, "qcow2", SIZE))
    try:
        assert toe(capfd, "prune")[1] == "nothing to remove\n"
        put_image(store, shelf, tmp_path / "disk.qcow2", two.image)
        overlay(kept / "test.qcow2", Disk(tmp_path / "disk.qcow2", "qcow2", SIZE))
        code, _, err = toe(capfd, "rm", "disk")
        assert (code, err) == (1, f"toe: error: disk 1.0.0/1 is needed: a machine uses it: {kept}\n")
    finally:
        shutil.rmtree(kept)
    assert toe(capfd, "rm", "disk")[0] == 0
    shelf.remove(one.image)
    assert dict(shelf.files.all()).keys() == {one.image, two.image}, "a layer went that another one is built on"


def test_a_file_that_was_changed_is_not_ours_any_more(
    store: Store, shelf: DiskShelf, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    one = put_layer(store, shelf, "one", BASE)
    put_image(store, shelf, tmp_path / "disk.qcow2", one.image)
    with open(tmp_path / "disk.qcow2", "ab") as file:
        file.write(b"somebody's")
    assert toe(capfd, "rm", "disk") == (0, "removed disk 1.0.0/1\n", "")
    assert (tmp_path / "disk.qcow2").exists()
    assert store.images() == []


def test_what_a_killed_process_was_copying_is_removed(shelf: DiskShelf, tmp_path: Path, store: Store) -> None:
    """Its note has the name of the copy; this one's owner is no process."""
    put_image(store, shelf, tmp_path / "disk.qcow2", BASE)
    (note,) = (store.machines / "files").glob("*.json")
    told = json.loads(note.read_text())
    space, pid, _, rest = told["owner"].removeprefix("toe-").split("-")
    told |= {"owner": f"toe-{space}-{pid}-1-{rest}", "staged": str(tmp_path / ".toe-1-copy"), "state": None}
    note.write_text(json.dumps(told))
    (tmp_path / ".toe-1-copy").touch()
    shelf.clean()
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith("copy")] == []
    (tmp_path / "disk.qcow2").unlink()
    shelf.clean()
    assert not note.exists()
