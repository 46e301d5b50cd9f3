"""Folders for what passes between `toe` and a program: the next command removes those that a killed `toe` has left."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toe.errors import ToeError
from toe.images.capsule import cache_folder
from toe.images.engines.owners import new_name


@contextmanager
def work_folder() -> Iterator[Path]:
    """A new folder, beside those of guests, that is gone behind the block. Raises ToeError."""
    folder = cache_folder() / "runs" / new_name()
    try:
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise ToeError(f"cannot make the folder '{folder}': {error.strerror}") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
