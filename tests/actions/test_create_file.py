"""CreateFile: content, modes, owners, and what is never lost."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from toe.errors import ActionError

if TYPE_CHECKING:
    from local_actions import Actions

pytest_plugins = ("local_actions",)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_create_file_writes_the_content_as_it_is(act: Actions, tmp_path: Path) -> None:
    act("CreateFile", path=tmp_path / "a", content="one\\n\r\ntwo ü 😀\n")
    assert (tmp_path / "a").read_bytes() == "one\\n\r\ntwo ü 😀\n".encode()


def test_create_file_is_empty_without_content(act: Actions, tmp_path: Path) -> None:
    act("CreateFile", path=tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b""


def test_create_file_makes_missing_parents(act: Actions, tmp_path: Path) -> None:
    act("CreateFile", path=tmp_path / "x" / "y" / "a", content="1")
    assert (tmp_path / "x" / "y" / "a").read_text() == "1"


def test_create_file_takes_a_path_relative_to_the_working_directory(
    act: Actions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    act("CreateFile", path="a", content="1")
    act("CreateFile", path="a", content="2")
    assert (tmp_path / "a").read_text() == "2"


def test_create_file_keeps_mode_and_owner_of_an_existing_file(act: Actions, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    if os.geteuid() == 0:
        os.chown(path, 12345, 54321)
    path.chmod(0o4640)
    before = path.stat()
    act("CreateFile", path=path, content="new")
    after = path.stat()
    assert path.read_text() == "new"
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert os.listdir(tmp_path) == ["a"]


def test_create_file_replaces_in_one_move(act: Actions, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    with path.open() as reader:
        act("CreateFile", path=path, content="new text")
        assert reader.read() == "old"


@pytest.mark.parametrize("permissions", ["0640", "755", "0000", "4755", "02770", "0777", "600"])
def test_create_file_gives_exactly_the_mode_asked_for(act: Actions, tmp_path: Path, permissions: str) -> None:
    old = os.umask(0o077)
    try:
        act("CreateFile", path=tmp_path / "new", permissions=permissions)
        (tmp_path / "old").write_text("x")
        act("CreateFile", path=tmp_path / "old", permissions=permissions)
    finally:
        os.umask(old)
    assert mode(tmp_path / "new") == int(permissions, 8)
    assert mode(tmp_path / "old") == int(permissions, 8)


def test_create_file_obeys_the_umask_without_a_mode(act: Actions, tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        act("CreateFile", path=tmp_path / "a")
    finally:
        os.umask(old)
    assert mode(tmp_path / "a") == 0o640


@as_root
def test_create_file_gives_owner_group_and_setuid_together(act: Actions, tmp_path: Path) -> None:
    act("CreateFile", path=tmp_path / "a", content="x", owner="nobody", group="0", permissions="4755")
    status = (tmp_path / "a").stat()
    assert (status.st_uid, status.st_gid, mode(tmp_path / "a")) == (65534, 0, 0o4755)


@as_root
def test_create_file_leaves_the_group_when_only_the_owner_is_given(act: Actions, tmp_path: Path) -> None:
    act("CreateFile", path=tmp_path / "a", owner="12345")
    assert ((tmp_path / "a").stat().st_uid, (tmp_path / "a").stat().st_gid) == (12345, os.getegid())


def test_create_file_takes_empty_owner_and_mode_as_not_given(act: Actions, tmp_path: Path) -> None:
    act("CreateFile", path=tmp_path / "a", owner="", group="", permissions="")
    assert (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("owner", "no-such-user-77", "unknown user 'no-such-user-77'"),
        ("group", "no-such-group-77", "unknown group 'no-such-group-77'"),
        ("owner", "4294967295", "unknown user '4294967295'"),
        ("owner", "-1", "unknown user '-1'"),
        ("owner", "a\0b", "unknown user 'a\\\\x00b'"),
        ("permissions", "888", "'permissions' must be three or four octal digits"),
        ("permissions", "rwx", "not 'rwx'"),
        ("permissions", "0755\n", "octal"),
        ("encoding", "latin1", "'encoding' must be one of"),
    ],
)
def test_create_file_refuses_unknown_words_before_it_writes(
    act: Actions, tmp_path: Path, key: str, value: str, says: str
) -> None:
    with pytest.raises(ActionError, match=says):
        act("CreateFile", **{"path": tmp_path / "a", key: value})
    assert os.listdir(tmp_path) == []


def test_create_file_refuses_an_existing_file_without_overwrite(act: Actions, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("precious")
    with pytest.raises(ActionError, match="a' already exists, and 'overwrite' is false"):
        act("CreateFile", path=tmp_path / "a", content="new", overwrite=False)
    assert (tmp_path / "a").read_text() == "precious"


def test_create_file_writes_a_new_file_without_overwrite(act: Actions, tmp_path: Path) -> None:
    act("CreateFile", path=tmp_path / "a", content="new", overwrite=False)
    assert (tmp_path / "a").read_text() == "new"


def test_create_file_writes_through_a_link(act: Actions, tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    act("CreateFile", path=tmp_path / "link", content="new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_create_file_creates_the_target_of_a_broken_link(act: Actions, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    act("CreateFile", path=tmp_path / "link", content="new", permissions="0600")
    assert (tmp_path / "real").read_text() == "new"
    assert mode(tmp_path / "real") == 0o600


def test_create_file_keeps_all_names_of_a_file(act: Actions, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old and longer")
    os.link(tmp_path / "a", tmp_path / "b")
    act("CreateFile", path=tmp_path / "a", content="new", permissions="0600")
    assert (tmp_path / "b").read_text() == "new"
    assert mode(tmp_path / "b") == 0o600


@pytest.mark.parametrize("overwrite", [True, False])
def test_create_file_refuses_a_folder(act: Actions, tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "d").mkdir()
    with pytest.raises(ActionError, match=r"d' (is a folder, not a file|already exists)"):
        act("CreateFile", path=tmp_path / "d", overwrite=overwrite)
    assert (tmp_path / "d").is_dir()


def test_create_file_refuses_a_fifo_and_does_not_wait(act: Actions, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "f")
    with pytest.raises(ActionError, match="is a fifo, not a file"):
        act("CreateFile", path=tmp_path / "f")
    assert os.listdir(tmp_path) == ["f"]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("", "'path' is empty"),
        ("dir/", "ends in a separator"),
        ("a\0b", "NUL"),
        ("file/below", "cannot create 'file/below': not a directory"),
        ("x" * 300, "ile name too long"),
        ("loop", "too many levels of symbolic links"),
        ("broken/x", "cannot create 'broken/x': 'broken': not a directory"),
    ],
)
def test_create_file_refuses_impossible_paths(
    act: Actions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "broken").symlink_to("nowhere")
    with pytest.raises(ActionError, match=says):
        act("CreateFile", path=path, content="new")
    assert sorted(os.listdir(tmp_path)) == ["broken", "file", "loop"]


def test_create_file_takes_deep_paths(act: Actions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    act("CreateFile", path="d/" * 1500 + "x", content="deep")
    for depth in (1000, 500, 1):  # each folder on the way down is held open: some 1,000 are possible
        act("DeleteFolder", path="/".join(["d"] * depth), force=True)
    assert os.listdir() == []


@pytest.mark.parametrize("name", ["ü ñ 😀", "a\nb", "a,b", "a'b\"c", "-rf", " ", "{{x}}", "\udcff\udcfe"])
def test_create_file_takes_any_name(act: Actions, tmp_path: Path, name: str) -> None:
    act("CreateFile", path=f"{tmp_path}/{name}", content="1")
    act("AppendFile", path=f"{tmp_path}/{name}", content="2")
    act("CopyFile", source=f"{tmp_path}/{name}", destination=f"{tmp_path}/copies/")
    assert act("ReadFile", path=f"{tmp_path}/copies/{name}").content == "12"
    assert act("ListFiles", path=tmp_path / "copies").files == f"{tmp_path}/copies/{name}"
    act("DeleteFile", path=f"{tmp_path}/{name}")
    assert os.listdir(tmp_path) == ["copies"]


def test_create_file_shows_odd_names_on_one_line(act: Actions, tmp_path: Path) -> None:
    with pytest.raises(ActionError) as caught:
        act("ReadFile", path=f"{tmp_path}/a\nb\udcff")
    assert caught.value.message == f"cannot read '{tmp_path}/a\\nb\\xff': no such file or directory"


def test_create_file_writes_names_that_are_not_utf_8_as_their_bytes(act: Actions, tmp_path: Path) -> None:
    act("CreateFile", path=tmp_path / "list", content="a\udcff")
    assert (tmp_path / "list").read_bytes() == b"a\xff"


def test_create_file_leaves_nothing_when_the_disk_is_full(act: Actions, tmp_path: Path) -> None:
    import resource
    import signal

    (tmp_path / "old").write_text("precious")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        for name in ("new", "old"):
            with pytest.raises(ActionError, match=f"cannot create '.*/{name}': file too large"):
                act("CreateFile", path=tmp_path / name, content="x" * 5000)
        with pytest.raises(ActionError, match=r"cannot append to '.*/old': file too large"):
            act("AppendFile", path=tmp_path / "old", content="x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old)
    assert os.listdir(tmp_path) == ["old"]
    assert (tmp_path / "old").read_text() == "precious"


@pytest.mark.skipif(not os.access("/proc/self/comm", os.W_OK), reason="needs a writable /proc")
def test_create_file_writes_in_place_where_no_file_can_be_created(act: Actions) -> None:
    before = Path("/proc/self/comm").read_text()
    try:
        act("CreateFile", path="/proc/self/comm", content="renamed")
        assert act("ReadFile", path="/proc/self/comm").content == "renamed\n"
    finally:
        Path("/proc/self/comm").write_text(before)


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="needs extended attributes")
def test_create_file_keeps_extended_attributes(act: Actions, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    try:
        os.setxattr(path, "user.note", b"kept")
    except OSError:
        pytest.skip("the file system has no extended attributes")
    act("CreateFile", path=path, content="new")
    assert os.getxattr(path, "user.note") == b"kept"


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("utf8", "e4f6"),
        ("UTF-8", "e4f6"),
        ("utf-16", "fffee400"),
        ("utf16", "fffee400"),
        ("UTF-16-le", "e400"),
        ("utf16-BE", "00e4"),
        ("utf-32", "fffe0000e4000000"),
        ("utf32-le", "e4000000"),
        ("utf-32-BE", "000000e4"),
    ],
)
def test_create_file_encodes_and_read_file_reads_it_back(
    act: Actions, tmp_path: Path, encoding: str, data: str
) -> None:
    act("CreateFile", path=tmp_path / "a", content="ä", encoding=encoding)
    expected = "ä".encode() if encoding.lower().startswith("utf8") or encoding == "UTF-8" else bytes.fromhex(data)
    assert (tmp_path / "a").read_bytes() == expected
    assert act("ReadFile", path=tmp_path / "a", encoding=encoding).content == "ä"


def test_create_file_refuses_what_the_encoding_cannot_express(act: Actions, tmp_path: Path) -> None:
    with pytest.raises(ActionError, match=r"character 1 of 'content' \('\\udcff'\) has no form in utf-16"):
        act("CreateFile", path=tmp_path / "a", content="a\udcff", encoding="utf-16")
    assert os.listdir(tmp_path) == []


def test_create_file_faults_are_found_before_the_run(act: Actions) -> None:
    assert act.faults("CreateFile", path="") == [("path", "'path' is empty")]
    assert act.faults("CreateFile", path="a/") == [("path", "'a/' ends in a separator, but 'path' is a file")]
    assert act.faults("CreateFile", path="{{ Folder }}/") == []
    assert act.faults("CreateFile", path="a*b/c") == []
