"""What is kept of a process's output: bounded, so that memory does not grow with what a step prints.

It is cut between lines where it can be: half a secret would not be recognised.
"""

from __future__ import annotations

from toe.engine.kept_outputs import fitting, written_size
from toe.results import KEPT_PROCESS_BYTES

#: Bytes of the end of stderr, and of stdout, kept for messages.
STDERR_LIMIT = 64 * 1024
STDOUT_END_LIMIT = 8 * 1024
CUT_MARK = "\n[output cut by toe after 8 MiB, as the reports hold it; console.log has all of it]"
LOST_MARK = "\n[output cut by toe: a background process was still writing it]"


class Capture:
    """Collects blocks of both streams of one process."""

    def __init__(self) -> None:
        self._stdout = bytearray()
        self._room = KEPT_PROCESS_BYTES
        self._stderr = b""
        self._stderr_cut = False
        self._behind_cut = b""
        self._full = False
        self._lost: tuple[str, ...] = ()

    @property
    def cut(self) -> bool:
        """Whether some of stdout is missing."""
        return self._full or "stdout" in self._lost

    def add(self, stream: str, block: bytes) -> None:
        """Keep what the limits allow of a block."""
        if stream == "stderr":
            self._stderr_cut = self._stderr_cut or len(self._stderr) + len(block) > STDERR_LIMIT
            self._stderr = (self._stderr + block)[-STDERR_LIMIT:]
            return
        if self._full:
            self._behind_cut = (self._behind_cut + block)[-STDOUT_END_LIMIT:]
            return
        size = written_size(block.decode("utf-8", "replace"))
        if size > self._room:
            self._full = True
            whole, block = block, _beginning(block, self._room)
            self._behind_cut = whole[len(block) :][-STDOUT_END_LIMIT:]
        self._room -= size
        self._stdout += block

    def lose(self, streams: tuple[str, ...]) -> None:
        """Note that more of these streams was coming when nobody listened any more."""
        self._lost = streams

    def take_stdout(self) -> str:
        """stdout as text without trailing newlines (reference, section 3), marked when cut. Lets go of the bytes."""
        raw, self._stdout = self._stdout, bytearray()
        text = raw.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n")
        if self._full:
            text += CUT_MARK
        return text + LOST_MARK if "stdout" in self._lost else text

    def stdout_end(self) -> str:
        """The end of stdout as text, its first line whole. To be asked for before `take_stdout`."""
        kept = self._stdout[-STDOUT_END_LIMIT:] + self._behind_cut
        end = bytes(kept[-STDOUT_END_LIMIT:])
        if self._full or len(self._stdout) > len(end):
            end = _from_whole_line(end)
        return end.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n")

    def stderr_end(self) -> str:
        """The end of stderr as text, its first line whole."""
        end = _from_whole_line(self._stderr) if self._stderr_cut else self._stderr
        text = end.decode("utf-8", "replace").rstrip("\n")
        return text + LOST_MARK if "stderr" in self._lost else text


def _from_whole_line(end: bytes) -> bytes:
    """Less the line whose beginning was cut off; of a line without end less its first word, of a word nothing."""
    for marks in ((b"\n", b"\r"), (b" ", b"\t")):
        first = min((place for mark in marks if (place := end.find(mark)) >= 0), default=len(end))
        if end[first + 1 :].strip():
            return end[first + 1 :]
    return b""


def _beginning(block: bytes, room: int) -> bytes:
    """As much of a block as takes no more than `room` bytes in a report."""
    return fitting(block.decode("utf-8", "surrogateescape"), room).encode("utf-8", "surrogateescape")
