"""One time that a machine is on: from its start until it is off, with all that comes from it meanwhile."""

from __future__ import annotations

import json
import os
import re
import selectors
import socket
import subprocess
from collections.abc import Callable
from contextlib import ExitStack, suppress
from signal import Signals
from typing import BinaryIO

from toe.errors import ToeError
from toe.images.machines.patience import Patience
from toe.images.machines.port import BEGUN, BYE, ENDED, EVENT, WORDS, Lines
from toe.images.machines.programs import ended_with_us
from toe.images.machines.qemu import Machine, command, talk_options
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation

#: A machine that says nothing for so long is gone: a living one tells that it is every other second, and a kernel that
#: starts talks.
SILENCE_SECONDS = 90.0
_BLOCK_BYTES = 65536
_LOOK_SECONDS = 1.0
_LAST_BYTES = 65536
#: It was switched off by what runs in it.
ENDED_BY_ITSELF = "it was switched off by something in it"
_PANIC = re.compile(rb"Kernel panic - not syncing[^\r\n]*")
_HIDDEN = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|[\x00-\x08\x0b-\x1f\x7f]")
_LARGEST_CONSOLE = 64 * 1024 * 1024


class End(NamedTuple):
    """How it ended. `code` is the exit code of the run, None where none was told. `why` says what happened where the
    machine did not end by itself behind it, "" where it did.
    """

    code: int | None
    begun: bool
    why: str


class Hearers(NamedTuple):
    """Who is told of what comes from a machine: lines of events, words of `toe`."""

    event: Callable[[bytes], object]
    words: Callable[[bytes], object]


class PowerOn:
    """A machine that is on. `console` gets what stands on its console. One use."""

    def __init__(
        self,
        machine: Machine,
        console: BinaryIO,
        hearers: Hearers,
        cancellation: Cancellation,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self._machine = machine
        self._console = console
        self._hearers = hearers
        self._cancellation = cancellation
        self._silence_seconds = silence_seconds
        self._selector = selectors.DefaultSelector()
        self._said = b""
        self._errors = b""
        self._code: int | None = None
        self._begun = False
        self._told = 0
        self._talks: socket.socket | None = None
        self._killed = ""
        self._reason = ""

    def run(self) -> End:
        """Start it and wait until it is off. It is killed where it panics, falls silent, or nobody wants it any more.

        Raises ToeError when qemu cannot be started.
        """
        with ExitStack() as stack:
            stack.enter_context(self._selector)
            process = self._started(stack)
            patience = Patience(process.pid, self._silence_seconds)
            stack.callback(_end, process)
            self._listen(process, patience)
            code = process.wait()
        is_good = self._code is not None and not self._killed and not code
        return End(self._code, self._begun, "" if is_good else self._why(code))

    def _started(self, stack: ExitStack) -> subprocess.Popen[bytes]:
        ours, theirs = zip(*(socket.socketpair() for _ in range(3)), strict=True)
        for one in (*ours, *theirs):
            stack.callback(one.close)
        descriptors = [one.fileno() for one in theirs]
        argv = ended_with_us(command(self._machine, talk_options(*descriptors)))
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=descriptors,
                start_new_session=True,  # Ctrl-C is for this process, which passes it on
            )
        except OSError as error:
            raise ToeError(f"cannot start '{argv[0]}': {error.strerror}") from error
        for one in theirs:
            one.close()
        console, port, line = ours
        self._hear(console, self._take_console)
        for one in (port, line):
            self._hear(one, self._port_reader(one))
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b'{"execute": "qmp_capabilities"}\n')
        process.stdin.flush()
        self._hear(process.stdout, self._qmp_reader())
        self._hear(process.stderr, self._take_error)
        for stream in (process.stdin, process.stdout, process.stderr):
            stack.callback(stream.close)
        self._selector.register(self._cancellation, selectors.EVENT_READ)
        return process

    def _hear(self, stream: socket.socket | object, take: Callable[[bytes], object]) -> None:
        self._selector.register(stream, selectors.EVENT_READ, take)  # type: ignore[arg-type]

    def _listen(self, process: subprocess.Popen[bytes], patience: Patience) -> None:
        """Until all that comes from the machine has come: its streams end with it."""
        streams = 5
        while streams:
            for key, _ in self._selector.select(_LOOK_SECONDS):
                if key.data is None:
                    self._selector.unregister(key.fileobj)
                    continue
                block = _read(key.fd)
                if not block:
                    self._selector.unregister(key.fileobj)
                    streams -= 1
                elif key.data(block):
                    patience.sign()
            self._judge(process, patience)

    def _judge(self, process: subprocess.Popen[bytes], patience: Patience) -> None:
        """End the machine where there is nothing to wait for."""
        if self._cancellation.requested:
            self._ask_to_stop(process)
        panic = _PANIC.search(self._said)
        if panic and not self._killed:
            self._kill(process, f"it panicked: {panic[0].decode('utf-8', 'replace').strip()}")
        elif patience.is_over and not self._killed:
            self._kill(process, f"it has said nothing for {self._silence_seconds:.0f} s")

    def _kill(self, process: subprocess.Popen[bytes], why: str) -> None:
        self._killed = why
        process.kill()

    def _ask_to_stop(self, process: subprocess.Popen[bytes]) -> None:
        """Tell the run of the signal. A machine in which nothing runs yet is killed, and any where it is urgent."""
        requests = 1 + self._cancellation.is_urgent
        if self._talks is None or requests > 1:
            if not self._killed:
                self._kill(process, "it was stopped")
            return
        number = self._cancellation.signal
        name = Signals(number).name if number else "SIGTERM"
        for _ in range(requests - self._told):
            _send(self._talks, name.encode() + b"\n")
        self._told = requests

    def _take_console(self, block: bytes) -> bool:
        if self._console.tell() < _LARGEST_CONSOLE:
            self._console.write(block)
            self._console.flush()
        self._said = (self._said + block)[-_LAST_BYTES:]
        return True

    def _take_error(self, block: bytes) -> bool:
        self._errors = (self._errors + block)[-_LAST_BYTES:]
        return False

    def _port_reader(self, port: socket.socket) -> Callable[[bytes], bool]:
        lines = Lines()

        def take(block: bytes) -> bool:
            for kind, rest in lines.take(block):
                self._take_line(port, kind, rest)
            return True

        return take

    def _take_line(self, port: socket.socket, kind: bytes, rest: bytes) -> None:
        if kind == BEGUN:
            self._begun, self._talks = True, port
        elif kind == EVENT:
            self._hearers.event(rest)
        elif kind == WORDS:
            self._hearers.words(rest)
        elif kind == ENDED and self._code is None and rest.isdigit() and len(rest) < 4:
            self._code = int(rest)
            _send(port, BYE + b"\n")

    def _qmp_reader(self) -> Callable[[bytes], bool]:
        begun = b""

        def take(block: bytes) -> bool:
            nonlocal begun
            *lines, begun = (begun + block).split(b"\n")
            for line in lines:
                with suppress(ValueError, AttributeError, TypeError):
                    event = json.loads(line)
                    if event.get("event") == "SHUTDOWN":
                        self._reason = event["data"].get("reason", "")
            return False

        return take

    def _why(self, code: int) -> str:
        """Why it is off before the end of the run."""
        if self._killed:
            happened = self._killed
        elif self._reason == "guest-reset":
            happened = "it was started again by something in it"
        elif self._reason == "guest-shutdown":
            happened = ENDED_BY_ITSELF
        elif code:
            errors = self._errors.decode("utf-8", "replace").strip().splitlines()
            happened = f"qemu ended{f' by signal {-code}' if code < 0 else ''}{': ' + errors[-1] if errors else ''}"
        else:
            happened = "it ended"
        if happened == ENDED_BY_ITSELF:
            return happened
        last = self._last_line()
        return f"{happened}; the last line on its console: {last}" if last and "panicked" not in happened else happened

    def _last_line(self) -> str:
        lines = [_HIDDEN.sub(b"", line).strip() for line in self._said.split(b"\n")]
        shown = [line for line in lines if line]
        return shown[-1].decode("utf-8", "replace")[:300] if shown else ""


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _BLOCK_BYTES)
    except ConnectionError:
        return b""


def _send(port: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # it has ended
        port.send(data, getattr(socket, "MSG_DONTWAIT", 0))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
