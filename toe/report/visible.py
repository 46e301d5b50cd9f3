"""Output of programs made fit to be looked at in a report: nothing in it acts, and what it hides becomes visible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from toe.sinks.safe_text import HIDDEN, encodable

#: CSI sequences (their parameters, their last letter), OSC ones and strings up to their end or the end of the line,
#: two-character escapes. A string without an end must not take the rest of the output with it.
_ESCAPE = re.compile(
    r"\x1b(?:\[([0-?]*)[ -/]*([@-~])|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[PX^_][^\x1b\n]*\x1b\\|[ -/]*[0-~])"
)
_NOT_SHOWN = re.compile(f"[\x00-\x08\x0b-\x1f{HIDDEN}\ufffe\uffff]")

#: How often the look of one text may change: each change is an element of the page.
MOST_CHANGES = 4000
#: About so many characters make a block, which a browser need not lay out before it is scrolled to.
BLOCK = 16_384

_FLAGS = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "struck", 53: "underline"}
_ENDS = {21: ("bold",), 22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 27: ("inverse",), 29: ("struck",)}
_DARK = ((0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0), (0, 0, 170), (170, 0, 170), (0, 170, 170), (170, 170, 170))
#: As a terminal has them: eight colours, and the same brighter.
_PALETTE = (*_DARK, *(tuple(part + 85 for part in colour) for colour in _DARK))


def visible(text: str) -> str:
    """The text with a mark in place of each character that is not seen: `^@`, or `[U+202E]` for what turns the writing.

    Carriage returns end a line, and a byte that was no UTF-8 is spelt out.
    """
    if text.isascii() and text.isprintable():
        return text
    return _NOT_SHOWN.sub(_mark, encodable(text.replace("\r\n", "\n").replace("\r", "\n")))


def _mark(found: re.Match[str]) -> str:
    code = ord(found[0])
    # Carets as terminals show them: few fonts have the pictures that Unicode has for control characters.
    return f"^{chr(code ^ 0x40)}" if code <= 0x7F else f"[U+{code:04X}]"


def plain(text: str) -> str:
    """The visible text without its escape sequences."""
    return visible(_ESCAPE.sub("", text) if "\x1b" in text else text)


def blocks(text: str) -> Iterator[list[tuple[str, str]]]:
    """The visible text in blocks of whole lines, each a list of (CSS classes, text); colours by classes alone.

    A line that is longer than a block is cut.
    """
    block: list[tuple[str, str]] = []
    size = 0
    for classes, part in _styled(text):
        for piece in _pieces(part):
            block.append((classes, piece))
            size += len(piece)
            if size >= BLOCK and (piece.endswith("\n") or size >= 4 * BLOCK):
                yield block
                block, size = [], 0
    if block:
        yield block


def _pieces(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > BLOCK:
        end = text.rfind("\n", start, start + BLOCK) + 1 or start + BLOCK
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]


def _styled(text: str) -> Iterator[tuple[str, str]]:
    """The parts of the text and the classes of each; after MOST_CHANGES changes the rest comes as it is."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    style = _Style()
    start = changes = 0
    for found in _ESCAPE.finditer(text) if "\x1b" in text else ():
        if found.start() > start:
            yield style.classes, visible(text[start : found.start()])
            changes += 1
        start = found.end()
        if changes == MOST_CHANGES:
            break
        if found[2] == "m":
            style.apply(found[1])
    if start < len(text):
        yield style.classes if changes < MOST_CHANGES else "", plain(text[start:])


class _Style:
    """The look that SGR sequences have set up to here."""

    def __init__(self) -> None:
        self._foreground = self._background = ""
        self._flags: dict[str, None] = {}

    @property
    def classes(self) -> str:
        return " ".join(filter(None, (self._foreground, self._background, *self._flags)))

    def apply(self, parameters: str) -> None:
        """Take the parameters of a sequence, as `1;31` or `38:5:196`."""
        numbers = [int(word) if word.isdecimal() and len(word) < 5 else 0 for word in re.split("[;:]", parameters)]
        while numbers:
            number = numbers.pop(0)
            if number in (38, 48):
                self._set(number - 8, _extended(numbers))
            elif number == 0:
                self._foreground = self._background = ""
                self._flags.clear()
            elif number in _FLAGS:
                self._flags[_FLAGS[number]] = None
            elif number in _ENDS:
                for flag in _ENDS[number]:
                    self._flags.pop(flag, None)
            elif number in (39, 49):
                self._set(number - 9, None)
            elif number // 10 in (3, 4, 9, 10) and number % 10 < 8:
                is_bright = number >= 90
                self._set(number // 10 * 10 - (60 if is_bright else 0), number % 10 + (8 if is_bright else 0))

    def _set(self, ground: int, colour: int | None) -> None:
        if ground == 30:
            self._foreground = "" if colour is None else f"f{colour}"
        else:
            self._background = "" if colour is None else f"b{colour}"


def _extended(numbers: list[int]) -> int | None:
    """The colour behind 38 or 48, which it takes from the numbers: `5;N` of 256, `2;R;G;B`."""
    kind = numbers.pop(0) if numbers else 0
    if kind == 5 and numbers:
        return _of_256(numbers.pop(0))
    if kind == 2 and len(numbers) >= 3:
        red, green, blue = numbers[:3]
        del numbers[:3]
        return _nearest(red, green, blue)
    numbers.clear()
    return None


def _of_256(number: int) -> int:
    if number < 16:
        return number
    if number < 232:
        red, green, blue = ((number - 16) // step % 6 * 51 for step in (36, 6, 1))
        return _nearest(red, green, blue)
    grey = min(255, (number - 232) * 10 + 8)
    return _nearest(grey, grey, grey)


@lru_cache(maxsize=512)
def _nearest(red: int, green: int, blue: int) -> int:
    """The one of the sixteen colours that is nearest: only they are legible in light and dark."""
    distances = [(red - r) ** 2 + (green - g) ** 2 + (blue - b) ** 2 for r, g, b in _PALETTE]
    return distances.index(min(distances))
