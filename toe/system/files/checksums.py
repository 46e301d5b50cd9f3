"""Checksums of files, by the names that documents use for the algorithms (MD5, SHA1, SHA256, SHA512)."""

from __future__ import annotations

import hashlib
import os

from toe.errors import Check
from toe.records import NamedTuple
from toe.system.files.opening import BLOCK_BYTES, open_regular


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


def file_hash(path: str, algorithm: str, check: Check) -> str:
    """The hash of a file, in lower case hex digits. `check` is called now and then and may raise.

    Raises OSError, and ActionError where something else than a file is.
    """
    descriptor, _ = open_regular(path, os.O_RDONLY)
    try:
        hash_so_far = new_hash(algorithm)
        while block := os.read(descriptor, BLOCK_BYTES):
            hash_so_far.update(block)
            check()
    finally:
        os.close(descriptor)
    return hash_so_far.hexdigest()


def file_matches(path: str, checksum: Checksum, check: Check) -> bool:
    """Whether there is a readable file with this checksum. Raises ActionError where something else than a file is."""
    try:
        return checksum.is_met_by(file_hash(path, checksum.algorithm, check))
    except OSError:
        return False
