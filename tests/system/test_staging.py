"""Files that appear when they are whole."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from toe.errors import ActionError, Interrupted
from toe.system.files.writing import staged

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def put(path: Path, text: str, *, overwrite: bool = True) -> None:
    with staged(os.fspath(path), overwrite=overwrite) as descriptor:
        os.write(descriptor, text.encode())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.parametrize(("mask", "expected"), [(0o022, 0o644), (0o077, 0o600), (0o000, 0o666)])
def test_staged_makes_a_new_file_with_its_parents(tmp_path: Path, mask: int, expected: int) -> None:
    with umask(mask):
        put(tmp_path / "x" / "y" / "file", "new")
    assert (tmp_path / "x" / "y" / "file").read_text() == "new"
    assert mode(tmp_path / "x" / "y" / "file") == expected
    assert os.listdir(tmp_path / "x" / "y") == ["file"]


def test_staged_works_with_a_bare_name(tmp_path: Path) -> None:
    put(Path("file"), "new", overwrite=False)
    assert (tmp_path / "file").read_text() == "new"


def test_staged_shows_nothing_before_the_end(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    with staged(os.fspath(tmp_path / "file"), overwrite=True) as descriptor:
        os.write(descriptor, b"new")
        assert (tmp_path / "file").read_text() == "old"
    assert (tmp_path / "file").read_text() == "new"


def fail_half_way(path: Path, error: type[BaseException]) -> None:
    with staged(os.fspath(path), overwrite=True) as descriptor:
        os.write(descriptor, b"half")
        raise error


@pytest.mark.parametrize("error", [ValueError, Interrupted])
@pytest.mark.parametrize("before", [None, "old"])
def test_staged_leaves_everything_as_it_was_when_it_fails(
    tmp_path: Path, error: type[BaseException], before: str | None
) -> None:
    file = tmp_path / "file"
    if before is not None:
        file.write_text(before)
    with pytest.raises(error):
        fail_half_way(file, error)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == ({"file": before} if before else {})


def test_staged_keeps_the_mode_of_an_existing_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "file").chmod(0o4751)
    put(tmp_path / "file", "new")
    assert ((tmp_path / "file").read_text(), mode(tmp_path / "file")) == ("new", 0o4751)


@as_root
def test_staged_keeps_the_owner_of_an_existing_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    os.chown(tmp_path / "file", 12345, 54321)
    put(tmp_path / "file", "new")
    status = (tmp_path / "file").stat()
    assert (status.st_uid, status.st_gid, (tmp_path / "file").read_text()) == (12345, 54321, "new")


def test_staged_writes_through_links(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "link").symlink_to("other/file")
    put(tmp_path / "link", "one")
    put(tmp_path / "link", "two")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "other" / "file").read_text() == "two"
    assert (os.listdir(tmp_path / "other"), sorted(os.listdir(tmp_path))) == (["file"], ["link", "other"])


def test_staged_keeps_all_names_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("a longer text")
    os.link(tmp_path / "one", tmp_path / "two")
    put(tmp_path / "one", "new")
    assert (tmp_path / "two").read_text() == "new"
    assert (tmp_path / "one").samefile(tmp_path / "two")
    assert sorted(os.listdir(tmp_path)) == ["one", "two"]


@pytest.mark.parametrize("kind", ["file", "broken link", "folder"])
def test_staged_refuses_what_exists_without_overwrite(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "it"
    {"file": path.touch, "broken link": lambda: path.symlink_to("nowhere"), "folder": path.mkdir}[kind]()
    with pytest.raises(ActionError, match="already exists, and 'overwrite' is false"):
        put(path, "new", overwrite=False)
    assert os.listdir(tmp_path) == ["it"]


def test_staged_refuses_what_came_meanwhile_without_overwrite(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with pytest.raises(ActionError, match="already exists"), staged(os.fspath(file), overwrite=False):
        file.write_text("somebody else's")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"file": "somebody else's"}


@pytest.mark.parametrize("there", [False, True])
def test_staged_makes_a_new_file_on_a_file_system_without_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    def link(source: str, destination: str) -> None:
        if there:
            Path(destination).write_text("somebody else's")
        raise PermissionError(errno.EPERM, "no links here", source, None, destination)

    monkeypatch.setattr(os, "link", link)
    if there:
        with pytest.raises(ActionError, match="already exists"):
            put(tmp_path / "file", "new", overwrite=False)
    else:
        put(tmp_path / "file", "new", overwrite=False)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "file": "somebody else's" if there else "new"
    }


def test_staged_refuses_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(ActionError, match="is a fifo, not a file"):
        put(tmp_path / "fifo", "new")
    with pytest.raises(ActionError, match="is a folder, not a file"):
        put(tmp_path, "new")


@contextmanager
def unprivileged() -> Iterator[None]:
    os.seteuid(12345)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder that others can read but not write to, as all above it; tmp_path they cannot even enter."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "file").write_text("a longer text")
        yield Path(folder)


@as_root
def test_staged_writes_in_place_where_no_file_can_be_made(closed_folder: Path) -> None:
    (closed_folder / "file").chmod(0o666)
    with unprivileged():
        put(closed_folder / "file", "new")
    assert ((closed_folder / "file").read_text(), os.listdir(closed_folder)) == ("new", ["file"])


@as_root
@pytest.mark.parametrize("name", ["file", "new"])
def test_staged_refuses_what_may_not_be_written(closed_folder: Path, name: str) -> None:
    with unprivileged(), pytest.raises(PermissionError):
        put(closed_folder / name, "new")
    assert ((closed_folder / "file").read_text(), os.listdir(closed_folder)) == ("a longer text", ["file"])
