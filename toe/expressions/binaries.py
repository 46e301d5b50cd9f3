"""Whether a command exists, as the shell finds it (`type name`; on Windows `where name`). Starts no process."""

from __future__ import annotations

import os
from collections.abc import Mapping

from toe.environment import variable

#: What bash finds without looking at PATH.
BUILTINS = (
    " . : [ alias bg bind break builtin caller cd command compgen complete compopt continue declare dirs disown echo"
    " enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf"
    " pushd pwd read readarray readonly return set shift shopt source suspend test times trap true type typeset ulimit"
    " umask unalias unset wait "
)
KEYWORDS = " if then else elif fi case esac for select while until do done in function time { } ! [[ ]] coproc "
#: Where a shell looks when PATH is not set at all.
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DEFAULT_EXTENSIONS = ".COM;.EXE;.BAT;.CMD"


def binary_exists(name: str, environment: Mapping[str, str], platform: str) -> bool:
    """Whether `name` is a program on PATH, a bash builtin or keyword, or, with a slash, the path of a program.

    A file that may not be executed is no program, although bash's own `type` shows one that stands on PATH.
    """
    if not name:
        return False
    if platform == "windows":
        return _found_by_where(name, environment)
    if "/" in name:
        return _is_program(name)
    return name in (BUILTINS + KEYWORDS).split() or _is_on_path(name, environment.get("PATH", DEFAULT_PATH))


def _is_on_path(name: str, path: str) -> bool:
    return any(_is_program(os.path.join(folder or ".", name)) for folder in path.split(":"))


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)


def _found_by_where(name: str, environment: Mapping[str, str]) -> bool:
    """`where`: the working directory and then PATH, the name as it is and with each of PATHEXT."""
    endings = ["", *(variable(environment, "PATHEXT", "windows") or DEFAULT_EXTENSIONS).split(";")]
    path = variable(environment, "PATH", "windows") or ""
    folders = ["."] + [folder for folder in path.split(";") if folder]
    return any(os.path.isfile(os.path.join(folder, name + ending)) for folder in folders for ending in endings)
