"""The file that a machine image becomes: its name, its format, and that it is whole or absent."""

from __future__ import annotations

import errno
import os
import re
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from toe.errors import ToeError
from toe.images.machines.disks import FORMATS, Disk, convert
from toe.images.model import Recipe
from toe.images.versions import Version


def disk_name(recipe: Recipe, version: Version, wanted: str, disk_format: str) -> str:
    """The path of the image: the wanted file, or one with the recipe's name, version and build in the wanted folder.

    Raises ToeError.
    """
    if disk_format not in FORMATS:
        raise ToeError(f"unknown format '{disk_format}'", hint=f"formats: {', '.join(FORMATS)}")
    path = os.path.abspath(wanted or ".")
    if wanted and not os.path.isdir(path):
        return path
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", recipe.name).strip("-.") or "image"
    return os.path.join(path, f"{name}-{version.semantic}-{version.build}.{disk_format}")


def place(path: Path, target: str, note: Callable[[Path], object] = lambda staged: None) -> None:
    """Move a file to its place, in one step for whoever looks there. Raises ToeError.

    `note` is told of the file that will become it: before that is written, where it is a copy, and before it is moved.
    """
    new = Path(target).with_name(f".toe-{os.getpid()}-{uuid.uuid4().hex[:8]}")
    try:
        try:
            note(path)
            path.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            note(new)
            shutil.copyfile(path, new)
            note(new)
            new.rename(target)
            path.unlink()
    except OSError as error:
        hint = "make room there, or name another file by --output"
        raise ToeError(f"cannot write '{target}': {error.strerror}", hint=hint, exit_code=1) from error
    finally:
        new.unlink(missing_ok=True)


def write_disk(disk: Disk, path: Path, disk_format: str) -> Disk:
    """Write a disk as one file of a format. Raises ToeError; then nothing of it is left."""
    try:
        convert(disk, path, disk_format)
        with open(path, "rb") as file:
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Disk(path, FORMATS[disk_format], disk.size)
