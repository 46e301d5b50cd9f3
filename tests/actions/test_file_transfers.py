"""CopyFile and MoveFile: names, wildcards, links, modes, and that nothing is lost."""

from __future__ import annotations

import os
import shutil
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

BOTH = pytest.mark.parametrize("name", ["CopyFile", "MoveFile"])


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than tmp_path."""
    if not os.access("/dev/shm", os.W_OK) or os.stat("/dev/shm").st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second file system at /dev/shm")
    folder = Path(mkdtemp(dir="/dev/shm"))
    yield folder
    shutil.rmtree(folder)


def files(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "b.txt", ".hidden.txt", "c.log", "s?r[1].txt"):
        (tmp_path / "src" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "src" / name).write_text(name)
    (tmp_path / "src" / "folder.txt").mkdir()
    return tmp_path


@BOTH
@pytest.mark.parametrize(
    ("source", "destination", "expected"),
    [
        ("src/a.txt", "new.txt", {"new.txt": "a.txt"}),
        ("src/a.txt", "x/y/new.txt", {"x/y/new.txt": "a.txt"}),
        ("src/a.txt", "x/y/", {"x/y/a.txt": "a.txt"}),
        ("src/a.txt", "./", {"a.txt": "a.txt"}),
        ("src/*.log", "x/", {"x/c.log": "c.log"}),
        ("src/c.l*g", "x/", {"x/c.log": "c.log"}),
        ("src/s?r[1].txt", "x/", {"x/s?r[1].txt": "s?r[1].txt"}),
        ("src/s?r[1]*", "x/", {"x/s?r[1].txt": "s?r[1].txt"}),
        (
            "src/*.txt",
            "x/",
            {f"x/{name}": name for name in ("a.txt", "b.txt", ".hidden.txt", "s?r[1].txt")},
        ),
    ],
)
def test_transfer_names(
    act: Actions, here: Path, name: str, source: str, destination: str, expected: dict[str, str]
) -> None:
    before = files(here)
    act(name, source=source, destination=destination)
    after = files(here)
    assert {path: text for path, text in after.items() if path not in before} == expected
    if name == "CopyFile":
        assert before.items() <= after.items()
    else:
        assert len(after) == len(before)
    assert (here / "src" / "folder.txt").is_dir()


@BOTH
@pytest.mark.parametrize(
    ("source", "destination", "says"),
    [
        ("src/none*", "x/", "no file matches 'src/none"),
        ("none/*", "x/", r"no file matches 'none/\*'"),
        ("src/*.txt", "x", "a source with a wildcard needs a 'destination' that ends in a separator"),
        ("s*/a.txt", "x/", r"'s\*/a.txt' has a wildcard in a folder's name"),
        ("", "x", "'source' is empty"),
        ("src/a.txt", "", "'destination' is empty"),
        ("src/none", "x", "cannot (copy|move) 'src/none' to 'x': 'src/none': no such file or directory"),
        ("src", "x", "'src' is a folder, not a file"),
        ("src/a.txt", "src", "'src' is a folder "),
        ("src/a.txt", "src/a.txt", "are the same file"),
        ("src/a.txt", "./src/../src/", "are the same file"),
        ("src/a.txt", "alias/", "are the same file"),
        ("src/a.txt", "src/b.txt/c", "not a directory"),
        ("src/a.txt/", "x", "not a directory"),
        ("src/*", "src/", "are the same file"),
    ],
)
def test_transfer_refusals_change_nothing(
    act: Actions, here: Path, name: str, source: str, destination: str, says: str
) -> None:
    (here / "alias").symlink_to("src")
    before = files(here)
    with pytest.raises(ActionError, match=says):
        act(name, source=source, destination=destination)
    assert files(here) == before


@BOTH
def test_transfer_replaces_only_with_overwrite(act: Actions, here: Path, name: str) -> None:
    (here / "x").mkdir()
    (here / "x" / "b.txt").write_text("precious")
    before = files(here)
    with pytest.raises(ActionError, match=r"'x/b.txt' already exists, and 'overwrite' is false"):
        act(name, source="src/*.txt", destination="x/", overwrite=False)
    assert files(here) == before
    act(name, source="src/*.txt", destination="x/")
    assert (here / "x" / "b.txt").read_text() == "b.txt"


@BOTH
def test_transfer_refuses_hard_links_of_one_file(act: Actions, here: Path, name: str) -> None:
    os.link("src/a.txt", "again")
    with pytest.raises(ActionError, match="are the same file"):
        act(name, source="src/a.txt", destination="again")
    assert Path("again").read_text() == Path("src/a.txt").read_text() == "a.txt"


@BOTH
def test_transfer_refuses_a_link_onto_its_target(act: Actions, here: Path, name: str) -> None:
    Path("link").symlink_to("src/a.txt")
    with pytest.raises(ActionError, match="are the same file"):
        act(name, source="link", destination="src/a.txt")
    assert Path("src/a.txt").read_text() == "a.txt"


def test_copy_file_follows_links_on_both_sides(act: Actions, here: Path) -> None:
    Path("from").symlink_to("src/a.txt")
    Path("to").symlink_to("src/b.txt")
    act("CopyFile", source="from", destination="to")
    assert Path("to").is_symlink()
    assert Path("src/b.txt").read_text() == "a.txt"


def test_move_file_moves_a_link_and_replaces_a_link(act: Actions, here: Path) -> None:
    Path("from").symlink_to("src/a.txt")
    Path("to").symlink_to("src/b.txt")
    act("MoveFile", source="from", destination="to")
    assert os.readlink("to") == "src/a.txt"
    assert not os.path.lexists("from")
    act("MoveFile", source="src/a.txt", destination="to")
    assert Path("to").read_text() == "a.txt"
    assert Path("src/b.txt").read_text() == "b.txt"


def test_move_file_moves_a_broken_link(act: Actions, here: Path) -> None:
    Path("broken").symlink_to("nowhere")
    act("MoveFile", source="brok*", destination="x/")
    assert os.readlink("x/broken") == "nowhere"


def test_copy_file_keeps_the_mode_less_umask_and_setuid(act: Actions, here: Path) -> None:
    Path("tool").write_text("#!/bin/sh")
    Path("tool").chmod(0o4775)
    Path("old").write_text("x")
    Path("old").chmod(0o600)
    previous = os.umask(0o027)
    try:
        act("CopyFile", source="tool", destination="new")
        act("CopyFile", source="tool", destination="old")
    finally:
        os.umask(previous)
    assert stat.S_IMODE(os.stat("new").st_mode) == 0o750
    assert stat.S_IMODE(os.stat("old").st_mode) == 0o600


def test_copy_file_refuses_special_files_and_does_not_wait(act: Actions, here: Path) -> None:
    os.mkfifo("fifo")
    with pytest.raises(ActionError, match="'fifo' is a fifo, not a file"):
        act("CopyFile", source="fifo", destination="x")
    with pytest.raises(ActionError, match="'fifo' is a fifo, not a file"):
        act("CopyFile", source="src/a.txt", destination="fifo")
    with pytest.raises(ActionError, match="'/dev/zero' is a device, not a file"):
        act("CopyFile", source="/dev/zero", destination="x")
    assert not Path("x").exists()


def test_copy_file_copies_files_that_state_no_size(act: Actions, here: Path) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc")
    act("CopyFile", source="/proc/self/status", destination="x")
    assert Path("x").read_text().startswith("Name:")


def test_copy_file_stops_between_blocks_and_leaves_the_destination(act: Actions, here: Path) -> None:
    Path("large").write_bytes(bytes(5 << 20))
    Path("old").write_text("precious")
    act.ctx.stop_after, act.ctx.stop_with = 3, StepTimedOut()
    for destination in ("new", "old"):
        act.ctx.checks = 0
        with pytest.raises(StepTimedOut):
            act("CopyFile", source="large", destination=destination)
    assert Path("old").read_text() == "precious"
    assert sorted(os.listdir()) == ["large", "old", "src"]


def test_move_file_across_file_systems_keeps_all_of_it(act: Actions, here: Path, elsewhere: Path) -> None:
    Path("tool").write_bytes(b"x" * (3 << 20))
    if os.geteuid() == 0:
        os.chown("tool", 12345, 54321)
    Path("tool").chmod(0o4751)
    os.utime("tool", ns=(1_000_000_000, 2_000_000_000))
    before = os.stat("tool")
    (elsewhere / "x").mkdir()
    (elsewhere / "x" / "tool").write_text("old")
    act("MoveFile", source="tool", destination=f"{elsewhere}/x/")
    after = os.stat(elsewhere / "x" / "tool")
    for field in ("st_mode", "st_uid", "st_gid", "st_size", "st_mtime_ns"):
        assert getattr(after, field) == getattr(before, field)
    assert not Path("tool").exists()
    assert os.listdir(elsewhere / "x") == ["tool"]


def test_move_file_across_file_systems_moves_a_link(act: Actions, here: Path, elsewhere: Path) -> None:
    Path("link").symlink_to("src/a.txt")
    act("MoveFile", source="link", destination=f"{elsewhere}/")
    assert os.readlink(elsewhere / "link") == "src/a.txt"
    assert not os.path.lexists("link")


def test_move_file_across_file_systems_loses_nothing_when_stopped(act: Actions, here: Path, elsewhere: Path) -> None:
    Path("large").write_bytes(bytes(5 << 20))
    (elsewhere / "large").write_text("precious")
    act.ctx.stop_after, act.ctx.stop_with = 3, StepTimedOut()
    with pytest.raises(StepTimedOut):
        act("MoveFile", source="large", destination=f"{elsewhere}/")
    assert Path("large").stat().st_size == 5 << 20
    assert files(elsewhere) == {"large": "precious"}


def test_move_file_across_file_systems_refuses_a_fifo(act: Actions, here: Path, elsewhere: Path) -> None:
    os.mkfifo("fifo")
    with pytest.raises(ActionError, match="'fifo' is a fifo, not a file"):
        act("MoveFile", source="fifo", destination=f"{elsewhere}/")
    assert Path("fifo").is_fifo()
    assert os.listdir(elsewhere) == []


@pytest.mark.parametrize("name", ["CopyFile", "MoveFile", "CopyFolder", "MoveFolder"])
def test_transfer_faults_are_found_before_the_run(act: Actions, name: str) -> None:
    assert act.faults(name, source="a/b", destination="c") == []
    assert act.faults(name, source="a/*", destination="c/") == []
    assert act.faults(name, source="C:\\a\\*.txt", destination="D:\\b\\") == []
    assert act.faults(name, source="{{ X }}/*/a*", destination="c") == []
    assert act.faults(name, source="a/*", destination="{{ X }}") == []
    assert [key for key, _ in act.faults(name, source="a/*", destination="c")] == ["destination"]
    assert [key for key, _ in act.faults(name, source="*/b", destination="c/")] == ["source"]
    assert [key for key, _ in act.faults(name, source="C:\\*\\b", destination="c\\")] == ["source"]
    assert [key for key, _ in act.faults(name, source="", destination="")] == ["source", "destination"]
