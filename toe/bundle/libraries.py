"""The C libraries of a process: what its program and its extension modules load, and the loader that does it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from toe.errors import ToeError
from toe.records import NamedTuple

_FOUND = re.compile(r"\s*(\S+) => (/.*) \(0x[0-9a-f]+\)")
_LOADER = re.compile(r"\s*(/\S+) \(0x[0-9a-f]+\)")
_MISSING = re.compile(r"\s*(\S+) => not found")


class Libraries(NamedTuple):
    """The files of libraries by the names under which they are loaded, and the loader (`ld-linux`, `ld-musl`)."""

    by_name: dict[str, Path]
    loader: Path


def is_elf(path: Path) -> bool:
    """Whether a file is a program or a library of Linux."""
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def libraries_of(program: Path, modules: Iterable[Path], within: Iterable[Path] = ()) -> Libraries:
    """What `program` and `modules` (files of ELF) load, asked of the loader itself by `ldd`.

    Libraries below a folder of `within` are left out: they lie beside their modules and are found there. Raises
    ToeError where there is no `ldd`, and where a library is missing.
    """
    by_name: dict[str, Path] = {}
    loader = None
    for file in (program, *modules):
        for line in _asked("ldd", str(file)).splitlines():
            missing, found, loading = _MISSING.match(line), _FOUND.match(line), _LOADER.match(line)
            if missing is not None:
                raise ToeError(f"'{file}' needs the library '{missing[1]}', which is not installed")
            if found is not None:
                path = Path(found[2])
                if not any(path.is_relative_to(folder) for folder in within):
                    by_name.setdefault(found[1], path)
            elif loading is not None and file == program:
                loader = Path(loading[1])
    if loader is None:
        raise ToeError(f"'{program}' is linked statically", hint="take a Python that loads its C library")
    return Libraries(by_name, loader)


def _asked(*argv: str) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ToeError(f"the program '{argv[0]}' is not installed", hint="it comes with the C library") from error
    return done.stdout
