"""The resume script gives the program its arguments, environment, folder and umask again, through real shells."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toe.system.resume.command import ResumeCommand
from toe.system.resume.script import script_text, write_script

# Writes what it was given to the file that its first argument names, one NUL after each part.
DUMP = """
import os, sys
with open(sys.argv[1], 'wb') as file:
    arguments = [os.fsencode(argument) for argument in sys.argv[2:]]
    environment = open('/proc/self/environ', 'rb').read()
    umask = os.umask(0)
    file.write(repr((arguments, environment, os.getcwdb(), umask)).encode())
"""
SHELLS = [shell for shell in ("dash", "bash") if shutil.which(shell)]
#: What a shell sets for its children by itself.
SHELLS_GIFTS = {b"PWD", b"SHLVL", b"_"}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the environment is read from /proc")


def without(forbidden: bytes, longest: int) -> st.SearchStrategy[str]:
    some_bytes = st.binary(max_size=longest).map(lambda data: bytes(byte for byte in data if byte not in forbidden))
    hostile = st.text("'\"\\$`!*~#;&|<>(){}[]= \t\n\r%-a\x81\u00e9\U0001f600", max_size=longest)
    safe = hostile.map(lambda text: text.encode().translate(None, forbidden))
    return st.one_of(some_bytes, safe).map(os.fsdecode)


TEXT = without(b"\0", 40)
NAMES = st.one_of(
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True),
    st.sampled_from(["PATH", "HOME", "LC_ALL", "IFS", "UID", "EUID", "PPID", "OPTIND", "RANDOM", "SHELLOPTS", "ENV"]),
    st.sampled_from(["BASH_FUNC_f%%", "BASH_ENV", "BASHOPTS", "LINENO", "a.b", "a-b", "1", "PS4", "GROUPS", "MAIL"]),
    without(b"\0=", 10).filter(bool),
).filter(lambda name: name not in ("LD_PRELOAD", "PWD", "SHLVL", "_", "OLDPWD", "TERM"))
FOLDERS = without(b"\0/", 30).filter(lambda name: name not in ("", ".", ".."))


def command_for(
    folder: str, arguments: list[str], environment: dict[str, str], working_directory: str, umask: int = 0o022
) -> ResumeCommand:
    dump = (sys.executable, "-I", "-S", "-c", DUMP, os.path.join(folder, "dumped"))
    script, output = os.path.join(folder, "ID.resume"), os.path.join(folder, "resume.out")
    return ResumeCommand("ID", (*dump, *arguments), working_directory, environment, script, output, umask)


def run_with(shell: str, folder: str, script: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a script as /bin/sh would run it on a system where that is `shell`."""
    os.makedirs(os.path.join(folder, "bin"), exist_ok=True)
    sh = os.path.join(folder, "bin", "sh")
    if not os.path.islink(sh):
        os.symlink(str(shutil.which(shell)), sh)
    minimal = {"PATH": "/nowhere", "LEFT_BY": "the boot"}
    return subprocess.run([sh, script, *arguments], env=minimal, capture_output=True, check=False)


def dumped(folder: str) -> tuple[list[bytes], dict[bytes, bytes], bytes, int]:
    arguments, environment, working_directory, umask = eval(Path(folder, "dumped").read_bytes())
    variables = dict(entry.split(b"=", 1) for entry in environment.split(b"\0") if entry)
    return arguments, variables, working_directory, umask


EXAMPLES = pytest.mark.parametrize("examples", [20, pytest.param(200, marks=pytest.mark.slow)])


@EXAMPLES
@pytest.mark.parametrize("shell", SHELLS)
def test_script_gives_everything_back(shell: str, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(st.lists(TEXT, max_size=4), st.dictionaries(NAMES, TEXT, max_size=6), FOLDERS, st.sampled_from([0, 0o27]))
    def holds(arguments: list[str], environment: dict[str, str], name: str, umask: int) -> None:
        with TemporaryDirectory() as base:
            folder = os.path.join(base, name)
            os.mkdir(folder)
            command = command_for(folder, arguments, environment, folder, umask)
            write_script(command)
            # The first line of the script has the system's own /bin/sh start anew; here the shell at hand goes on.
            done = run_with(shell, base, command.script_path, "in-a-clean-environment")
            assert (done.returncode, done.stderr) == (0, b""), Path(command.output_path).read_bytes()
            found = dumped(folder)
        variables = {name: value for name, value in found[1].items() if name not in SHELLS_GIFTS | {b"LEFT_BY"}}
        if "PATH" not in environment:
            variables.pop(b"PATH")
        assert found[0] == [os.fsencode(argument) for argument in arguments]
        assert variables == {os.fsencode(name): os.fsencode(value) for name, value in environment.items()}
        assert found[2:] == (os.fsencode(folder), umask)

    holds()


@EXAMPLES
@pytest.mark.parametrize("shell", SHELLS)
def test_script_is_clean_for_sh_n_when_values_are_hostile(shell: str, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(st.lists(TEXT, min_size=1, max_size=4), st.dictionaries(NAMES, TEXT, max_size=6), TEXT)
    def holds(arguments: list[str], environment: dict[str, str], path: str) -> None:
        command = ResumeCommand("ID", tuple(arguments), path, environment, path, path)
        text = os.fsencode(script_text(command))
        done = subprocess.run([shell, "-n"], input=text, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")

    holds()


def test_script_drops_what_the_boot_put_into_the_environment(tmp_path: Path) -> None:
    command = command_for(str(tmp_path), [], {"PATH": "/usr/bin:/bin", "TERM": "xterm", "A": "1"}, "/")
    write_script(command)
    done = subprocess.run(
        ["/bin/sh", command.script_path], env={"LEFT_BY": "the boot", "HOME": "/root"}, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    variables = dumped(str(tmp_path))[1]
    assert {name: value for name, value in variables.items() if name not in SHELLS_GIFTS} == {
        b"PATH": b"/usr/bin:/bin",
        b"A": b"1",
    }
    assert variables[b"PWD"] == b"/"


def test_script_appends_output_to_a_file_of_its_owner_alone(tmp_path: Path) -> None:
    output = tmp_path / "resume.out"
    argv = ("/bin/sh", "-c", "echo to stdout; echo to stderr >&2")
    command = ResumeCommand("ID", argv, "/", {}, str(tmp_path / "ID.resume"), str(output))
    write_script(command)
    first = subprocess.run(["/bin/sh", command.script_path], capture_output=True, text=True, check=True)
    subprocess.run(["/bin/sh", command.script_path], capture_output=True, check=True)
    assert output.read_text() == "to stdout\nto stderr\n" * 2
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert first.stdout == f"toe: going on with ID, output in {output}\n"


def test_script_leaves_output_to_the_trigger_when_the_file_cannot_be_opened(tmp_path: Path) -> None:
    argv = ("/bin/echo", "hello")
    command = ResumeCommand("ID", argv, "/", {}, str(tmp_path / "ID.resume"), str(tmp_path / "gone/resume.out"))
    write_script(command)
    done = subprocess.run(["/bin/sh", command.script_path], capture_output=True, text=True, check=True)
    assert (done.stdout.splitlines()[-1], done.stderr) == ("hello", "")


def test_script_fails_and_says_so_when_the_working_directory_is_gone(tmp_path: Path) -> None:
    command = command_for(str(tmp_path), [], {}, str(tmp_path / "gone"))
    write_script(command)
    done = subprocess.run(["/bin/sh", command.script_path], capture_output=True, check=False)
    assert done.returncode == 1
    assert str(tmp_path / "gone") in Path(command.output_path).read_text()
    assert not Path(tmp_path, "dumped").exists()


def test_script_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    command = command_for(str(tmp_path), ["a secret"], {}, "/")
    before = os.umask(0)
    try:
        write_script(command)
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(command.script_path).st_mode) == 0o700
    assert os.listdir(tmp_path) == ["ID.resume"]


def test_script_starts_a_program_whose_path_has_an_equals_sign(tmp_path: Path) -> None:
    folder = tmp_path / "a=b"
    folder.mkdir()
    (folder / "echo").symlink_to("/bin/echo")
    output = tmp_path / "out"
    argv = (str(folder / "echo"), "hello")
    command = ResumeCommand("ID", argv, "/", {"a.b": "1"}, str(tmp_path / "ID.resume"), str(output))
    write_script(command)
    subprocess.run(["/bin/sh", command.script_path], capture_output=True, check=True)
    assert output.read_text() == "hello\n"
