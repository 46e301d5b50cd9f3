"""Command lines as real programs of Windows read them: the C runtime's splitting, cmd.exe and batch files."""

from __future__ import annotations

from pathlib import Path

import pytest
from wine_machine import WineMachine

pytestmark = pytest.mark.wine

HARD_ARGUMENTS = (
    *("plain", "two words", "", "tab\there", 'a "quote"', '"', '""', "\\", "\\\\", "end\\", 'back\\"slash', "a\\\\b"),
    *(
        "C:\\Program Files\\x\\",
        "\\\\server\\share\\",
        "%PATH%",
        "%",
        "100%",
        "!x!",
        "^",
        "&",
        "a&b",
        "a|b",
        "<>",
        "(x)",
    ),
    *("ümläut", "漢字", "☃", "'single'", "a=b", "a;b", "a,b", "/switch", "*", "?", "@file", "~"),
)


def test_a_program_gets_every_argument_as_it_is(wine: WineMachine) -> None:
    done = wine.run([wine.program("arguments"), *HARD_ARGUMENTS])
    assert (done.exit_code, done.stdout.split("\0")[:-1]) == (0, list(HARD_ARGUMENTS))


def test_exit_codes_have_all_their_bits(wine: WineMachine) -> None:
    for code in (0, 1, 5, 194, 3010, 2**32 - 1):
        assert wine.run(["cmd.exe", "/d", "/c", f"exit {code if code < 2**31 else code - 2**32}"]).exit_code == code


@pytest.mark.parametrize("code", [0, 7, 3010])
def test_a_batch_file_ends_with_its_exit_code(code: int, wine: WineMachine, tmp_path: Path) -> None:
    script = tmp_path / "with blank" / "script.cmd"
    script.parent.mkdir()
    script.write_bytes(b"@echo off\r\necho got %~1\r\nexit /b %~2\r\n")
    done = wine.run([str(script), "two words", str(code)])
    assert (done.exit_code, done.stdout) == (code, "got two words")


def test_a_program_that_does_not_exist_is_an_error(wine: WineMachine) -> None:
    with pytest.raises(FileNotFoundError):
        wine.run(["no-such-program"])


def test_a_batch_file_gets_every_argument_as_it_is(wine: WineMachine, tmp_path: Path) -> None:
    """The batch file hands its arguments on to a program, which cmd.exe does not read again.

    Not those with a percent sign: Wine's cmd.exe lacks the substring of a variable that keeps it from beginning one.
    """
    script = tmp_path / "script.cmd"
    script.write_bytes(f'@"{wine.program("arguments")}" %*\r\n'.encode())
    arguments = [argument for argument in HARD_ARGUMENTS if "%" not in argument]
    done = wine.run([str(script), *arguments])
    assert (done.exit_code, done.stdout.split("\0")[:-1]) == (0, arguments)
