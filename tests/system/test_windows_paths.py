"""Long paths of Windows in their extended form; shown to Windows itself by nobody yet."""

from __future__ import annotations

import pytest

from toe.system.windows.paths import LONGEST, extended_path, usable_path

LONG = "\\".join(["segment" * 5] * 8)


@pytest.mark.parametrize(
    ("path", "extended"),
    [
        (rf"C:\{LONG}", rf"\\?\C:\{LONG}"),
        (f"c:/{LONG}/a.txt", rf"\\?\c:\{LONG}\a.txt"),
        (rf"C:\x\..\{LONG}\.\a" + "\\", rf"\\?\C:\{LONG}\a" + "\\"),
        (rf"C:\{LONG}\*.txt", rf"\\?\C:\{LONG}\*.txt"),
        (rf"\\server\share\{LONG}", rf"\\?\UNC\server\share\{LONG}"),
        (f"//server/share/{LONG}", rf"\\?\UNC\server\share\{LONG}"),
    ],
)
def test_a_long_absolute_path_is_extended(path: str, extended: str) -> None:
    assert extended_path(path) == extended


@pytest.mark.parametrize(
    "path",
    [
        *(r"C:\short", r"\\server\share", "", LONG, rf"\\?\C:\{LONG}", rf"\\.\{LONG}", f"https://host/{LONG}"),
        *(f"s3://bucket/{LONG}", rf"C:{LONG}", rf"HKLM:\{LONG}", "C:\\" + "x" * (LONGEST - 3)),
    ],
)
def test_every_other_path_stays_as_it_is(path: str) -> None:
    assert extended_path(path) == path


def test_linux_has_no_such_form() -> None:
    assert usable_path(rf"C:\{LONG}") == rf"C:\{LONG}"
