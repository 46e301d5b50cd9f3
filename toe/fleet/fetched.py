"""Puts the log folder that a host sent into a folder here. What a host sends is not trusted."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path
from typing import IO

from toe.errors import ToeError

_MOST_BYTES = 4 * 1024 * 1024 * 1024


def unpack_logs(logs: IO[bytes], folder: Path) -> str:
    """Unpack the tar of a log directory and return the path of the run's folder in it, "" where there is none.

    Only files and folders below it are taken: no link, no device, no other place. Raises ToeError.
    """
    made = ""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tarfile.open(fileobj=logs) as archive:
            members = [member for member in archive if member.isfile() or member.isdir()]
            if sum(member.size for member in members) > _MOST_BYTES:
                raise ToeError(f"the logs that the host sent are too large for '{folder}'")
            for member in members:
                parts = [part for part in member.name.split("/") if part not in ("", ".")]
                if not parts:
                    continue
                if ".." in parts:
                    raise ToeError(f"the host sent a file for another place: '{member.name}'")
                if member.isdir():
                    (folder / os.path.join(*parts)).mkdir(exist_ok=True, mode=0o700)
                    made = made or str(folder / parts[0])
                else:
                    _write(archive, member, folder / os.path.join(*parts))
    except (OSError, tarfile.TarError) as error:
        raise ToeError(f"cannot put the host's logs into '{folder}': {error}") from error
    return made


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    source = archive.extractfile(member)
    assert source is not None
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with source, os.fdopen(descriptor, "wb") as target:
        while block := source.read(1024 * 1024):
            target.write(block)
