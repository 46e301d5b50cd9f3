"""Reads the documents of a run or of a check: from files, and from where an address leads."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from toe.document.source import SIZE_LIMIT, find_nested, identity, is_remote, is_stream, read_document
from toe.errors import Check, DocumentError, ToeError, go_on


class DocumentReader:
    """Reads documents: a file each time anew, for it may change, and what an address or a pipe gives once.

    `bucket_owner` is the account that must own the buckets of documents, unless a step names another; "" for any.
    `streams` has what was read of pipes before, by their paths. `copies` stand in for files that are gone, by their
    paths, and for what addresses lead to; `files` is what was read of files until now. Without `fetches` no address is
    followed. `check` is called all the time while an address or a pipe is waited for, and raises to stop.
    `reads` is told of each file before it is read.
    """

    def __init__(
        self,
        bucket_owner: str = "",
        streams: Mapping[str, bytes] | None = None,
        copies: Mapping[str, bytes] | None = None,
        *,
        fetches: bool = True,
        reads: Callable[[str], None] | None = None,
    ) -> None:
        self.files: dict[str, bytes] = {}
        self.check: Check = go_on
        self.fetches = fetches
        self._bucket_owner = bucket_owner
        self._reads = reads
        self._fetched: dict[tuple[str, str], bytes] = {}
        self._streams = dict(streams or {})
        self._copies = copies or {}

    @property
    def fetched(self) -> dict[str, bytes]:
        """What was read of addresses until now."""
        return {address: data for (address, _), data in self._fetched.items()}

    def read(self, path: str, bucket_owner: str = "") -> bytes:
        """The bytes of a document. Raises DocumentError with its path or address, and the cause."""
        if not is_remote(path):
            return self._local(path)
        key = path, bucket_owner or self._bucket_owner
        if key not in self._fetched:
            if path in self._copies:
                return self._copies[path]
            if not self.fetches:
                raise DocumentError(f"{path}: not fetched: a plan stays on this machine", hint="--fetch lets it fetch")
            self._fetched[key] = _fetch(*key, self.check)
        return self._fetched[key]

    def _local(self, path: str) -> bytes:
        if path not in self._streams:
            if not is_stream(path):
                return self._file(path)
            from toe.waiting import waited_for

            self._streams[path] = waited_for(lambda: read_document(path), self.check)
        return self._streams[path]

    def _file(self, path: str) -> bytes:
        if self._reads is not None:
            self._reads(path)
        gone = path in self._copies and not os.path.lexists(path)
        self.files[path] = self._copies[path] if gone else read_document(path)
        return self.files[path]

    def find_nested(self, path: str, caller: str) -> str:
        """Where a nested document is (toe.document.source.find_nested), or was."""
        found = find_nested(path, caller)
        if not self._copies or found in self._copies or os.path.lexists(found):
            return found
        beside = identity(os.path.join(os.path.dirname(caller), path))  # a caller may be called by its whole path
        return next((copy for copy in self._copies if identity(copy) == beside), found)

    def read_nested(self, path: str, caller: str, bucket_owner: str) -> bytes:
        """The bytes of the document that `caller` runs as `path`. Raises DocumentError."""
        return self.read(self.find_nested(path, caller), bucket_owner)


def _fetch(address: str, bucket_owner: str, check: Check) -> bytes:
    if address.startswith("http://"):
        raise DocumentError(f"{address}: documents are executed, and come over https only")
    if address.startswith("https://"):
        return _read_url(address, check)
    from toe.aws.documents import fetch

    return fetch(address, bucket_owner=bucket_owner, environment=os.environ, size_limit=SIZE_LIMIT, check=check).data


def _read_url(url: str, check: Check) -> bytes:
    from toe.system.http.document import read_url

    try:
        return read_url(url, limit_bytes=SIZE_LIMIT, environment=os.environ, check=check)
    except ToeError as error:
        raise DocumentError(error.message, hint=error.hint) from error
