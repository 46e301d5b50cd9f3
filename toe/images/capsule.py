"""`toe` for containers: the folder that a bundle unpacks, kept in the cache of this user under what it is made of.

It has an interpreter and a C library of its own, so it runs in an image that has neither.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from toe.errors import ToeError
from toe.images.locks import Locks
from toe.records import NamedTuple
from toe.system.cancellation import Cancellation

#: A capsule that nobody has used for so long goes when another one is made.
UNUSED_SECONDS = 2 * 24 * 3600
_DIGITS = 16


class Capsule(NamedTuple):
    """The folder, and the digest of what it is made of."""

    folder: Path
    identity: str

    def command(self, inside: str, *words: str) -> list[str]:
        """The command that starts its Python, where the folder is `inside` a container: no shell is needed there."""
        (loader,) = [path.name for path in (self.folder / "lib").glob("ld-*.so*")]
        (program,) = [path.name for path in (self.folder / "bin").glob("python3*")]
        return [f"{inside}/lib/{loader}", "--library-path", f"{inside}/lib", f"{inside}/bin/{program}", "-I", *words]


def cache_folder() -> Path:
    """The folder of `toe` in this user's cache, made where it is missing. Raises ToeError."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(base, "toe")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        hint = "name another folder by XDG_CACHE_HOME"
        raise ToeError(f"cannot make the folder '{folder}': {error.strerror}", hint=hint) from error
    return folder


def empty_folder() -> Path:
    """A folder in which nothing is. Raises ToeError."""
    folder = cache_folder() / "empty"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def capsule(cancellation: Cancellation, say: Callable[[str], object] = lambda line: None) -> Capsule:
    """The capsule of this `toe`. `say` gets a line where it is not in the cache yet: making it takes some seconds.

    Raises ToeError, and Interrupted when the run is stopped meanwhile.
    """
    from toe.bundle.identity import identity, installed_extras

    extras = installed_extras()
    made_of = identity(extras)
    folder = cache_folder() / f"capsule-{made_of[:_DIGITS]}"
    try:
        if not folder.is_dir():
            with Locks(str(folder.parent / "locks")).held(folder.name, cancellation):
                if not folder.is_dir():
                    say(f"toe: making the toe that runs in containers, once for this version: {folder}")
                    _make(folder, extras)
        os.utime(folder)
    except OSError as error:
        raise ToeError(f"cannot make '{folder}': {error.strerror}", hint="it takes some 90 MB") from error
    return Capsule(folder, made_of)


def _make(folder: Path, extras: tuple[str, ...]) -> None:
    """Make it beside, and put it in its place when it is whole."""
    from toe.bundle.tree import make_tree

    _remove_unused(folder.parent)
    new = Path(tempfile.mkdtemp(prefix="new-capsule-", dir=folder.parent))
    try:
        make_tree(new, extras)
        new.chmod(0o755)  # root of a container may be anybody here
        new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _remove_unused(cache: Path) -> None:
    """Remove the capsules of other versions that nobody uses any more, and what a killed process began."""
    for path in cache.iterdir():
        if path.name.startswith(("capsule-", "new-capsule-")):
            with suppress(OSError):
                if path.stat().st_mtime < time.time() - UNUSED_SECONDS:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
