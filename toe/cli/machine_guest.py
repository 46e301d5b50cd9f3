"""What runs in a machine: `python -m toe.cli.machine_guest FOLDER`, which stays between the run and the host.

FOLDER/box has `in`, `out` and `logs` (toe.images.guest). All goes through one port, in lines: what they begin with is
listed in toe.images.machines.port.
"""

from __future__ import annotations

import os
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread

from toe.images.machines.port import BEGUN, BYE, ENDED, EVENT, HEARTBEAT_SECONDS, IS_HERE, WORDS
from toe.images.machines.start import LINE, PORT

_RUN = "toe.cli.guest"
#: No file system tells of growth; the host's people do not see this.
_LOOK_SECONDS = 0.1
#: A port that nobody answers at is not waited for: the host sees that the machine has ended.
_LAST_WORDS_SECONDS = 10


def main(folder: str) -> int:
    """Run what is asked for, tell of it, and return the exit code of the run."""
    box = Path(folder, "box")
    port = _Port(_opened())
    port.say(BEGUN)
    Thread(target=port.beat, daemon=True).start()
    path = box / "logs/events.jsonl"
    ended = Event()
    told = path.stat().st_size if path.exists() else 0
    events = Thread(target=_tell_events, args=(port, path, told, ended))
    run = subprocess.Popen(
        [*_python(), "-m", _RUN, str(box)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    events.start()
    Thread(target=_pass_on, args=(port, run), daemon=True).start()
    _tell_words(port, run)
    code = run.wait()
    ended.set()
    events.join()
    port.say(ENDED, str(code).encode())
    port.wait_for_answer()
    return code


def _python() -> list[str]:
    """The command of the Python that runs this, by the loader that started it."""
    command = Path("/proc/self/cmdline").read_bytes().split(b"\0")
    return [os.fsdecode(word) for word in command[: command.index(b"-m")]]


def _opened() -> int:
    """The port, else the serial line, whose terminal must leave the bytes alone."""
    for name in Path("/sys/class/virtio-ports").glob("*/name"):
        if name.read_text().strip() == PORT:
            with suppress(OSError):
                return os.open(f"/dev/{name.parent.name}", os.O_RDWR)
    descriptor = os.open(LINE, os.O_RDWR | os.O_NOCTTY)  # type: ignore[attr-defined,unused-ignore]
    with suppress(termios.error):  # type: ignore[attr-defined,unused-ignore]
        tty.setraw(descriptor)  # type: ignore[attr-defined,unused-ignore]
    return descriptor


class _Port:
    """The port; several threads speak through it, a line at a time."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = Lock()
        self._answered = Event()

    def say(self, kind: bytes, line: bytes = b"") -> None:
        """Write a line."""
        data = memoryview(kind + line + b"\n")
        with self._lock:
            while data:
                data = data[os.write(self._descriptor, data) :]

    def beat(self) -> None:
        """Tell that the machine is alive, as long as it is."""
        while True:
            self.say(IS_HERE)
            time.sleep(HEARTBEAT_SECONDS)

    def lines(self) -> Iterator[bytes]:
        """What the host says."""
        begun = b""
        while block := os.read(self._descriptor, 4096):
            *lines, begun = (begun + block).split(b"\n")
            yield from lines

    def answered(self) -> None:
        """The host has read the end."""
        self._answered.set()

    def wait_for_answer(self) -> None:
        """What was said last must not be lost with the machine."""
        self._answered.wait(_LAST_WORDS_SECONDS)


def _pass_on(port: _Port, run: subprocess.Popen[bytes]) -> None:
    """Names of signals go to the run."""
    assert run.stdin is not None
    for line in port.lines():
        if line == BYE:
            port.answered()
            continue
        with suppress(OSError, ValueError):
            run.stdin.write(line + b"\n")
            run.stdin.flush()


def _tell_words(port: _Port, run: subprocess.Popen[bytes]) -> None:
    assert run.stdout is not None
    for line in run.stdout:
        port.say(WORDS, line.rstrip(b"\n"))


def _tell_events(port: _Port, path: Path, offset: int, ended: Event) -> None:
    """Tell of each whole line of the events; those before a reboot were told when they came."""
    begun = b""
    while True:
        is_last_look = ended.is_set()
        block = _read(path, offset)
        offset += len(block)
        *lines, begun = (begun + block).split(b"\n")
        for line in lines:
            port.say(EVENT, line)
        if not block:
            if is_last_look:
                return
            ended.wait(_LOOK_SECONDS)


def _read(path: Path, offset: int) -> bytes:
    with suppress(OSError), open(path, "rb") as file:
        if file.seek(0, os.SEEK_END) < offset:  # a torn line was cut off when the run went on
            return b""
        file.seek(offset)
        return file.read(1 << 18)
    return b""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
