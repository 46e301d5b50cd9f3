"""The commands of an engine: short ones that answer, and the one that is the process of a container."""

from __future__ import annotations

import json
import os
import re
import selectors
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import Signals
from threading import Thread
from typing import IO, Any

from toe.errors import ToeError
from toe.images.engines.base import Output
from toe.images.engines.orphans import marked
from toe.system.cancellation import Cancellation

_BLOCK_BYTES = 65536
#: Of an answer that makes no sense, in a message.
_SHOWN = 60
#: How soon a second request to stop is passed on.
_LOOK_SECONDS = 0.2
#: What the engines of Go say on stderr that is no error.
_REMARK = re.compile(r'time="[^"]*" level=(?:warning|info|debug) ')
_ENDED = re.compile(r"(?:Error: )?(?:while running runtime: )?(?:subprocess exited with|exit) status \d+")
#: What stands above a list of errors.
_COUNTED = re.compile(r"^(?:Error: )?\d+ errors? occurred:$")
#: How skopeo says why it ended.
_FATAL = re.compile(r'time="[^"]*" level=(?:fatal|error) msg="(.*)"')
_ERROR = re.compile(r"^(?:Error|ERRO\[\d+\]|Error response from daemon):? *")


def asked(
    *argv: str,
    text: str | None = None,
    environment: Mapping[str, str] | None = None,
    cancellation: Cancellation | None = None,
    folder: Path | None = None,
) -> str:
    """What a command prints, without blanks around it. See `output_of`."""
    return output_of(*argv, text=text, environment=environment, cancellation=cancellation, folder=folder).strip()


def output_of(
    *argv: str,
    text: str | None = None,
    environment: Mapping[str, str] | None = None,
    cancellation: Cancellation | None = None,
    folder: Path | None = None,
) -> str:
    """What a command prints, to the letter; `text` is its standard input, `folder` its working directory.

    Raises ToeError with its words.

    Ctrl-C does not reach it: who is asked to make or remove a container finishes that. One that may take long is given
    `cancellation`: when that is asked for it gets SIGTERM, and Interrupted is raised behind its end.
    """
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            env=marked(environment),
            cwd=folder,
            start_new_session=True,
        )
    except OSError as error:
        raise ToeError(f"cannot start '{argv[0]}': {error.strerror}") from error
    with process, _ended_on(cancellation, process):
        told, said_on_stderr = process.communicate(text)
    if process.returncode:
        if cancellation is not None:
            cancellation.check()
        raise ToeError(f"{_spoken(argv)}: {said(said_on_stderr) or f'exit status {process.returncode}'}")
    return told


def answered(*argv: str) -> Any:
    """What a command prints as JSON. Raises ToeError, also for what is none."""
    text = asked(*argv)
    try:
        return json.loads(text or "null")
    except ValueError as error:
        raise ToeError(f"{_spoken(argv)}: its answer is no JSON: {text[:_SHOWN]!r}") from error


@contextmanager
def _ended_on(cancellation: Cancellation | None, process: subprocess.Popen[str]) -> Iterator[None]:
    """Within the block the process gets SIGTERM when that is asked for."""
    if cancellation is None:
        yield
        return
    over, end = os.pipe()

    def watch() -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(over, selectors.EVENT_READ)
            selector.register(cancellation, selectors.EVENT_READ)
            selector.select()
        if cancellation.requested:
            process.terminate()

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        os.close(end)
        watcher.join()
        os.close(over)


def _spoken(argv: Sequence[str]) -> str:
    """The program and its verb: more of a command line is of no help in a message."""
    words = [os.path.basename(argv[0]), *(word for word in argv[1:2] if not word.startswith("-"))]
    return " ".join(words)


def said(text: str) -> str:
    """The last error of an engine, in one line, "" where it said none. That something ended with 1 says nothing."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not _REMARK.match(line.strip())]
    lines = [line for line in lines if not _ENDED.fullmatch(line)] or lines
    listed = [line.removeprefix("* ") for line in lines if line.startswith("* ")]
    if listed and any(_COUNTED.search(line) for line in lines):
        return "; ".join(dict.fromkeys(listed))
    fatal = [found[1].replace('\\"', '"') for found in map(_FATAL.fullmatch, lines) if found]
    errors = fatal or [line for line in lines if _ERROR.match(line)] or lines
    return _ERROR.sub("", errors[-1]) if errors else ""


def conversed(argv: Sequence[str], cancellation: Cancellation | None = None, output: Output | None = None) -> int:
    """Run the command that is a container's process, and return its exit code; 128+n when signal n ended it.

    Its input is a pipe: the name of a signal goes through it, on a line, when `cancellation` is asked for, and another
    line when that becomes urgent. When this process is gone the pipe ends. Raises ToeError when it cannot be started.
    """
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=marked(None),
            start_new_session=True,  # Ctrl-C is for this process, which passes it on
        )
    except OSError as error:
        raise ToeError(f"cannot start '{argv[0]}': {error.strerror}") from error
    with process, _Conversation(process, output or (lambda stream, block: None)) as conversation:
        conversation.hold(cancellation)
        code = process.wait()
    return code if code >= 0 else 128 - code


class _Conversation:
    """The streams of a process: its output goes on, requests to stop go in."""

    def __init__(self, process: subprocess.Popen[bytes], output: Output) -> None:
        self._output = output
        self._input = _stream(process.stdin)
        self._selector = selectors.DefaultSelector()
        self._open = {_stream(process.stdout): "stdout", _stream(process.stderr): "stderr"}
        for stream in self._open:
            self._selector.register(stream, selectors.EVENT_READ)
        self._end = -1
        with suppress(AttributeError, OSError):  # what the process started and left may hold its streams
            self._end = getattr(os, "pidfd_open")(process.pid)  # noqa: B009 (Linux alone has it)
            self._selector.register(self._end, selectors.EVENT_READ)

    def __enter__(self) -> _Conversation:
        return self

    def __exit__(self, *error: object) -> None:
        self._selector.close()
        if self._end >= 0:
            os.close(self._end)
        with suppress(OSError):
            self._input.close()

    def hold(self, cancellation: Cancellation | None) -> None:
        """Until the process has ended, or has closed its streams, and all that it put out was read."""
        if cancellation is not None:
            self._selector.register(cancellation, selectors.EVENT_READ)
        told = 0
        while self._open:
            is_asked = cancellation is not None and cancellation.requested
            ready = self._ready(_LOOK_SECONDS if is_asked else None)
            if cancellation is not None and cancellation in ready:
                self._selector.unregister(cancellation)
            if cancellation is not None and cancellation.requested:
                told = self._tell(cancellation, told)
            self._pass_on(ready)
            if self._end in ready:
                while self._pass_on(self._ready(0)):
                    pass
                return

    def _ready(self, seconds: float | None) -> set[object]:
        return {key.fileobj for key, _ in self._selector.select(seconds)}

    def _pass_on(self, ready: set[object]) -> bool:
        """Pass on a block of each stream that has one; false when none has."""
        streams = self._open.keys() & ready
        for stream in streams:
            block = os.read(stream.fileno(), _BLOCK_BYTES)
            if block:
                self._output(self._open[stream], block)
            else:
                self._selector.unregister(stream)
                del self._open[stream]
        return bool(streams)

    def _tell(self, cancellation: Cancellation, told: int) -> int:
        """Write the name of the signal, once for each request; returns how many it was told of."""
        requests = 1 + cancellation.is_urgent
        name = Signals(cancellation.signal).name if cancellation.signal else "SIGTERM"
        with suppress(OSError):  # it has ended, or does not read
            for _ in range(requests - told):
                self._input.write(f"{name}\n".encode())
                self._input.flush()
        return requests


def _stream(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
