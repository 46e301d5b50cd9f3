"""Checksums of files, by the names that documents use for the algorithms (MD5, SHA1, SHA256, SHA512)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable

from toe.records import NamedTuple
from toe.system.files.opening import open_regular

_BLOCK_BYTES = 1 << 20


class Checksum(NamedTuple):
    """What the bytes of a file must come to: the algorithm's name, and hex digits in any case."""

    algorithm: str
    digits: str

    def is_met_by(self, found: str) -> bool:
        """Whether hex digits in lower case are the ones asked for."""
        return found == self.digits.lower()


def new_hash(algorithm: str) -> hashlib._Hash:
    """An empty hash. It finds damage, it is no proof of origin, which is what FIPS hosts refuse MD5 for."""
    return hashlib.new(algorithm.lower(), usedforsecurity=False)


def file_matches(path: str, checksum: Checksum, check: Callable[[], None]) -> bool:
    """Whether there is a readable file with this checksum. `check` is called now and then and may raise.

    Raises ActionError where something else than a file is.
    """
    try:
        descriptor, _ = open_regular(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        hash_so_far = new_hash(checksum.algorithm)
        while block := os.read(descriptor, _BLOCK_BYTES):
            hash_so_far.update(block)
            check()
    finally:
        os.close(descriptor)
    return checksum.is_met_by(hash_so_far.hexdigest())
