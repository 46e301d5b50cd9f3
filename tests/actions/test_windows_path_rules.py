"""Paths of Windows in file actions: drive letters, shares and both separators, by Python's own `ntpath`."""

from __future__ import annotations

import ntpath
import os
from types import SimpleNamespace

import pytest

from toe.actions.base import InputFault
from toe.actions.copy_folder import copy_folder
from toe.actions.delete_file import delete_file
from toe.actions.files import paths
from toe.actions.files import routes as routes_module
from toe.actions.files.routes import Route, routes
from toe.actions.inputs import static_faults
from toe.system.files import opening as files


@pytest.fixture
def on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The modules that handle paths see Windows' rules; the file system is not asked."""
    windows = SimpleNamespace(path=ntpath, sep="\\", altsep="/", curdir=".", pardir="..", fsencode=os.fsencode)
    for module in (paths, routes_module, files):
        monkeypatch.setattr(module, "os", windows)
        monkeypatch.setattr(module, "SEPARATORS", "\\/", raising=False)


@pytest.mark.usefixtures("on_windows")
@pytest.mark.parametrize(
    ("path", "trimmed"),
    [
        ("C:\\a\\", "C:\\a"),
        ("C:/a//", "C:/a"),
        ("C:\\", "C:\\"),
        ("c:/", "c:/"),
        (r"\\server\share", r"\\server\share"),
        ("\\\\server\\share\\", "\\\\server\\share\\"),
        ("\\\\server\\share\\a\\", r"\\server\share\a"),
        ("\\", "\\"),
        ("", ""),
    ],
)
def test_a_root_keeps_its_separator(path: str, trimmed: str) -> None:
    assert files.without_separator(path) == trimmed


@pytest.mark.parametrize(
    ("path", "trimmed"), [("/", "/"), ("//", "/"), ("/a/", "/a"), ("C:", "C:"), ("a", "a"), ("", "")]
)
def test_a_root_of_linux_stays_too(path: str, trimmed: str) -> None:
    assert files.without_separator(path) == trimmed


@pytest.mark.usefixtures("on_windows")
@pytest.mark.parametrize(
    ("path", "root"),
    [
        *((path, True) for path in ("C:\\", "c:/", r"\\server\share", "\\\\server\\share\\", "C:\\a\\..")),
        *((path, False) for path in (r"C:\a", r"\\server\share\a", "//server/share/a")),
    ],
)
def test_the_root_of_a_drive_or_share_is_known(path: str, root: bool) -> None:
    assert files.is_root(path) is root


@pytest.mark.usefixtures("on_windows")
@pytest.mark.parametrize(
    ("source", "destination", "expected"),
    [
        (r"C:\a\f.txt", "D:\\b\\", r"D:\b\f.txt"),
        ("C:/a/f.txt", "D:/b/", "D:/b/f.txt"),
        (r"\\server\share\f.txt", "C:\\b/", "C:\\b/f.txt"),
        (r"C:\a\f.txt", r"C:\b\g.txt", r"C:\b\g.txt"),
        ("C:\\a\\folder\\", "\\\\server\\share\\b\\", r"\\server\share\b\folder"),
    ],
)
def test_a_destination_that_ends_in_either_separator_is_a_folder(source: str, destination: str, expected: str) -> None:
    assert routes(source, destination, lambda path: True, "file") == [Route(source, expected)]


@pytest.mark.usefixtures("on_windows")
def test_wildcards_stand_in_the_last_segment_and_ignore_case() -> None:
    assert paths.has_wildcard(r"C:\a\*.txt")
    assert paths.has_wildcard("C:/a/*.txt")
    assert not paths.has_wildcard(r"C:\a*\b.txt")
    assert paths.name_matches("*.TXT", "readme.txt")
    assert not paths.name_matches("*.txt", "readme.md")


@pytest.mark.parametrize(
    ("source", "destination", "fault"),
    [
        (r"C:\a\*.txt", "C:\\b\\", ""),
        ("C:/a/*.txt", "C:/b/", ""),
        (r"\\server\share\*.txt", r"C:\b", ""),
        (r"C:\a*\b.txt", "C:\\b\\", "has a wildcard in a folder's name"),
        (r"\\server\s*\b.txt", "C:\\b\\", "has a wildcard in a folder's name"),
        ("", r"C:\b", "'source' is empty"),
    ],
)
def test_validation_judges_windows_paths_on_any_system(source: str, destination: str, fault: str) -> None:
    found: list[InputFault] = list(static_faults(copy_folder, {"source": source, "destination": destination}))
    assert [fault in one.message for one in found] == [True] * bool(fault)
    assert list(static_faults(delete_file, {"path": source})) == [
        one._replace(key="path", message=one.message.replace("'source'", "'path'")) for one in found
    ]
