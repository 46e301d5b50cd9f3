"""The bytes that draw the view: lines scroll by, and below them some are drawn again and again.

The cursor stays visible and rests below the last line: whatever ends the process leaves a terminal that is fit for use.
Not for deciding when to draw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import terminal_size

from toe.sinks.live.cells import Line, rows

_TO_START, _CLEAR_BELOW, _CLEAR_LINE = "\r", "\x1b[J", "\x1b[K"


class Screen:
    """Knows what was drawn last, and at which size. `wraps_again`: a narrower terminal folds old lines."""

    def __init__(self, *, colours: bool, wraps_again: bool) -> None:
        self._colours = colours
        self._wraps_again = wraps_again
        self._drawn: list[Line] = []
        self._size = terminal_size((0, 0))

    def frame(self, scrolling: Sequence[Line], drawn: list[Line], size: terminal_size) -> bytes:
        """What to write for lines that scroll by above those that are `drawn`; b"" where nothing is new."""
        is_resized = size != self._size
        if not scrolling and not is_resized and drawn == self._drawn:
            return b""
        pieces = [self._to_first_row(size)]
        if scrolling or is_resized:
            pieces.append(_CLEAR_BELOW)
        pieces += [f"{_CLEAR_LINE}{self._coloured(line)}\r\n" for line in (*scrolling, *drawn)]
        pieces.append(_CLEAR_BELOW)
        self._drawn, self._size = drawn, size
        return "".join(pieces).encode("utf-8", "backslashreplace")

    def forget(self) -> None:
        """What was drawn is the terminal's now: others have written below it."""
        self._drawn = []

    def _to_first_row(self, size: terminal_size) -> str:
        """To the start of what was drawn last: it has more rows now where the terminal got narrower and folded it."""
        count = len(self._drawn)
        if size.columns < self._size.columns and self._wraps_again:
            count = sum(rows(line.text, size.columns) for line in self._drawn)
        count = min(count, size.lines - 1)
        return f"\x1b[{count}A{_TO_START}" if count else _TO_START

    def _coloured(self, line: Line) -> str:
        return f"\x1b[{line.style}m{line.text}\x1b[0m" if self._colours and line.style else line.text


def wraps_again(environment: Mapping[str, str]) -> bool:
    """Whether the terminal folds what stands on it when it gets narrower: all but some old ones cut it off."""
    terminal = environment.get("TERM", "")
    is_screen = terminal.startswith("screen") and "TMUX" not in environment
    return "XTERM_VERSION" not in environment and terminal not in ("linux", "vt100", "vt220") and not is_screen
