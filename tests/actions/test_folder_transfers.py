"""CopyFolder and MoveFolder: names, merging, links, and that nothing is lost."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest

from toe.errors import ActionError, StepTimedOut

if TYPE_CHECKING:
    from local_actions import Actions

pytest_plugins = ("local_actions",)

BOTH = pytest.mark.parametrize("name", ["CopyFolder", "MoveFolder"])


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than tmp_path."""
    if not os.access("/dev/shm", os.W_OK) or os.stat("/dev/shm").st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second file system at /dev/shm")
    folder = Path(mkdtemp(dir="/dev/shm"))
    yield folder
    shutil.rmtree(folder)


def tree(root: Path | str) -> dict[str, str]:
    """Every entry below a folder: text of files, `-> target` of links, `/` of folders."""
    found = {}
    for folder, folders, names in os.walk(root):
        for name in folders + names:
            path = Path(folder, name)
            if path.is_symlink():
                text = f"-> {os.readlink(path)}"
            elif path.is_dir():
                text = "/"
            else:
                text = path.read_text() if path.is_file() else "special"
            found[str(path.relative_to(root))] = text
    return found


SOURCE = {"one": "1", "sub": "/", "sub/two": "2", "sub/.dot": "3", "empty": "/", "link": "-> sub/two", "out": "-> /etc"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in SOURCE.items():
        path = Path("deep/er", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if text == "/":
            path.mkdir(exist_ok=True)
        elif text.startswith("-> "):
            path.symlink_to(text[3:])
        else:
            path.write_text(text)
    assert tree("deep/er") == SOURCE
    return tmp_path


@BOTH
@pytest.mark.parametrize(
    ("source", "destination", "place"),
    [
        ("deep/er", "tree/", "tree/er"),
        ("deep/er/", "tree/", "tree/er"),
        ("deep/er", "renamed", "renamed"),
        ("deep/er", "x/y/renamed", "x/y/renamed"),
        ("deep/e*", "tree/", "tree/er"),
        ("deep/er", "existing", "existing"),
        ("deep/er", "into-existing/", "into-existing/er"),
        ("deep/er", ".", "."),
    ],
)
def test_folder_transfer_names(act: Actions, here: Path, name: str, source: str, destination: str, place: str) -> None:
    Path("existing").mkdir()
    Path("into-existing/er").mkdir(parents=True)
    act(name, source=source, destination=destination)
    assert SOURCE.items() <= tree(place).items()
    if place != ".":
        assert tree(place) == SOURCE
    assert Path("deep/er").exists() == (name == "CopyFolder")


@BOTH
def test_folder_transfer_merges_into_an_existing_folder(act: Actions, here: Path, name: str) -> None:
    Path("there/sub").mkdir(parents=True)
    Path("there/sub/two").write_text("old")
    Path("there/sub/other").write_text("kept")
    Path("there/link").symlink_to("elsewhere")
    act(name, source="deep/er", destination="there")
    assert tree("there") == SOURCE | {"sub/other": "kept"}
    assert Path("deep/er").exists() == (name == "CopyFolder")


@BOTH
def test_folder_transfer_can_be_repeated(act: Actions, here: Path, name: str) -> None:
    act("CopyFolder", source="deep/er", destination="there")
    act(name, source="deep/er", destination="there")
    assert tree("there") == SOURCE


@BOTH
@pytest.mark.parametrize(
    ("source", "destination", "says"),
    [
        ("deep/er", "deep/er", "is 'deep/er' or lies inside of it"),
        ("deep/er", "deep/", "is 'deep/er' or lies inside of it"),
        ("deep", "deep/er/sub/new", "lies inside"),
        ("deep", "alias/er/new", "lies inside"),
        ("deep", "deep/", "lies inside"),
        (".", "backup", "lies inside"),
        ("/", "backup", "lies inside"),
        ("none", "x", "cannot (copy|move) 'none' to 'x': 'none': no such file or directory"),
        ("deep/er/one", "x", "'deep/er/one' is a file, not a folder"),
        ("deep/*", "x", "needs a 'destination' that ends in a separator"),
        ("deep/none*", "x/", "no folder matches 'deep/none"),
        ("deep/er/on*", "x/", "no folder matches"),
        ("d*/er", "x/", "has a wildcard in a folder's name"),
        ("deep/er", "file", "'file' exists and is not a folder, but 'deep/er' is one"),
        ("deep/er", "odd", "'odd/sub' exists and is not a folder, but 'deep/er/sub' is one"),
        ("deep/er", "odder", "'odder/one' is a folder, but 'deep/er/one' is not"),
        ("deep/er", "broken", "'broken' exists and is not a folder"),
        ("deep/er", "back", "'deep/er/sub/.dot' and 'back/sub/.dot' are the same file"),
    ],
)
def test_folder_transfer_refusals_change_nothing(
    act: Actions, here: Path, name: str, source: str, destination: str, says: str
) -> None:
    Path("alias").symlink_to("deep")
    Path("file").write_text("precious")
    Path("odd").mkdir()
    Path("odd/sub").write_text("precious")
    Path("odder/one").mkdir(parents=True)
    Path("broken").symlink_to("nowhere")
    Path("back").mkdir()
    Path("back/sub").symlink_to("../deep/er/sub")
    before = tree(here)
    with pytest.raises(ActionError, match=says):
        act(name, source=source, destination=destination)
    assert tree(here) == before


@BOTH
def test_folder_transfer_refuses_existing_files_without_overwrite(act: Actions, here: Path, name: str) -> None:
    Path("there/er/sub").mkdir(parents=True)
    Path("there/er/sub/two").write_text("precious")
    before = tree(here)
    with pytest.raises(ActionError, match="'there/er/sub/two' already exists, and 'overwrite' is false"):
        act(name, source="deep/*", destination="there/", overwrite=False)
    assert tree(here) == before
    Path("there/er/sub/two").unlink()
    act(name, source="deep/*", destination="there/", overwrite=False)
    assert tree("there/er") == SOURCE


@pytest.mark.parametrize("special", ["fifo", "socket"])
def test_copy_folder_refuses_special_files_before_it_copies(act: Actions, here: Path, special: str) -> None:
    if special == "fifo":
        os.mkfifo("deep/er/sub/odd")
    else:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("deep/er/sub/odd")
    with pytest.raises(ActionError, match=f"'deep/er/sub/odd' is a {special}, which cannot be copied"):
        act("CopyFolder", source="deep/er", destination="there")
    assert not Path("there").exists()
    act("MoveFolder", source="deep/er", destination="there")
    assert tree("there")["sub/odd"] == "special"


def test_copy_folder_follows_a_link_that_is_the_source(act: Actions, here: Path) -> None:
    Path("alias").symlink_to("deep/er")
    act("CopyFolder", source="alias", destination="there/")
    assert not Path("there/alias").is_symlink()
    assert tree("there/alias") == SOURCE


def test_copy_folder_copies_into_linked_folders(act: Actions, here: Path) -> None:
    Path("usr/sub").mkdir(parents=True)
    Path("root").mkdir()
    Path("root/sub").symlink_to("../usr/sub")
    act("CopyFolder", source="deep/er", destination="root")
    assert Path("root/sub").is_symlink()
    assert Path("usr/sub/two").read_text() == "2"


@BOTH
def test_folder_transfer_refuses_a_link_over_its_own_target(act: Actions, here: Path, name: str) -> None:
    Path("there").mkdir()
    Path("there/back").write_text("precious")
    Path("deep/er/back").symlink_to("../../there/back")
    with pytest.raises(ActionError, match="are the same file"):
        act(name, source="deep/er", destination="there")
    assert tree("there") == {"back": "precious"}


def test_copy_folder_keeps_modes_and_reads_closed_folders_last(act: Actions, here: Path) -> None:
    Path("deep/er/sub").chmod(0o500)
    Path("deep/er/one").chmod(0o751)
    Path("there").mkdir(mode=0o700)
    act("CopyFolder", source="deep/er", destination="there")
    assert stat.S_IMODE(os.stat("there").st_mode) == 0o700
    assert stat.S_IMODE(os.stat("there/sub").st_mode) == 0o500
    assert stat.S_IMODE(os.stat("there/one").st_mode) == 0o751
    assert tree("there") == SOURCE


def test_copy_folder_takes_odd_names_and_deep_trees(act: Actions, here: Path) -> None:
    Path("deep/er/a\nb,\udcff").write_text("odd")
    path = "deep/er" + "/d" * 400
    os.makedirs(path)
    Path(path, "leaf").write_text("leaf")
    act("CopyFolder", source="deep", destination="there")
    assert Path("there/er/a\nb,\udcff").read_text() == "odd"
    assert Path("there/er" + "/d" * 400, "leaf").read_text() == "leaf"


def test_move_folder_moves_a_link_as_a_link(act: Actions, here: Path) -> None:
    Path("alias").symlink_to("deep/er")
    act("MoveFolder", source="alias/", destination="x/")
    assert os.readlink("x/alias") == "deep/er"
    assert tree("deep/er") == SOURCE
    Path("again").symlink_to("deep/er")
    with pytest.raises(ActionError, match="'x' already exists, and 'again' is a symbolic link"):
        act("MoveFolder", source="again", destination="x")


def test_move_folder_across_file_systems_keeps_all_of_it(act: Actions, here: Path, elsewhere: Path) -> None:
    Path("deep/er/sub").chmod(0o2750)
    if os.geteuid() == 0:
        os.chown("deep/er/sub/two", 12345, 54321)
    os.utime("deep/er/sub", ns=(1_000_000_000, 2_000_000_000))
    before = {name: os.lstat(Path("deep/er", name)) for name in SOURCE}
    act("MoveFolder", source="deep/er", destination=f"{elsewhere}/")
    assert tree(elsewhere / "er") == SOURCE
    for name, status in before.items():
        now = os.lstat(elsewhere / "er" / name)
        assert (now.st_mode, now.st_uid, now.st_gid) == (status.st_mode, status.st_uid, status.st_gid)
        if not stat.S_ISLNK(now.st_mode):
            assert now.st_mtime_ns == status.st_mtime_ns
    assert tree("deep") == {}


def test_move_folder_across_file_systems_deletes_nothing_when_stopped(
    act: Actions, here: Path, elsewhere: Path
) -> None:
    Path("deep/er/zlarge").write_bytes(bytes(5 << 20))
    before = tree(here)
    act.ctx.stop_after, act.ctx.stop_with = 12, StepTimedOut()
    with pytest.raises(StepTimedOut):
        act("MoveFolder", source="deep/er", destination=f"{elsewhere}/")
    assert tree(here) == before


def test_move_folder_across_file_systems_refuses_special_files(act: Actions, here: Path, elsewhere: Path) -> None:
    os.mkfifo("deep/er/sub/odd")
    before = tree(here)
    with pytest.raises(ActionError, match="is a fifo, which cannot be copied"):
        act("MoveFolder", source="deep/er", destination=f"{elsewhere}/")
    assert tree(here) == before
    assert os.listdir(elsewhere) == []


def test_copy_folder_stops_when_told_to(act: Actions, here: Path) -> None:
    act.ctx.stop_after, act.ctx.stop_with = 6, StepTimedOut()
    with pytest.raises(StepTimedOut):
        act("CopyFolder", source="deep/er", destination="there")
