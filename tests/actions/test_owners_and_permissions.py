"""SetFileOwner, SetFolderOwner, SetFilePermissions and SetFolderPermissions."""

from __future__ import annotations

import codecs
import grp
import os
import pwd
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from toe.errors import ActionError

if TYPE_CHECKING:
    from local_actions import Actions

pytest_plugins = ("local_actions",)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("tree/in").mkdir(parents=True)
    for name in ("tree/x", "tree/in/y", "outside"):
        Path(name).write_text("x")
        Path(name).chmod(0o644)
    Path("tree/link").symlink_to(tmp_path / "outside")
    Path("tree/up").symlink_to("..")
    Path("tree/broken").symlink_to("nowhere")
    return tmp_path


def mode(path: str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def ids(path: str) -> tuple[int, int]:
    status = os.lstat(path)
    return status.st_uid, status.st_gid


@as_root
def test_set_file_owner_takes_the_primary_group_by_default(act: Actions, here: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    act("SetFileOwner", path="outside", owner="nobody")
    assert ids("outside") == (nobody.pw_uid, nobody.pw_gid)
    act("SetFileOwner", path="outside", owner=str(nobody.pw_uid), group="root")
    assert ids("outside") == (nobody.pw_uid, 0)
    act("SetFileOwner", path="outside", owner=str(nobody.pw_uid))
    assert ids("outside") == (nobody.pw_uid, nobody.pw_gid)


@as_root
def test_set_file_owner_leaves_the_group_for_an_id_without_user(act: Actions, here: Path) -> None:
    act("SetFileOwner", path="outside", owner="54321", group="123")
    act("SetFileOwner", path="outside", owner="54322")
    assert ids("outside") == (54322, 123)


@as_root
def test_set_file_owner_follows_a_link(act: Actions, here: Path) -> None:
    act("SetFileOwner", path="tree/link", owner="54321")
    assert ids("outside")[0] == 54321
    assert ids("tree/link")[0] == 0


@as_root
def test_set_folder_owner_stays_in_the_tree(act: Actions, here: Path) -> None:
    act("SetFolderOwner", path="tree", owner="54321", group="54322")
    for path in ("tree", "tree/x", "tree/in", "tree/in/y", "tree/link", "tree/up", "tree/broken"):
        assert ids(path) == (54321, 54322)
    assert ids("outside") == ids(".") == (0, 0)


@as_root
def test_set_folder_owner_changes_the_folder_alone_when_not_recursive(act: Actions, here: Path) -> None:
    act("SetFolderOwner", path="tree", owner="54321", group="0", recursive=False)
    assert ids("tree") == (54321, 0)
    assert ids("tree/x") == (0, 0)


@pytest.mark.parametrize(
    ("action", "entry", "says"),
    [
        ("SetFileOwner", {"path": "outside", "owner": "no-such-user-77"}, "unknown user 'no-such-user-77'"),
        ("SetFileOwner", {"path": "outside", "owner": ""}, "unknown user ''"),
        ("SetFileOwner", {"path": "outside", "owner": "0", "group": "no-such-group-77"}, "unknown group"),
        ("SetFileOwner", {"path": "none", "owner": "0"}, "cannot change the owner of 'none': no such file"),
        ("SetFileOwner", {"path": "tree", "owner": "0"}, "'tree' is a folder, not a file"),
        ("SetFolderOwner", {"path": "outside", "owner": "0"}, "'outside' is a file, not a folder"),
        ("SetFolderOwner", {"path": "none", "owner": "0"}, "cannot change the owner of 'none': no such file"),
        ("SetFolderOwner", {"path": "/", "owner": "0"}, "refusing to change the owner of all files"),
        ("SetFolderOwner", {"path": "/tmp/../", "owner": "0"}, "refusing"),
        ("SetFilePermissions", {"path": "tree", "permissions": "0644"}, "'tree' is a folder, not a file"),
        ("SetFilePermissions", {"path": "none", "permissions": "0644"}, "cannot change the permissions of 'none'"),
        ("SetFilePermissions", {"path": "outside", "permissions": "u+x"}, "octal digits such as 0644 or 755, not"),
        ("SetFilePermissions", {"path": "outside", "permissions": ""}, "octal digits"),
        ("SetFilePermissions", {"path": "outside", "permissions": "77777"}, "octal digits"),
        ("SetFolderPermissions", {"path": "outside", "permissions": "755"}, "'outside' is a file, not a folder"),
        ("SetFolderPermissions", {"path": "/", "permissions": "777"}, "refusing to change the permissions of all"),
    ],
)
def test_owner_and_mode_refusals(act: Actions, here: Path, action: str, entry: dict[str, str], says: str) -> None:
    before = (ids("outside"), mode("outside"), ids("tree"), mode("tree"))
    with pytest.raises(ActionError, match=says):
        act(action, **entry)
    assert (ids("outside"), mode("outside"), ids("tree"), mode("tree")) == before


@pytest.mark.parametrize("permissions", ["600", "0777", "4755", "04755", "1000"])
def test_set_file_permissions_gives_exactly_the_mode(act: Actions, here: Path, permissions: str) -> None:
    act("SetFilePermissions", path="tree/link", permissions=permissions)
    assert mode("outside") == int(permissions, 8)


def test_set_folder_permissions_gives_files_and_folders_the_same_mode(act: Actions, here: Path) -> None:
    act("SetFolderPermissions", path="tree/", permissions="0750")
    assert {mode(path) for path in ("tree", "tree/x", "tree/in", "tree/in/y")} == {0o750}
    assert mode("outside") == 0o644


def test_set_folder_permissions_changes_the_folder_alone_when_not_recursive(act: Actions, here: Path) -> None:
    act("SetFolderPermissions", path="tree", permissions="0711", recursive=False)
    assert (mode("tree"), mode("tree/x")) == (0o711, 0o644)


def test_set_folder_permissions_can_close_a_tree(act: Actions, here: Path) -> None:
    act("SetFolderPermissions", path="tree", permissions="0000")
    assert mode("tree") == 0
    if os.geteuid() == 0:
        assert mode("tree/in/y") == 0
    Path("tree").chmod(0o700)
    Path("tree/in").chmod(0o700)


@as_root
def test_actions_say_permission_denied_and_change_nothing_without_rights(act: Actions, here: Path) -> None:
    Path("tree/x").chmod(0o644)
    Path("tree").chmod(0o755)
    here.chmod(0o755)
    attempts: list[tuple[str, dict[str, object]]] = [
        ("CreateFile", {"path": "tree/x", "content": "new"}),
        ("CreateFile", {"path": "tree/new"}),
        ("CreateFolder", {"path": "tree/new"}),
        ("CreateSymlink", {"path": "tree/new", "target": "x"}),
        ("AppendFile", {"path": "tree/x", "content": "new"}),
        ("SetFileEncoding", {"path": "tree/x", "encoding": "utf-16"}),
        ("CopyFile", {"source": "outside", "destination": "tree/x"}),
        ("CopyFile", {"source": "outside", "destination": "tree/"}),
        ("CopyFolder", {"source": "tree/in", "destination": "tree/copy"}),
        ("MoveFile", {"source": "tree/x", "destination": "tree/y"}),
        ("MoveFolder", {"source": "tree/in", "destination": "tree/y"}),
        ("DeleteFile", {"path": "tree/x"}),
        ("DeleteFile", {"path": "tree/*"}),
        ("DeleteFolder", {"path": "tree", "force": True}),
        ("SetFileOwner", {"path": "tree/x", "owner": "nobody"}),
        ("SetFolderOwner", {"path": "tree", "owner": "nobody"}),
        ("SetFilePermissions", {"path": "tree/x", "permissions": "777"}),
        ("SetFolderPermissions", {"path": "tree", "permissions": "777"}),
    ]
    codecs.lookup("utf-16-le")  # Python may lie where the other user cannot read it
    os.setegid(54321)
    os.seteuid(54321)
    try:
        for name, entry in attempts:
            with pytest.raises(ActionError, match=r"(permission denied|operation not permitted)$"):
                act(name, **entry)
    finally:
        os.seteuid(0)
        os.setegid(0)
    assert sorted(os.listdir("tree")) == ["broken", "in", "link", "up", "x"]
    assert Path("tree/x").read_text() == "x"


@as_root
def test_create_file_writes_in_place_for_a_user_who_may_only_write_the_file(act: Actions, here: Path) -> None:
    Path("tree/x").chmod(0o666)
    here.chmod(0o755)
    os.setegid(54321)
    os.seteuid(54321)
    try:
        act("CreateFile", path="tree/x", content="new")
    finally:
        os.seteuid(0)
        os.setegid(0)
    assert Path("tree/x").read_text() == "new"
    assert ids("tree/x") == (0, 0)


def test_groups_are_found_by_name(act: Actions, here: Path) -> None:
    own = grp.getgrgid(os.getegid()).gr_name
    act("SetFileOwner", path="outside", owner=str(os.geteuid()), group=own)
    assert ids("outside") == (os.geteuid(), os.getegid())
