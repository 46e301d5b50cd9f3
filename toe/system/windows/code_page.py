"""What programs of Windows print, turned into UTF-8: consoles there have a code page, and few programs print UTF-8."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable

_UTF8 = 65001


class Utf8Output:
    """Turns blocks of output into UTF-8. `code_page` is asked for its number when a line is none that is UTF-8."""

    def __init__(self, code_page: Callable[[], int]) -> None:
        self._code_page = code_page

    def convert(self, block: bytes) -> bytes:
        """Each line that is UTF-8 as it is, the others decoded by the code page; what neither knows becomes U+FFFD.

        Line ends stay what they are, CRLF as well.
        """
        try:
            block.decode("utf-8")
        except UnicodeDecodeError:
            codec = codec_of(self._code_page())
            return b"".join(_converted(line, codec) for line in block.splitlines(keepends=True))
        return block


def codec_of(code_page: int) -> str:
    """Python's name for a code page of Windows; of one that it does not know, UTF-8."""
    name = "utf-8" if code_page == _UTF8 else f"cp{code_page}"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "utf-8"


def console_code_page() -> int:
    """The code page that programs print in: that of the console, else the one that new consoles get."""
    if sys.platform != "win32":
        return _UTF8
    from toe.system.windows.api import library

    kernel = library("kernel32")
    return int(kernel.GetConsoleOutputCP() or kernel.GetOEMCP())


def _converted(line: bytes, codec: str) -> bytes:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode(codec, "replace").encode("utf-8")
    return line
