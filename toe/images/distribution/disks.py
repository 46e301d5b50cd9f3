"""The disk that is distributed, in the formats of its targets; qemu-img converts it, once for each format."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from toe.errors import ActionError, ToeError
from toe.images.distribution.model import Source
from toe.images.distribution.targets import format_of
from toe.images.engines.commands import asked
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation
from toe.system.files.checksums import file_hash

_QEMU_IMG = "qemu-img"
#: Our words for formats -> those of qemu-img.
_QEMU = {"raw": "raw", "qcow2": "qcow2", "vmdk": "vmdk", "vhd": "vpc"}
#: VM Import takes stream-optimized VMDK; without force_size a VHD's size is rounded.
_OPTIONS = {"vmdk": ("-o", "subformat=streamOptimized"), "vhd": ("-o", "force_size=on")}


class File(NamedTuple):
    """A file as it is sent: `sha256` in hex digits, `size` in bytes."""

    path: str
    sha256: str
    size: int


class Disk:
    """The disk of a source. `folder` gets what is converted."""

    def __init__(self, source: Source, folder: str, cancellation: Cancellation) -> None:
        self._source = source
        self._folder = folder
        self._cancellation = cancellation
        self._files: dict[str, File] = {}

    @property
    def sha256(self) -> str:
        """The digest of the disk itself, in hex digits. Raises as `file`."""
        return self.file(format_of(self._source.disk)).sha256

    def file(self, wanted: str) -> File:
        """The disk in a format. Raises ToeError, and Interrupted."""
        if wanted not in self._files:
            path = self._source.disk if format_of(self._source.disk) == wanted else self._converted(wanted)
            try:
                digest = file_hash(path, "SHA256", self._cancellation.check)
                self._files[wanted] = File(path, digest, os.stat(path).st_size)
            except (OSError, ActionError) as error:
                raise ToeError(f"cannot read '{path}': {error}", exit_code=1) from error
        return self._files[wanted]

    def _converted(self, wanted: str) -> str:
        if shutil.which(_QEMU_IMG) is None:
            raise ToeError("'qemu-img' is not installed", hint="apt-get install qemu-utils, or dnf install qemu-img")
        own = _QEMU[format_of(self._source.disk)]
        path = Path(self._folder, f"disk.{wanted}")
        path.unlink(missing_ok=True)
        how = ("-f", own, "-O", _QEMU[wanted], *_OPTIONS.get(wanted, ()))
        asked(_QEMU_IMG, "convert", *how, self._source.disk, str(path), cancellation=self._cancellation)
        return str(path)


def require_alone(path: str) -> None:
    """Refuse a disk that is made of another one: alone it is none, and what it names is read with our rights.

    Raises ToeError. Without qemu-img nobody knows; then nothing is converted either.
    """
    own = _QEMU[format_of(path)]
    if own == "raw" or shutil.which(_QEMU_IMG) is None:
        return
    told = json.loads(asked(_QEMU_IMG, "info", "-f", own, "--output=json", path))
    if "backing-filename" in told:
        hint = f"qemu-img convert -O {own} {path} ALONE.{own}"
        raise ToeError(f"'{path}' is made of another disk, '{told['backing-filename']}'", hint=hint)
