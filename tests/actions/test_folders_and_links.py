"""CreateFolder, CreateSymlink, DeleteFile, DeleteFolder and ListFiles."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from toe.errors import ActionError, Interrupted

if TYPE_CHECKING:
    from local_actions import Actions

pytest_plugins = ("local_actions",)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mode(path: str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.mark.parametrize("path", ["d", "d/", "x/y/d", "x/./d", "x/../d", "d/.", "ü\n"])
def test_create_folder_makes_the_folder_and_its_parents(act: Actions, here: Path, path: str) -> None:
    act("CreateFolder", path=path)
    assert Path(path).is_dir()


def test_create_folder_gives_the_mode_to_the_folder_alone(act: Actions, here: Path) -> None:
    previous = os.umask(0o027)
    try:
        act("CreateFolder", path="x/d", permissions="2777")
        act("CreateFolder", path="plain")
    finally:
        os.umask(previous)
    assert (mode("x"), mode("x/d"), mode("plain")) == (0o750, 0o2777, 0o750)


def test_create_folder_keeps_the_contents_of_an_existing_one(act: Actions, here: Path) -> None:
    Path("d").mkdir()
    Path("d/file").write_text("kept")
    act("CreateFolder", path="d", permissions="0711")
    assert mode("d") == 0o711
    assert Path("d/file").read_text() == "kept"
    with pytest.raises(ActionError, match="'d' already exists, and 'overwrite' is false"):
        act("CreateFolder", path="d/", overwrite=False, permissions="0700")
    assert mode("d") == 0o711


@as_root
def test_create_folder_gives_the_owner(act: Actions, here: Path) -> None:
    act("CreateFolder", path="x/d", owner="nobody", group="54321")
    assert (os.stat("x/d").st_uid, os.stat("x/d").st_gid) == (65534, 54321)
    assert os.stat("x").st_uid == 0


@pytest.mark.parametrize(
    ("path", "says"), [("file", "exists and is not a folder"), ("broken", "not a folder"), ("", "is empty")]
)
def test_create_folder_refuses_what_is_no_folder(act: Actions, here: Path, path: str, says: str) -> None:
    Path("file").write_text("precious")
    Path("broken").symlink_to("nowhere")
    with pytest.raises(ActionError, match=says):
        act("CreateFolder", path=path)
    with pytest.raises(ActionError, match=r"not a directory"):
        act("CreateFolder", path="file/below")
    assert sorted(os.listdir()) == ["broken", "file"]


def test_create_symlink_stores_the_target_as_written(act: Actions, here: Path) -> None:
    Path("target").write_text("t")
    act("CreateSymlink", path="x/y/link", target="../../target")
    act("CreateSymlink", path="absolute", target=str(here / "target"))
    act("CreateSymlink", path="folder", target="x")
    assert os.readlink("x/y/link") == "../../target"
    assert Path("x/y/link").read_text() == Path("absolute").read_text() == "t"
    assert os.readlink("folder") == "x"


@pytest.mark.parametrize(
    ("path", "target", "force", "says"),
    [
        ("new", "nowhere", True, "the target 'nowhere' of the link 'new' does not exist$"),
        ("x/new", "target", True, r"does not exist \(a relative target counts from the link's folder\)"),
        ("link", "target", False, "the link 'link' already exists, and 'force' is false"),
        ("file", "target", True, "'file' exists and is not a link: it is never replaced"),
        ("folder", "target", True, "'folder' exists and is not a link"),
        ("link", "link", True, "would lead to itself"),
        ("file/new", "../target", True, "not a directory|does not exist"),
        ("new", "", True, "'target' is empty"),
        ("new/", "target", True, "ends in a separator"),
    ],
)
def test_create_symlink_refusals_change_nothing(
    act: Actions, here: Path, path: str, target: str, force: bool, says: str
) -> None:
    Path("target").write_text("t")
    Path("file").write_text("precious")
    Path("folder").mkdir()
    Path("link").symlink_to("file")
    with pytest.raises(ActionError, match=says):
        act("CreateSymlink", path=path, target=target, force=force)
    assert sorted(os.listdir()) == ["file", "folder", "link", "target"]
    assert os.readlink("link") == "file"
    assert Path("file").read_text() == "precious"


@pytest.mark.parametrize("old", ["file", "nowhere", "folder"])
def test_create_symlink_replaces_a_link_with_force(act: Actions, here: Path, old: str) -> None:
    Path("file").write_text("precious")
    Path("target").write_text("t")
    Path("folder").mkdir()
    Path("link").symlink_to(old)
    act("CreateSymlink", path="link", target="target", force=True)
    assert os.readlink("link") == "target"
    assert Path("file").read_text() == "precious"
    assert os.listdir("folder") == []


def test_delete_file_deletes_the_file_or_the_link(act: Actions, here: Path) -> None:
    Path("file").write_text("x")
    Path("folder").mkdir()
    Path("kept").write_text("kept")
    Path("l1").symlink_to("kept")
    Path("l2").symlink_to("folder")
    Path("l3").symlink_to("nowhere")
    os.mkfifo("fifo")
    for path in ("file", "l1", "l2", "l3", "fifo"):
        act("DeleteFile", path=path, force=True)
    assert sorted(os.listdir()) == ["folder", "kept"]


def test_delete_file_deletes_what_a_wildcard_matches_but_no_folders(act: Actions, here: Path) -> None:
    Path("d/a.folder").mkdir(parents=True)
    for name in ("a1", "ab", ".a", "b"):
        Path("d", name).write_text("x")
    Path("d/alink").symlink_to("a.folder")
    act("DeleteFile", path="d/a*")
    assert sorted(os.listdir("d")) == [".a", "a.folder", "b"]
    act("DeleteFile", path="d/*")
    assert os.listdir("d") == ["a.folder"]


@pytest.mark.parametrize("path", ["nothing*", "no/such/folder/*", "file/*"])
def test_delete_file_succeeds_when_a_wildcard_matches_nothing(act: Actions, here: Path, path: str) -> None:
    Path("file").write_text("x")
    act("DeleteFile", path=path)
    assert os.listdir() == ["file"]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("nothing", "cannot delete 'nothing': no such file or directory"),
        ("folder", r"'folder': it is a folder \(DeleteFolder deletes folders\)"),
        ("folder/", "ends in a separator"),
        ("f*/x", "has a wildcard in a folder's name"),
        ("", "'path' is empty"),
    ],
)
def test_delete_file_refusals(act: Actions, here: Path, path: str, says: str) -> None:
    Path("folder").mkdir()
    Path("folder/x").write_text("precious")
    with pytest.raises(ActionError, match=says):
        act("DeleteFile", path=path)
    assert Path("folder/x").exists()


def test_delete_file_takes_brackets_and_question_marks_literally(act: Actions, here: Path) -> None:
    for name in ("a?", "ab", "[ab]", "a"):
        Path(name).write_text("x")
    act("DeleteFile", path="a?")
    act("DeleteFile", path="[ab]*")
    assert sorted(os.listdir()) == ["a", "ab"]


def test_delete_folder_deletes_an_empty_folder(act: Actions, here: Path) -> None:
    Path("d").mkdir()
    act("DeleteFolder", path="d/")
    assert os.listdir() == []


def test_delete_folder_needs_force_for_contents(act: Actions, here: Path) -> None:
    Path("d/e").mkdir(parents=True)
    with pytest.raises(ActionError, match="cannot delete 'd': it is not empty, and 'force' is false"):
        act("DeleteFolder", path="d")
    assert Path("d/e").exists()
    act("DeleteFolder", path="d", force="true")
    assert os.listdir() == []


def test_delete_folder_never_follows_links(act: Actions, here: Path) -> None:
    Path("kept").mkdir()
    Path("kept/file").write_text("precious")
    Path("d/sub").mkdir(parents=True)
    Path("d/sub/link").symlink_to(here / "kept")
    Path("d/broken").symlink_to("nowhere")
    os.mkfifo("d/fifo")
    Path("d/odd\n\udcff").write_text("x")
    act("DeleteFolder", path="d", force=True)
    for path, force in (("l1", True), ("l2/", False), ("l3//", True)):
        Path(path.rstrip("/")).symlink_to("kept")
        act("DeleteFolder", path=path, force=force)
    assert os.listdir() == ["kept"]
    assert Path("kept/file").read_text() == "precious"


def test_delete_folder_deletes_a_file_with_force_only(act: Actions, here: Path) -> None:
    Path("file").write_text("x")
    with pytest.raises(ActionError, match="cannot delete 'file': it is not a folder, and 'force' is false"):
        act("DeleteFolder", path="file")
    act("DeleteFolder", path="file", force=True)
    assert os.listdir() == []


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("", "'path' is empty"),
        ("/", "refusing to delete '/'"),
        ("//", "refusing"),
        ("/tmp/..", "refusing"),
        (".", "refusing to delete '.'"),
        ("..", "refusing"),
        ("d/..", "refusing"),
        ("d/./", "refusing"),
        ("none", "cannot delete 'none': no such file or directory"),
        ("d*", "no such file or directory"),
    ],
)
def test_delete_folder_refusals(act: Actions, here: Path, path: str, says: str) -> None:
    Path("d").mkdir()
    for force in (False, True):
        with pytest.raises(ActionError, match=says):
            act("DeleteFolder", path=path, force=force)
    assert os.listdir() == ["d"]


def test_delete_folder_deletes_deep_trees(act: Actions, here: Path) -> None:
    os.makedirs("d" + "/x" * 800)
    act("DeleteFolder", path="d", force=True)
    assert os.listdir() == []


def test_delete_folder_stops_when_told_to(act: Actions, here: Path) -> None:
    Path("d").mkdir()
    for number in range(10):
        Path("d", str(number)).write_text("x")
    act.ctx.stop_after, act.ctx.stop_with = 4, Interrupted()
    with pytest.raises(Interrupted):
        act("DeleteFolder", path="d", force=True)
    assert len(os.listdir("d")) == 6


def list_tree(here: Path) -> None:
    Path("deep/er/none").mkdir(parents=True)
    for name in ("a.txt", "b.log", ".hidden"):
        Path("deep/er", name).write_text("x")
    Path("deep/z.txt").write_text("x")
    Path("deep/er/link").symlink_to("a.txt")
    Path("deep/er/broken").symlink_to("nowhere")
    Path("deep/er/around").symlink_to("..")
    os.mkfifo("deep/er/fifo")


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"path": "deep"}, "deep/z.txt"),
        ({"path": "deep/"}, "deep/z.txt"),
        ({"path": "deep/er"}, "deep/er/.hidden,deep/er/a.txt,deep/er/b.log,deep/er/link"),
        ({"path": "deep", "recursive": True, "fileNamePattern": "*.txt"}, "deep/er/a.txt,deep/z.txt"),
        ({"path": "deep", "recursive": "true", "fileNamePattern": "*log"}, "deep/er/b.log"),
        ({"path": "deep/er", "fileNamePattern": "a.txt"}, "deep/er/a.txt"),
        ({"path": "deep/er", "fileNamePattern": "*i*d*n"}, "deep/er/.hidden"),
        ({"path": "deep/er", "fileNamePattern": "?.txt"}, ""),
        ({"path": "deep/er", "fileNamePattern": ""}, "deep/er/.hidden,deep/er/a.txt,deep/er/b.log,deep/er/link"),
        ({"path": "deep/er/none"}, ""),
        ({"path": "deep/er/around"}, "deep/er/around/z.txt"),
    ],
)
def test_list_files_lists_sorted_files(act: Actions, here: Path, entry: dict[str, object], expected: str) -> None:
    list_tree(here)
    assert act("ListFiles", **entry).files == expected


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("none", "cannot list 'none': no such file or directory"),
        ("deep/z.txt", "'deep/z.txt' is a file, not a folder"),
        ("", "'path' is empty"),
    ],
)
def test_list_files_needs_a_folder(act: Actions, here: Path, path: str, says: str) -> None:
    list_tree(here)
    with pytest.raises(ActionError, match=says):
        act("ListFiles", path=path)


def test_wildcards_match_in_linear_time(act: Actions, here: Path) -> None:
    Path("a" * 250).write_text("x")
    assert act("ListFiles", path=".", fileNamePattern="a*" * 100 + "b").files == ""
