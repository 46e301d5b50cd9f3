"""The one file: a script that unpacks what follows it, and starts it."""

from __future__ import annotations

import gzip
import hashlib
import io
import platform
import tarfile
import tempfile
from importlib.resources import files
from pathlib import Path

from toe.bundle.libraries import Libraries
from toe.bundle.tree import make_tree, python_name
from toe.version import __version__

#: As many digits as a name of a folder needs.
_DIGITS = 16
#: Room for the place where the packed part begins, in decimal digits.
_START_DIGITS = 6
#: Of gzip: the highest takes four times as long, for a file that is half a percent smaller.
_LEVEL = 6


def bundle(extras: tuple[str, ...] = ()) -> bytes:
    """A self-contained executable of this `toe` with these extras, for Linux on this processor.

    The same packages and the same Python give the same bytes. Raises ToeError where something that it needs is not
    installed, and OSError.
    """
    with tempfile.TemporaryDirectory(prefix="toe-bundle-") as folder:
        root = Path(folder)
        libraries = make_tree(root, extras)
        unpacked = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
        packed = gzip.compress(_archive(root), _LEVEL, mtime=0)
    return _script(packed, libraries, unpacked) + packed


def _archive(root: Path) -> bytes:
    """A tar of `root`: sorted, without owners and times; the file `complete` comes last."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(root.rglob("*")):
            archive.add(path, str(path.relative_to(root)), recursive=False, filter=_plain)
        archive.addfile(tarfile.TarInfo("complete"))
    return buffer.getvalue()


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


def _script(packed: bytes, libraries: Libraries, unpacked_size: int) -> bytes:
    values = {
        "VERSION": __version__,
        "MACHINE": platform.machine(),
        "DIGEST": hashlib.sha256(packed).hexdigest()[:_DIGITS],
        "LOADER": libraries.loader.name,
        "PYTHON": python_name(),
        "MEGABYTES": str(round(unpacked_size / 1e6)),
    }
    text = (files("toe.bundle") / "start.sh").read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    script = text.replace("@START@", "0" * _START_DIGITS).encode()
    start = f"{len(script) + 1:0{_START_DIGITS}d}"  # bytes are counted from 1 by `tail -c +N`
    return text.replace("@START@", start).encode()
