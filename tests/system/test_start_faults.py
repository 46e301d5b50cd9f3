"""Why a program cannot be started: real files, real refusals of the system."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from toe.system.processes.start_faults import why_not_started

if sys.platform == "win32":
    pytest.skip("the rules of POSIX", allow_module_level=True)

from toe.system.processes.child import start

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


def cause(*argv: str, environment: Mapping[str, str] = ENVIRONMENT) -> str:
    """What is said of a program that cannot be started."""
    with pytest.raises(OSError) as refused:  # noqa: PT011 (each has its own number)
        start(argv, environment)
    return why_not_started(argv, refused.value, environment)


def program(content: bytes, name: str = "it", mode: int = 0o755) -> str:
    Path(name).write_bytes(content)
    Path(name).chmod(mode)
    return f"./{name}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"#!/bin/bash\r\necho\r\n",
            "its lines end in CRLF, as on Windows, so that its first line asks for '/bin/bash\\r'",
        ),
        (b"#! /no/such/sh -e\n", "its first line asks for the interpreter '/no/such/sh', which does not exist"),
        (b"echo hello\n", "it has no first line such as '#!/bin/bash'"),
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf#!/bin/sh\n", "a byte-order mark stands before its '#!'"),
        (b"MZ\x90\0", "it is a program for Windows"),
        (b"\xcf\xfa\xed\xfe\x07\0", "it is a program for macOS"),
        (b"\0\1\2", "it is no program that this system can run"),
    ],
)
def test_the_cause_is_read_from_the_file(content: bytes, said: str) -> None:
    assert said in cause(program(content))


@pytest.mark.skipif(sys.platform != "linux", reason="ELF")
def test_a_program_for_another_processor_is_named_as_such() -> None:
    elf = bytearray(Path(sys.executable).resolve().read_bytes()[:4096])
    elf[18:20] = (2, 0)  # SPARC: no name is kept for it
    assert cause(program(bytes(elf))).startswith("it is made for another processor (number 2; this one is ")


@pytest.mark.skipif(sys.platform != "linux", reason="ELF")
def test_a_program_whose_loader_is_not_there_is_for_another_system() -> None:
    shell = Path(shutil.which("bash") or "").resolve().read_bytes()
    at = shell.index(b"/ld-linux", shell.index(b"/lib"))
    other = shell[:at] + b"/ld-nosuch"[: len(b"/ld-linux")] + shell[at + len(b"/ld-linux") :]
    said = cause(program(other))
    assert said.startswith("it is made for another system: its loader '/lib")
    assert "/ld-nosuc" in said


def test_what_is_no_executable_file_is_called_what_it_is() -> None:
    Path("folder").mkdir()
    Path("dangling").symlink_to("nowhere")
    os.mkfifo("pipe")
    assert cause("./folder") == "it is a folder"
    assert cause("./pipe") == "it is no file"
    assert cause("./dangling") == "it is a link to 'nowhere', which does not exist"
    assert cause("./absent") == "there is no such file"
    assert cause(program(b"#!/bin/sh\n", mode=0o644)) == "it is not executable (chmod +x)"
    plain = program(b"", "plain", 0o644)
    here = Path.cwd()
    assert cause(program(f"#!{here}/plain\n".encode())) == (
        f"the interpreter '{here}/plain' that its first line asks for is not executable (chmod +x)"
    )
    assert cause(f"{plain}/sub/x") == f"'{here}/plain' is no folder"
    assert cause("./none/sub/x") == f"there is no folder '{here}/none'"


def test_a_name_is_looked_up_and_what_is_found_is_judged() -> None:
    here = Path.cwd()
    program(b"#!/bin/sh\n", "tool")
    assert (
        cause("tool")
        == "it is not found on PATH, which is '/usr/bin:/bin' (the one in the working directory is './tool')"
    )
    Path("tool").chmod(0o644)
    assert cause("tool", environment={"PATH": f"/usr/bin:{here}"}) == "it is not executable (chmod +x)"


def test_too_many_arguments_are_counted() -> None:
    assert "the longest 300001" in cause("/bin/sh", "x" * 300_000)


def test_a_file_that_is_being_written_is_busy() -> None:
    path = program(Path(shutil.which("true") or "").read_bytes())
    with open(path, "r+b"):
        assert cause(path) == "somebody has it open for writing"


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces")
def test_a_file_system_that_allows_no_programs_is_blamed() -> None:
    script = (
        "mkdir m && mount -t tmpfs -o noexec none m && printf '#!/bin/sh\\n' > m/it && chmod 755 m/it && exec \"$@\""
    )
    code = "import test_start_faults as tests; print(tests.cause('m/it'))"
    command = ["unshare", "-rm", "bash", "-c", script, "bash", sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    except FileNotFoundError:
        pytest.skip("there is no unshare")
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no namespace to be had: {done.stderr}")
    assert done.stdout == "it lies on a file system that allows no programs (mounted with 'noexec')\n", done.stderr
