r"""The end of what a process prints, as a terminal would show it: of a line that is written over, the last state.

Nothing is looked at before it is shown: output of many MiB/s costs a slice for each block.
"""

from __future__ import annotations

from toe.sinks.terminal_text import printable

#: Enough for the lines of a large terminal; a bar that is written over and over takes more, and only its end is shown.
_KEPT_BYTES = 16 * 1024


class OutputTail:
    """Both streams as they come, the end of them."""

    def __init__(self) -> None:
        self._data = b""
        self._stream = ""

    def add(self, stream: str, block: bytes) -> None:
        """Take a block. A line of the other stream that has not ended stays a line of its own."""
        if stream != self._stream:
            self._stream = stream
            if self._data and not self._data.endswith((b"\n", b"\r")):
                self._data += b"\n"
        self._data = block[-_KEPT_BYTES:] if len(block) >= _KEPT_BYTES else (self._data + block)[-_KEPT_BYTES:]

    def lines(self, count: int) -> list[str]:
        """The last lines that show anything, at most so many, without what would steer a terminal."""
        found: list[str] = []
        end = len(self._data)
        while end > 0 and len(found) < count:
            start = self._data.rfind(b"\n", 0, end)
            text = _last_state(self._data[start + 1 : end])
            if text:
                found.append(text)
            end = start
        return found[::-1]


def _last_state(line: bytes) -> str:
    """What a line shows in the end that returns to its start again and again."""
    for state in reversed(line.split(b"\r")):
        text = printable(state.decode("utf-8", "replace")).rstrip()
        if text:
            return text
    return ""
