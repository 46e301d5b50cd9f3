import socket
from pathlib import Path

import pytest

from toe.errors import ActionError
from toe.expressions.execution_values import CONTEXT_KEYS, ExecutionValues, read_os_release


def context_of(os_release: Path, key: str) -> str:
    return ExecutionValues("id", "linux", {}, os_release=str(os_release)).context(key)


def test_context_names_the_distribution(tmp_path: Path) -> None:
    file = tmp_path / "os-release"
    file.write_text('# NAME=no\nNAME="Debian GNU/Linux"\nVERSION_ID=12\n\nID=debian\n')
    assert context_of(file, "osName") == "Debian GNU/Linux"
    assert context_of(file, "osVersion") == "12"


def test_context_names_nothing_without_os_release(tmp_path: Path) -> None:
    assert context_of(tmp_path / "missing", "osName") == ""
    assert context_of(tmp_path, "osVersion") == ""


def test_context_reads_os_release_only_when_asked(tmp_path: Path) -> None:
    file = tmp_path / "os-release"
    values = ExecutionValues("id", "linux", {}, os_release=str(file))
    assert values.context("osPlatform") == "linux"
    file.write_text("NAME=later\n")
    assert values.context("osName") == "later"
    file.write_text("NAME=changed\n")
    assert values.context("osName") == "later"


def test_read_os_release_undoes_quotes_and_keeps_what_is_broken(tmp_path: Path) -> None:
    file = tmp_path / "os-release"
    file.write_bytes(b'A=\'x y\'\nB="a\\"b"\nC="open\nD\n  E=1\nF=\xff\nG=\n')
    assert read_os_release(str(file)) == {"A": "x y", "B": 'a"b', "C": '"open', "E": "1", "F": "�", "G": ""}


def test_context_gives_the_host_name() -> None:
    assert ExecutionValues("id", "linux", {}).context("hostname") == socket.gethostname()


def test_context_has_every_key_but_those_of_the_place() -> None:
    values = ExecutionValues("id", "linux", {})
    for key in CONTEXT_KEYS:
        if key in ("accountId", "region", "phase", "step"):
            with pytest.raises(ActionError):
                values.context(key)
        else:
            assert isinstance(values.context(key), str)
