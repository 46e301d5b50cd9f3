"""Folders of one process each, for what passes between `toe` and a program, a container or a machine.

They are called by their owner: the next command removes those that a killed `toe` has left.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toe.errors import ToeError
from toe.images.capsule import cache_folder
from toe.images.engines.owners import is_left_over, new_name


def work_folders() -> Path:
    """Where they are; it may be missing. Raises ToeError."""
    return cache_folder() / "runs"


def new_work_folder() -> Path:
    """A new one, which is its maker's to remove. Raises ToeError."""
    folder = work_folders() / new_name()
    try:
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise ToeError(f"cannot make the folder '{folder}': {error.strerror}") from error
    return folder


@contextmanager
def work_folder() -> Iterator[Path]:
    """A new one that is gone behind the block. Raises ToeError."""
    folder = new_work_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_left_folders() -> None:
    """Remove those whose process is gone. Raises ToeError."""
    folders = work_folders()
    for path in folders.iterdir() if folders.is_dir() else ():
        if is_left_over(path.name):
            shutil.rmtree(path, ignore_errors=True)
