"""What a bundle is made of, as one digest: two that agree would be the same."""

from __future__ import annotations

import hashlib
import platform
import sys
from functools import cache
from pathlib import Path

import toe
from toe.bundle.distributions import needed_distributions


def installed_extras() -> tuple[str, ...]:
    """The extras of this `toe` that work inside of a bundle and whose packages are installed here."""
    from importlib.util import find_spec

    return ("aws",) if find_spec("boto3") else ()


@cache
def identity(extras: tuple[str, ...] = ()) -> str:
    """A SHA-256 in hexadecimal digits of this `toe`, its Python, its processor, and the packages that it needs.

    Of packages the version counts, of `toe` every file: it may run from a checkout. All are read once in a process.
    Raises ToeError for a missing package.
    """
    digest = hashlib.sha256(f"{sys.version} {platform.machine()} {platform.libc_ver()}\n".encode())
    for distribution in needed_distributions(extras):
        digest.update(f"{distribution.name} {distribution.version}\n".encode())
    package = Path(toe.__file__).parent
    for path in sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        data = path.read_bytes()
        digest.update(f"{path.relative_to(package)} {len(data)}\n".encode("utf-8", "surrogateescape"))
        digest.update(data)
    return digest.hexdigest()
