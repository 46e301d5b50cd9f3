"""AppendFile, ReadFile and SetFileEncoding."""

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


def test_append_file_adds_without_a_line_end(act: Actions, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one\r\n")
    act("AppendFile", path=tmp_path / "a", content="two")
    act("AppendFile", path=tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"one\r\ntwo"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_append_file_adds_no_mark(act: Actions, tmp_path: Path, encoding: str) -> None:
    act("CreateFile", path=tmp_path / "a", content="a", encoding=encoding)
    act("AppendFile", path=tmp_path / "a", content="b", encoding=encoding)
    assert act("ReadFile", path=tmp_path / "a", encoding=encoding).content == "ab"
    assert (tmp_path / "a").read_bytes()[2:] == ("\ufeffab".encode(encoding + "-le"))[2:]


def test_what_is_wrong_on_the_way_to_a_file_is_named(act: Actions, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "broken").symlink_to("nowhere")
    for path, cause in (
        ("none/sub/a", f"no such file or directory (there is no folder '{tmp_path}/none')"),
        ("file/sub/a", f"not a directory ('{tmp_path}/file' is no folder)"),
        (
            "broken/a",
            f"no such file or directory ('{tmp_path}/broken': it is a link to 'nowhere', which does not exist)",
        ),
        ("broken", "no such file or directory (it is a link to 'nowhere', which does not exist)"),
        ("none", "no such file or directory"),
    ):
        with pytest.raises(ActionError) as refused:
            act("ReadFile", path=path)
        assert refused.value.message == f"cannot read '{path}': {cause}"


def test_append_file_needs_an_existing_file(act: Actions, tmp_path: Path) -> None:
    with pytest.raises(ActionError, match=r"cannot append to '.*/a': no such file or directory"):
        act("AppendFile", path=tmp_path / "a", content="x")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["AppendFile", "ReadFile", "SetFileEncoding"])
def test_text_actions_refuse_folders_and_fifos(act: Actions, tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(ActionError, match=r"(a folder|is a directory)"):
        act(name, path=tmp_path)
    with pytest.raises(ActionError, match="is a fifo, not a file"):
        act(name, path=tmp_path / "fifo")
    with pytest.raises(ActionError, match="is a device, not a file"):
        act(name, path="/dev/null")


def test_read_file_prints_when_asked(act: Actions, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("text\n")
    assert act("ReadFile", path=tmp_path / "a").content == "text\n"
    assert act.ctx.printed == []
    act("ReadFile", path=tmp_path / "a", printFileContent=True)
    assert act.ctx.printed == ["text\n"]


def test_read_file_follows_links_and_keeps_line_ends(act: Actions, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1\r\n2\r3\n")
    (tmp_path / "l").symlink_to("a")
    assert act("ReadFile", path=tmp_path / "l").content == "1\r\n2\r3\n"


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        (b"\xef\xbb\xbfa", "utf-8", "a"),
        (b"\xfe\xff\x00a", "utf-16", "a"),
        (b"\xff\xfea\x00", "utf-16-LE", "a"),
        (b"\xfe\xff\x00a", "utf-16-BE", "a"),
        (b"\x00\x00\xfe\xff\x00\x00\x00a", "utf-32", "a"),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", "utf-8", "\ufeffa"),
        (b"", "utf-16", ""),
    ],
)
def test_read_file_drops_one_mark(act: Actions, tmp_path: Path, data: bytes, encoding: str, text: str) -> None:
    (tmp_path / "a").write_bytes(data)
    assert act("ReadFile", path=tmp_path / "a", encoding=encoding).content == text


@pytest.mark.parametrize(
    ("data", "encoding", "says"),
    [
        (b"ab\xff", "utf-8", r"byte 2 \(0xff\), invalid start byte"),
        (b"\xef\xbb\xbfab\xff", "utf-8", r"byte 5 \(0xff\)"),
        (b"\xff\xfea\x00b", "utf-16", r"byte 4 \(0x62\), truncated data"),
        (b"\x7fELF\xff\xff\xff\xff", "utf-32-LE", r"byte 0 \(0x7f\)"),
    ],
)
def test_read_file_names_the_first_byte_that_is_no_text(
    act: Actions, tmp_path: Path, data: bytes, encoding: str, says: str
) -> None:
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(ActionError, match=f"a' is not a text in {encoding}: {says}"):
        act("ReadFile", path=tmp_path / "a", encoding=encoding)


def test_read_file_names_a_missing_file(act: Actions, tmp_path: Path) -> None:
    (tmp_path / "broken").symlink_to("nowhere")
    for name in ("nothing", "broken"):
        with pytest.raises(ActionError, match=f"cannot read '.*/{name}': no such file or directory"):
            act("ReadFile", path=tmp_path / name)


def test_set_file_encoding_converts_and_keeps_the_mode(act: Actions, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\xef\xbb\xbf\xc3\xa4\r\n")
    path.chmod(0o640)
    act("SetFileEncoding", path=path, encoding="utf-16")
    assert path.read_bytes() == b"\xff\xfe\xe4\x00\r\x00\n\x00"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_set_file_encoding_drops_a_mark_from_utf_8(act: Actions, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfx")
    act("SetFileEncoding", path=tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"x"


def test_set_file_encoding_leaves_what_is_not_utf_8(act: Actions, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\xfe\xe4\x00")
    with pytest.raises(ActionError, match="is not a text in utf-8: byte 0"):
        act("SetFileEncoding", path=tmp_path / "a", encoding="utf-16")
    assert (tmp_path / "a").read_bytes() == b"\xff\xfe\xe4\x00"
