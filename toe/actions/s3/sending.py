"""What S3Upload does: files sent to objects.

toe.actions.s3.sources decides which files; toe.actions.s3.batch has the threads, counts and failures.
"""

from __future__ import annotations

import os
from threading import Event, Lock
from typing import Any

from toe.actions.base import Context
from toe.actions.s3 import bucket_and_key
from toe.actions.s3.batch import Batch
from toe.actions.s3.sources import Departure, sources_of
from toe.actions.s3.transfer import Transfer, aws_refusals, bucket_of, size_text
from toe.aws.s3_bucket import Bucket, Part, TransferStopped, parts_of
from toe.errors import ActionError
from toe.system.files.opening import THREADS_SHARE_A_DESCRIPTOR, explained, open_regular, read_at, shown
from toe.words import counted

UNKNOWN_TYPE = "application/octet-stream"
#: What the compressed form of something is, whatever that is.
_COMPRESSED_TYPES = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}


def send(source: str, destination: str, ctx: Context, *, owner: str | None, recurse: bool) -> None:
    """Upload what the source stands for. Raises ActionError that names each file that failed."""
    bucket_name, key = bucket_and_key(destination)
    departures, failures = sources_of(source, key, ctx, recurse=recurse)
    size = sum(departure.size for departure in departures)
    if len(departures) > 1:
        amount = f"{counted(len(departures), 'file')} ({size_text(size)})"
        ctx.log(f"'{shown(source)}' to '{shown(destination)}': {amount}")
    with aws_refusals():
        bucket = bucket_of(bucket_name, owner, ctx)
    uploads = (Upload(bucket, departure) for departure in departures)
    Batch(ctx, "upload", len(departures), size, failures).carry(uploads)


def content_type_of(name: str) -> str:
    """The media type that a file's name suggests."""
    from mimetypes import guess_type

    found, encoding = guess_type(f"/{name}")  # the slash: a name such as `data:x` is no URL
    if encoding is not None:
        return _COMPRESSED_TYPES.get(encoding, UNKNOWN_TYPE)
    return found or UNKNOWN_TYPE


class Upload(Transfer):
    """One file on its way to an object. What is appended to the file meanwhile stays behind."""

    def __init__(self, bucket: Bucket, departure: Departure) -> None:
        self._path, self._key, size = departure
        super().__init__(f"'{shown(self._path)}' to '{shown(bucket.url(self._key))}'", size, parts_of(size))
        self._bucket = bucket
        self._seeking = Lock()
        self._descriptor = -1
        self._id = ""
        self._sent: list[dict[str, Any]] = []

    def begin(self) -> None:
        with explained("upload", self._path):
            self._descriptor, _ = open_regular(self._path, os.O_RDONLY)
        if len(self.parts) > 1:
            try:
                self._id = self._bucket.begin_upload(self._key, content_type_of(self._path))
            except BaseException:
                self._close()
                raise

    def move(self, part: Part, stop: Event) -> None:
        if stop.is_set():
            raise TransferStopped
        with explained("read", self._path):
            data = self._read(part)
        if len(data) < part.length:
            raise ActionError(f"cannot upload '{shown(self._path)}': it became smaller meanwhile")
        if not self._id:
            self._bucket.put(self._key, data, content_type_of(self._path))
        else:
            number = part.offset // self.parts[0].length + 1
            self._sent.append(self._bucket.put_part(self._key, self._id, number, data))
        self.count(part.length)

    def _read(self, part: Part) -> bytes:
        """All bytes of a part, fewer at the end of the file."""
        blocks, offset, end = [], part.offset, part.offset + part.length
        while offset < end and (block := self._read_at(offset, end - offset)):
            blocks.append(block)
            offset += len(block)
        return b"".join(blocks)

    def _read_at(self, offset: int, length: int) -> bytes:
        if THREADS_SHARE_A_DESCRIPTOR:
            return read_at(self._descriptor, length, offset)
        with self._seeking:
            return read_at(self._descriptor, length, offset)

    def complete(self) -> None:
        if self._id:
            self._bucket.end_upload(self._key, self._id, sorted(self._sent, key=lambda sent: sent["PartNumber"]))
        self._close()

    def discard(self) -> None:
        self._close()
        if self._id:
            self._bucket.drop_upload(self._key, self._id)

    def forsake(self) -> None:
        if self._id:  # parts that hang end with this process
            self._bucket.drop_upload(self._key, self._id)

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
