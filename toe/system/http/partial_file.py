"""A file of which a part has come: how the rest is asked for, and whether an answer is that rest."""

from __future__ import annotations

import hashlib
import os
import re
import sys

from toe.system.files.checksums import new_hash
from toe.system.files.opening import shown, write_all
from toe.system.http.encoding import Unpacker
from toe.system.http.exchange import Answer
from toe.system.http.terms import HttpError
from toe.words import counted

_WRITE_OUT_BYTES = 32 << 20
_START_WRITING = 2  # SYNC_FILE_RANGE_WRITE: start, and do not wait
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")


class PartialFile:
    """Writes what comes to a descriptor, unpacked.

    `size` is the number of bytes in the file. `received` is how many have come, packed or not, and `total` how many are
    to come in all, None when the server did not say.

    `algorithm` is the checksum's, "" for none. The server must have named the version of the file, by ETag or
    Last-Modified, or the rest could be that of another one: without them each attempt begins anew. So does that of a
    file that comes packed. `as_sent`: nothing is unpacked.
    """

    def __init__(self, descriptor: int, algorithm: str = "") -> None:
        self.size = 0
        self.as_sent = False
        self.received = 0
        self._unpacker: Unpacker | None = None
        self._descriptor = descriptor
        self._algorithm = algorithm
        self._version = ""
        self.total: int | None = None
        self._written_out = 0
        self._hash = self._new_hash()
        self._hash_as_sent = self._hash

    @property
    def checksum(self) -> str:
        """The checksum of what has come, in lower case hex digits; "" without an algorithm."""
        return self._hash.hexdigest() if self._hash else ""

    @property
    def checksum_as_sent(self) -> str:
        """That of the packed bytes; of a file that came as it is, the same."""
        return self._hash_as_sent.hexdigest() if self._hash_as_sent else ""

    @property
    def amount(self) -> str:
        """How much has come, in words."""
        done = self.received
        return counted(done, "byte") if self.total is None else f"{done} of {counted(self.total, 'byte')}"

    def headers(self) -> dict[str, str]:
        """The headers that ask for the rest, if it can be asked for."""
        return {"Range": f"bytes={self.size}-", "If-Range": self._version} if self._asks_for_rest() else {}

    def begin(self, answer: Answer) -> None:
        """Get ready for the body of an answer with status 200 or 206. Raises HttpError when it does not fit."""
        if answer.status == 206 and self._asks_for_rest():
            self._check_rest(answer)
        elif answer.status == 200:
            self.start_over()
            self.total = answer.length
            if answer.is_gzip and not self.as_sent:
                self._unpacker = Unpacker()
                self._hash_as_sent = self._new_hash()
            else:
                self._version = _version(answer)
        else:
            raise HttpError(f"the server answered {answer.status}, with a part of the file that was not asked for")

    def start_over(self) -> None:
        """Forget what has come."""
        if self.size:
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
        self.size, self.received, self._written_out, self.total, self._version = 0, 0, 0, None, ""
        self._hash = self._hash_as_sent = self._new_hash()
        self._unpacker = None

    def add(self, block: bytes) -> None:
        """Take what has come. Raises OSError, and HttpError for what is not packed as it should be."""
        self.received += len(block)
        if self._unpacker is None:
            self._append(block)
            return
        if self._hash_as_sent:
            self._hash_as_sent.update(block)
        for piece in self._unpacker.pieces(block):
            self._append(piece)

    def _append(self, block: bytes) -> None:
        write_all(self._descriptor, block)
        self.size += len(block)
        if self._hash:
            self._hash.update(block)
        if self.size - self._written_out >= _WRITE_OUT_BYTES:
            start_writing_out(self._descriptor, self._written_out, self.size - self._written_out)
            self._written_out = self.size

    def finish(self) -> None:
        """Raise HttpError when the body has ended before the file is whole."""
        if self.total is not None and self.received != self.total:
            raise HttpError("the answer ended early", transient=True)
        if self._unpacker is not None:
            self._unpacker.finish()

    def _asks_for_rest(self) -> bool:
        return self.size > 0 and bool(self._version)

    def _check_rest(self, answer: Answer) -> None:
        """Raise HttpError, and start over, unless the body begins where we stopped, in the same version of the file."""
        given = _RANGE.fullmatch(answer.header("Content-Range").strip())
        total = int(given[3]) if given and given[3] != "*" else self.total
        fits = given is not None and int(given[1]) == self.size and self.total in (None, total)
        etag = answer.header("ETag")
        if (
            not fits
            or self._is_packed_anew(answer)
            or (etag and self._version.startswith('"') and etag != self._version)
        ):
            self.start_over()
            part = shown(answer.header("Content-Range")) or "none"
            message = f"the server resumed with another part than asked for (Content-Range: {part})"
            raise HttpError(message, transient=True)
        self.total = total

    def _is_packed_anew(self, answer: Answer) -> bool:
        """Whether the rest is packed, which the beginning was not."""
        return answer.is_gzip and not self.as_sent

    def _new_hash(self) -> hashlib._Hash | None:
        return new_hash(self._algorithm) if self._algorithm else None


def _version(answer: Answer) -> str:
    """What If-Range needs: a strong ETag, else the date of the last change; "" where there is neither."""
    etag = answer.header("ETag")
    return etag if etag.startswith('"') else answer.header("Last-Modified")


def start_writing_out(descriptor: int, start: int, length: int) -> None:
    """Let Linux begin to write a part of a file to the disk, so that the sync at the end finds little left to do.

    The part stays in memory for readers. Elsewhere nothing happens. A hint: what fails shows when the file is synced.
    """
    if sys.platform != "linux":
        return
    import ctypes

    try:
        call = ctypes.CDLL(None).sync_file_range
    except (AttributeError, OSError):  # a C library without it
        return
    call(descriptor, ctypes.c_int64(start), ctypes.c_int64(length), _START_WRITING)
