"""The one file that hosts get: that of `toe bundle`, made once for this `toe`, or one that people name."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toe.bundle.identity import identity
from toe.errors import ToeError
from toe.records import NamedTuple
from toe.system.files.locking import try_lock
from toe.system.files.opening import write_all
from toe.system.files.path_faults import told
from toe.system.files.staging import StagedFile
from toe.system.host import platform_name
from toe.version import __version__

_PROCESSOR = re.compile(rb"for Linux on (\S+):")
_BEGINNING_BYTES = 4096
_BLOCK_BYTES = 1024 * 1024
_WAIT_SECONDS = 0.2
_KEPT_SECONDS = 30 * 24 * 3600


class OneFile(NamedTuple):
    """An executable of `toe` on the controller. `processor` as `uname -m` has it; "" where the file does not tell."""

    path: str
    sha256: str
    size_bytes: int
    processor: str

    @property
    def name(self) -> str:
        """What it is called on hosts."""
        return f"toe-{self.sha256}"


def given_file(path: str, processor: str = "") -> OneFile:
    """The file that people name; of a folder that with `linux-PROCESSOR` at its end. Raises ToeError."""
    folder = Path(path).parent
    if folder.parent == _cache() and (kept := _kept(folder)) is not None:
        return kept  # `own_file` made it, and nobody need read it again
    try:
        if os.path.isdir(path):
            path = _in_folder(path, processor or platform.machine())
        with open(path, "rb") as file:
            found = _PROCESSOR.search(file.read(_BEGINNING_BYTES))
            file.seek(0)
            digest = hashlib.sha256()
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
            size = file.tell()
    except (OSError, ValueError) as error:
        raise ToeError(f"cannot read the executable '{path}': {told(error, path)}") from error
    return OneFile(path, digest.hexdigest(), size, found[1].decode() if found else "")


def _in_folder(folder: str, processor: str) -> str:
    names = sorted(name for name in os.listdir(folder) if name.endswith(f"-linux-{processor}"))
    if not names:
        raise ToeError(
            f"'{folder}' has no executable for {processor}",
            hint=f"'toe bundle' there makes toe-{__version__}-linux-{processor}",
        )
    return os.path.join(folder, names[-1])


def own_file(extras: tuple[str, ...] = ()) -> OneFile:
    """The one file of this `toe`, made at the first call (half a minute) and kept in the user's cache.

    Raises ToeError where it cannot be made here.
    """
    if platform_name() != "linux":
        raise ToeError(
            "the file that hosts get is made on Linux alone", hint="name one of 'toe bundle' by 'executable'"
        )
    folder = _cache() / _identity(extras)
    try:
        found = _kept(folder)
        if found is None:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _locked(folder / "lock"):
                found = _kept(folder) or _made(folder, extras)
    except OSError as error:
        raise ToeError(f"cannot keep the file that hosts get in '{folder}': {error.strerror}") from error
    return found


def made_file(extras: tuple[str, ...] = ()) -> str:
    """The path of what `own_file` has made already, "" where there is something to make."""
    kept = _kept(_cache() / _identity(extras))
    return kept.path if kept else ""


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "toe" / "one-file"


def _identity(extras: tuple[str, ...]) -> str:
    """Tells one installed `toe` from another by its contents, and by what else goes into the file."""
    return f"{__version__}-{platform.machine()}-{identity(extras)[:16]}"


def _kept(folder: Path) -> OneFile | None:
    """The file by its name, which holds its checksum: it was placed whole."""
    for path in folder.glob("toe-*"):
        return OneFile(str(path), path.name.removeprefix("toe-"), path.stat().st_size, platform.machine())
    return None


def _made(folder: Path, extras: tuple[str, ...]) -> OneFile:
    from toe.bundle.pack import bundle

    data = bundle(extras)
    path = folder / f"toe-{hashlib.sha256(data).hexdigest()}"
    with StagedFile(str(path), 0o700) as file:
        write_all(file.descriptor, data)
        file.sync()
        file.place()
    _forget_old(folder)
    found = _kept(folder)
    assert found is not None
    return found


def _forget_old(new: Path) -> None:
    """Remove what was made of other versions long ago."""
    for folder in new.parent.iterdir():
        if folder != new and time.time() - folder.stat().st_mtime > _KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file; whoever else makes the same is waited for."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not try_lock(descriptor):
            time.sleep(_WAIT_SECONDS)
        yield
    finally:
        os.close(descriptor)
