"""What others could have made, or could change, is not opened: every kind of file, each owner and mode."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from toe.errors import ToeError
from toe.system.files.own_files import NotOursError, open_own_file, require_own_folder

FLAGS = {
    "read": os.O_RDONLY,
    "write": os.O_RDWR,
    "append": os.O_WRONLY | os.O_CREAT | os.O_APPEND,
    "rewrite": os.O_WRONLY | os.O_CREAT,
}
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


def a_link() -> None:
    Path("target").write_text("precious")
    Path("it").symlink_to("target")


def a_dangling_link() -> None:
    Path("it").symlink_to("nowhere")


def a_fifo() -> None:
    os.mkfifo("it")


def a_socket() -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("it")


def for_all() -> None:
    Path("it").touch()
    Path("it").chmod(0o666)


def anothers() -> None:
    Path("it").touch(0o600)
    os.chown("it", 65534, 65534)


ODD = [
    (a_link, "it is a link"),
    (a_dangling_link, "it is a link"),
    (a_fifo, "it is a FIFO"),
    (a_socket, "it is a socket"),
    (lambda: os.mkdir("it"), "it is a folder"),
    (for_all, r"others may write to it \(mode 0666\)"),
    pytest.param(anothers, "it belongs to user .*, not to user 'root'", marks=AS_ROOT),
]


@pytest.mark.parametrize("flags", FLAGS.values(), ids=FLAGS)
@pytest.mark.parametrize(("make", "reason"), ODD)
def test_what_is_not_ours_is_not_opened(make: Callable[[], None], reason: str, flags: int) -> None:
    make()
    before = sorted(os.listdir())
    with pytest.raises(NotOursError, match=reason):
        open_own_file("it", flags)
    assert sorted(os.listdir()) == before
    assert not Path("target").exists() or Path("target").read_text() == "precious"


def test_a_file_of_ours_is_opened_and_a_missing_one_made_for_us_alone() -> None:
    for _ in range(2):
        os.close(open_own_file("mine", FLAGS["append"]))
    assert Path("mine").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileNotFoundError):
        open_own_file("missing", os.O_RDONLY)
    with pytest.raises(FileExistsError):
        open_own_file("mine", FLAGS["append"] | os.O_EXCL)


@pytest.mark.parametrize(("make", "reason"), ODD[:5])
def test_what_is_no_folder_is_no_folder_of_ours(make: Callable[[], None], reason: str) -> None:
    make()
    if Path("it").is_dir():
        require_own_folder("it", "the folder", "")
        os.chmod("it", 0o777)
        reason = r"others may write to it \(mode 0777\)"
    with pytest.raises(ToeError, match=rf"the folder 'it' is not to be trusted: {reason}"):
        require_own_folder("it", "the folder", "")


def test_a_folder_that_is_not_there_is_no_harm() -> None:
    require_own_folder("it", "the folder", "")
