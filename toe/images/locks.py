"""Locks by name in a folder: a file for each that somebody has, which its holder's death leaves behind, unlocked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from toe.errors import ToeError
from toe.system.cancellation import Cancellation
from toe.system.files.locking import try_lock
from toe.system.files.own_files import open_own_file

_WAIT_SECONDS = 0.2


class Locks:
    """The locks of a folder, which is made when the first one is taken."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    @contextmanager
    def held(self, name: str, cancellation: Cancellation, waits: Callable[[], object] = lambda: None) -> Iterator[None]:
        """Nobody else has this lock within the block. `waits` is called once where somebody has it.

        Raises ToeError, and Interrupted when the build is stopped meanwhile.
        """
        path = os.path.join(self._folder, name)
        try:
            os.makedirs(self._folder, 0o700, exist_ok=True)
        except OSError as error:
            raise _cannot_lock(path, error) from error
        descriptor = _try(path, os.O_CREAT)
        if descriptor is None:
            waits()
        while descriptor is None:
            cancellation.wait(_WAIT_SECONDS)
            cancellation.check()
            descriptor = _try(path, os.O_CREAT)
        try:
            yield
        finally:
            with suppress(FileNotFoundError):
                os.unlink(path)
            os.close(descriptor)

    def names(self) -> list[str]:
        """The names of the locks that somebody has, or had when he was killed."""
        try:
            return sorted(os.listdir(self._folder))
        except FileNotFoundError:
            return []

    def abandoned(self, wanted: Callable[[str], bool] = bool) -> Iterator[str]:
        """The names of locks whose holders are gone, as far as they are `wanted`.

        Each is forgotten when the next one is asked for.
        """
        for name in filter(wanted, self.names()):
            path = os.path.join(self._folder, name)
            descriptor = _try(path)
            if descriptor is None:
                continue
            try:
                yield name
                os.unlink(path)
            finally:
                os.close(descriptor)


def _try(path: str, flags: int = 0) -> int | None:
    """A descriptor with the lock of a file; None where somebody else has it, and where there is none. Raises ToeError.

    Who gives a lock back removes the file first: what is locked must be the file that has the name now.
    """
    while True:
        try:
            descriptor = open_own_file(path, os.O_RDWR | flags)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _cannot_lock(path, error) from error
        try:
            if not try_lock(descriptor):
                os.close(descriptor)
                return None
        except OSError as error:
            os.close(descriptor)
            raise _cannot_lock(path, error) from error
        with suppress(FileNotFoundError):
            if os.path.samestat(os.stat(path), os.fstat(descriptor)):
                return descriptor
        os.close(descriptor)


def _cannot_lock(path: str, error: OSError) -> ToeError:
    return ToeError(f"cannot lock '{path}': {error.strerror}", hint="make room there, or name another state directory")
