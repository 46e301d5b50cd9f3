"""The folder that a bundle unpacks: Python, its standard library, `toe`, what it needs, and their C libraries.

    bin/python3.11    the interpreter            bin/python    starts it by its own loader: what `sys.executable` names
    lib/*.so*         C libraries, the loader    lib/python3.11/    standard library, and all packages beside it
    complete          the last file: what lacks it was not unpacked to its end

Packages lie in the folder of the standard library because that is searched by every Python, however a distribution of
Linux changed the rest of the search.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

import toe
from toe.bundle.distributions import OWN, installed_files, needed_distributions
from toe.bundle.libraries import Libraries, is_elf, libraries_of

#: Of the standard library: what needs a screen, what only tests it, and what installs packages.
_LEFT_OUT = {"__pycache__", "site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "turtledemo"}
_LEFT_OUT |= {"ensurepip", "lib2to3", "pydoc_data", "sitecustomize.py"}
_LEFT_OUT_PREFIXES = ("config-", "_test", "_tkinter", "_ctypes_test", "xxlimited")

#: What starts in the bundle's Python as `sys.executable` must start by the bundle's loader as well.
_SITECUSTOMIZE = """import os, sys

sys.executable = os.path.join(sys.prefix, "bin", "python")
"""
_PYTHON = """#!/bin/sh
_toe_home=${{0%/bin/*}}
exec "$_toe_home/lib/{loader}" --library-path "$_toe_home/lib" "$_toe_home/bin/{python}" -I "$@"
"""


def python_name() -> str:
    """The name of the interpreter in the bundle, such as `python3.11`."""
    return f"python{sys.version_info[0]}.{sys.version_info[1]}"


def make_tree(root: Path, extras: tuple[str, ...]) -> Libraries:
    """Fill the empty folder `root`. Raises ToeError where something is missing here, and OSError."""
    program = Path(sys.executable).resolve()
    library = root / "lib" / python_name()
    (root / "bin").mkdir()
    _copy_standard_library(library)
    for distribution in needed_distributions(extras):
        _copy_distribution(distribution, library)
    _copy_own(library)
    (library / "sitecustomize.py").write_text(_SITECUSTOMIZE)
    _compile(library, root)
    libraries = libraries_of(program, [path for path in library.rglob("*.so*") if is_elf(path)], within=[root])
    for name, path in (*libraries.by_name.items(), (libraries.loader.name, libraries.loader)):
        shutil.copy(path, root / "lib" / name)
    shutil.copy(program, root / "bin" / python_name())
    start = root / "bin" / "python"
    start.write_text(_PYTHON.format(loader=libraries.loader.name, python=python_name()))
    start.chmod(0o755)
    return libraries


def _compile(library: Path, root: Path) -> None:
    """Compile all modules so that the same sources give the same bytes, wherever and whenever that is done.

    Compiled modules hold sets in an order that depends on the hash seed, and the path of their source. The times of
    unpacked files say nothing: what is compiled is not compared with its source (`unchecked-hash`). Variables of
    Python's could have it put elsewhere (PYTHONPYCACHEPREFIX) or compiled otherwise (PYTHONOPTIMIZE).
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    how = ("-q", "-s", str(root), "-p", "/", "--invalidation-mode", "unchecked-hash")
    # the standard library has files that are wrong on purpose: their compilation fails, and the exit code says so
    subprocess.run(
        [sys.executable, "-m", "compileall", *how, str(library)],
        env={**environment, "PYTHONHASHSEED": "0"},
        stdout=subprocess.DEVNULL,
        check=False,
    )


def _copy_standard_library(target: Path) -> None:
    def left_out(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if name in _LEFT_OUT or name.startswith(_LEFT_OUT_PREFIXES)}

    for kind in ("stdlib", "platstdlib"):
        shutil.copytree(sysconfig.get_path(kind), target, ignore=left_out, dirs_exist_ok=True)


def _copy_distribution(distribution: metadata.Distribution, target: Path) -> None:
    for source, name in installed_files(distribution):
        _copy(source, target / name)


def _copy_own(target: Path) -> None:
    """`toe` itself from where it runs, which may be a checkout, and what its installation says of it."""
    package = Path(toe.__file__).parent
    shutil.copytree(package, target / "toe", ignore=shutil.ignore_patterns("__pycache__"))
    for source, name in installed_files(metadata.distribution(OWN)):
        if ".dist-info/" in name and not name.endswith("direct_url.json"):
            _copy(source, target / name)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
