"""What a host with Windows is sent: that it is PowerShell by a grammar, what it holds, and how long it is.

A grammar says nothing of what a script does: no PowerShell is at hand.
"""

from __future__ import annotations

import re
from base64 import b64decode
from importlib.resources import files

import pytest
from ansible.plugins.shell.powershell import ShellModule
from powershell_grammar import assert_powershell

from toe.errors import ToeError
from toe.fleet.answers import asked_words, script
from toe.fleet.windows_names import refuse_for_windows
from toe.fleet.windows_words import BOOTSTRAP, windows_input, windows_script
from toe.system.windows.command_line import quoted

OPERATIONS = ("begin", "watch", "go-on", "piece", "finish")
HOSTILE = {
    "key": 'it\'s ‘quoted’ ‚so‛ "and" so',
    "base": r"C:\$(calc) `n %PATH% @'" + "\n'@\nRemove-Item C:\\",
    "installed": "a:b c\u2028d ü \U0001f600",
}


def read(sent: bytes) -> tuple[str, dict[str, str], bytes]:
    """As the bootstrap and words.ps1 read it."""
    text, told, data, end, rest = sent.decode("ascii").split("\n")
    assert (end, rest) == ("toe-end-of-input", "")
    words = dict(word.split(":") for word in told.split(" "))
    decoded = {name: b64decode(value, validate=True).decode() for name, value in words.items()}
    return b64decode(text, validate=True).decode(), decoded, b"" if data == "-" else b64decode(data, validate=True)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_sent_is_powershell_and_no_value_is_in_it(operation: str) -> None:
    asked = asked_words(do=operation, **HOSTILE)
    text, words, data = read(windows_input(asked, b"\0data\n" if operation == "begin" else b""))
    assert_powershell(text)
    assert text == windows_script()
    assert data == (b"\0data\n" if operation == "begin" else b"")
    runner = words.pop("runner", "")
    assert words == asked
    if operation == "begin":
        assert_powershell(runner)
    else:
        assert runner == ""


def test_the_command_is_powershell_and_as_short_as_cmd_needs_it() -> None:
    """It is in the form that Ansible's winrm and psrp take for their own, and do not encode again."""
    encode = ShellModule()._encode_script
    command = encode(BOOTSTRAP, strict_mode=False, preserve_rc=False)
    usual = "PowerShell -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand "
    assert command.startswith(usual)
    assert_powershell(b64decode(command.removeprefix(usual)).decode("utf-16-le"))
    before = encode(command, strict_mode=False, preserve_rc=False)  # by ssh, as Ansible before 2.19 sends it
    assert len(f"chcp.com 65001 >nul 2>&1 && {before}") < 8191


def test_both_scripts_have_the_same_operations_words_and_sections() -> None:
    """The one for Windows has no executable to take, and a way to tell what failed."""
    posix, windows = script("on_host.sh"), windows_script()
    assert set(re.findall(r"^([a-z-]+)\)(?: #.*)?$", posix, re.M)) == set(OPERATIONS)
    assert set(re.findall(r"^\s*'([a-z-]+)' \{", windows, re.M)) == set(OPERATIONS)

    def words_of(text: str) -> set[str]:
        (line,) = re.findall(r"toe-host state=.* code=.*(?:\n.*)*?machine=", text)
        return set(re.findall(r"(\w+)=", line))

    assert words_of(posix) == words_of(windows)
    sections = set(re.findall(r"section (\w+)", posix)) | set(re.findall(r'"== (\w+)"', posix))
    assert sections == set(re.findall(r"Write-Section '(\w+)'", windows)) | set(re.findall(r"'== (\w+)'", windows))
    asked = set(re.findall(r"\$asked\['(\w+)'\]", windows)) - {"found", "runner"}
    assert asked < {"do", "key", "expected", "start", *asked_words()}
    states = set(re.findall(r"\bstate=([a-z]+)", posix)) - {"damaged"} | {"failed"}
    assert states == set(re.findall(r"state(?:'\] = '|=| = ')([a-z]+)", windows))


@pytest.mark.parametrize("hard", ["", "\\", 'say "hi"', '\\\\"', "end\\\\", '"', "%PATH% & ^ !x!", "ü '$x' $1 \\1"])
def test_options_are_quoted_as_programs_of_windows_read_them(hard: str) -> None:
    """By the patterns in part.ps1, as `quoted` does it, which tests run by real programs under Wine."""
    patterns = re.findall(r"'(\S+)', '(\S+)'", next(line for line in _part().splitlines() if "-replace" in line))
    assert len(patterns) == 2
    word = f"two words{hard}"
    told = word
    for pattern, instead in patterns:
        told = re.sub(pattern, instead.replace("\\", "\\\\").replace("$1", r"\1"), told)
    assert f'"{told}"' == quoted(word)


def _part() -> str:
    return script("windows/part.ps1")


def test_the_scripts_are_ascii() -> None:
    """Windows PowerShell takes a file without a mark for one of the host's own encoding."""
    folder = files("toe.fleet").joinpath("windows")
    for file in folder.iterdir():
        assert file.read_text("utf-8").isascii(), file.name


@pytest.mark.parametrize(
    "path",
    ["/a/what?.yml", "/a:b/c.yml", "/a/con", "/a/Aux.yml", "/a/b./c.yml", "/a /b.yml", "/a/b\\c.yml", '/a/"b".yml'],
)
def test_names_that_windows_cannot_have_are_refused(path: str) -> None:
    with pytest.raises(ToeError, match="is no name there"):
        refuse_for_windows(["/a/good.yml", path])


def test_names_that_windows_has_are_not_refused() -> None:
    refuse_for_windows(["/a/console.yml", "/a/.hidden/ü b.yml", "/a/com.yml", "/home/me"])
    with pytest.raises(ToeError, match="are one file on a host with Windows"):
        refuse_for_windows(["/a/Doc.yml", "/a/doc.yml"])
