"""Documents and config files from standard input, pipes and FIFOs, which can be read only once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from forked_toe import toe_says

TOE = [sys.executable, "-m", "toe"]
HELLO = (
    "schemaVersion: 1.0\nphases: [{name: build, steps: [{name: One, action: ExecuteBash, inputs: {commands: [%s]}}]}]\n"
)
TEXT = HELLO % "echo x >> ran"


def toe(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TOE, *arguments], input=text, capture_output=True, text=True, check=False, timeout=60)


def bash(line: str) -> subprocess.CompletedProcess[str]:
    """A line of bash in which "$@" is toe."""
    command = ["bash", "-c", line, "-", *TOE]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("word", ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
@pytest.mark.parametrize("command", ["run", "validate"])
def test_standard_input_is_a_document(command: str, word: str) -> None:
    Path("a.yml").write_text(TEXT)
    assert toe(command, word, text=TEXT).returncode == 0
    assert bash(f'"$@" {command} {word} < a.yml').returncode == 0
    bad = toe_says(command, word, stdin="phases: 1\n")
    assert "<stdin>:1:" in bad.stderr
    if command == "run":
        assert Path("ran").read_text() == "x\nx\n"
        copies = {path.read_text() for path in Path().glob("TOE_*/*__*")}
        assert copies == {TEXT}
        assert all("<" not in path.name for path in Path().glob("TOE_*/*"))


@pytest.mark.parametrize("command", ["run", "validate"])
def test_what_a_shell_substitutes_is_a_document(command: str) -> None:
    Path("t.yml").write_text(TEXT)
    done = bash(f'"$@" {command} <(sed s/o.x/o\\ y/ < t.yml) t.yml')
    assert done.returncode == 0, done.stderr
    assert command == "validate" or Path("ran").read_text() == "y\nx\n"


def test_a_fifo_is_read_once() -> None:
    os.mkfifo("fifo")
    writer = threading.Thread(target=Path("fifo").write_text, args=(TEXT,))
    writer.start()
    done = toe("run", "fifo", "fifo")
    writer.join()
    assert done.returncode == 0, done.stderr
    assert Path("ran").read_text() == "x\nx\n"


def test_a_fifo_that_nobody_writes_to_is_left_by_a_signal() -> None:
    os.mkfifo("fifo")
    process = subprocess.Popen([*TOE, "run", "fifo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # Opening it for writing without waiting succeeds as soon as somebody has it open for reading: then it waits.
    writer = -1
    while writer < 0:
        try:
            writer = os.open("fifo", os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=60)
    os.close(writer)
    assert process.returncode in (-signal.SIGTERM, 128 + signal.SIGTERM, 2)
    assert "Traceback" not in stderr


@pytest.mark.parametrize("words", [["-", "-"], ["-", "/dev/stdin"]])
def test_standard_input_is_not_two_documents(words: list[str]) -> None:
    done = toe("run", *words, text=TEXT)
    assert done.returncode == 2
    assert "standard input can be read once" in done.stderr
    assert not Path("ran").exists()


def test_a_run_from_a_pipe_is_resumed_from_its_state() -> None:
    text = HELLO % "'echo x >> ran; [ $(wc -l < ran) -gt 1 ] || kill -KILL $PPID'"
    assert toe("run", "-", "-i", "one", "-s", "state", text=text).returncode == -signal.SIGKILL
    done = toe("resume", "-s", "state", text="phases: [nonsense")
    assert done.returncode == 0, done.stderr
    assert Path("ran").read_text() == "x\nx\n"


def test_a_device_is_no_document() -> None:
    assert "no regular file" in toe("run", "/dev/zero").stderr


CONFIG = json.dumps({"documents": [{"path": "a.yml"}], "executionId": "grün".replace("ü", "ue")})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "UTF-16LE"])
def test_a_config_file_may_be_utf_8_or_utf_16(encoding: str) -> None:
    Path("a.yml").write_text(TEXT)
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    Path("c.json").write_bytes(mark + CONFIG.encode(encoding))
    done = toe("run", "--config", "c.json")
    assert json.loads(done.stdout)["executionId"] == "gruen"
    assert done.returncode == 0


@pytest.mark.parametrize("word", ["-", "/dev/stdin"])
def test_a_config_file_may_come_from_standard_input(word: str) -> None:
    Path("a.yml").write_text(TEXT)
    assert toe("run", "--config", word, text=CONFIG).returncode == 0
    assert Path("ran").exists()
    refused = toe("run", "-c", word, text='{"documents": [{"path": "-"}]}')
    assert (refused.returncode, "cannot be a document as well" in refused.stderr) == (2, True)


def test_a_config_file_may_come_from_a_pipe() -> None:
    Path("a.yml").write_text(TEXT)
    Path("c.json").write_text(CONFIG)
    assert bash('"$@" run -c <(cat c.json)').returncode == 0


@pytest.mark.parametrize("data", [b"\xff\xfe{\x00", b"\xff", b"", b"[" * 100_000])
def test_a_config_file_that_is_none_is_one_line(data: bytes) -> None:
    Path("c.json").write_bytes(data)
    done = toe("run", "-c", "c.json")
    assert done.returncode == 2
    assert done.stderr.startswith("toe: error: c.json")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["run", "-v"], ["run", "--version"], ["validate", "-v"], ["-v"]])
def test_the_version_is_asked_for_in_any_place(arguments: list[str]) -> None:
    assert toe(*arguments).stdout.startswith("toe ")
