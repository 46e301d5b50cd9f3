"""Content-Encoding: what a server packed although it was asked for the file as it is.

AWSTOE's HTTP client unpacks gzip, so that a file and its checksum are those of what was packed. urllib3 could do it
too, but takes what ends early for whole, swallows what follows, and hides the packed bytes, whose checksum may be the
one that is meant.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from toe.system.http.terms import HttpError

#: The most that is unpacked at a time, in bytes: a small answer may stand for gigabytes.
PIECE_BYTES = 256 * 1024
_GZIP = ("gzip", "x-gzip")
_OTHERS = ("br", "compress", "deflate", "x-compress", "zstd")
_WITH_GZIP_HEADER = 16 + zlib.MAX_WBITS


def is_gzip(header: str) -> bool:
    """Whether a Content-Encoding header says that the body is packed by gzip. Raises HttpError for another packing.

    What names no packing ("identity", "aws-chunked", "utf-8") says nothing.
    """
    packings = [name for part in header.split(",") if (name := part.strip().lower()) in _GZIP + _OTHERS]
    if packings and (len(packings) > 1 or packings[0] in _OTHERS):
        raise HttpError(f"the server packed the file by '{', '.join(packings)}', which was not asked for")
    return bool(packings)


class Unpacker:
    """Unpacks what comes block by block, one gzip member or several."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_WITH_GZIP_HEADER)
        self._begun = False

    def pieces(self, block: bytes) -> Iterator[bytes]:
        """What a block comes to, in pieces of PIECE_BYTES at most. Raises HttpError for what is no gzip."""
        while block:
            if self._member.eof:
                block = block.lstrip(b"\0")  # archives are padded so
                if not block:
                    return
                self._member = zlib.decompressobj(_WITH_GZIP_HEADER)
            self._begun = True
            try:
                piece = self._member.decompress(block, PIECE_BYTES)
            except zlib.error as error:
                raise HttpError("the server says that the file is packed by gzip, and it is not") from error
            block = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> None:
        """Raise HttpError when the body has ended before what is packed has."""
        if self._begun and not self._member.eof:
            raise HttpError("what is packed in the answer ended early", transient=True)
