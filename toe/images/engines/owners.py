"""Whose a container is: its name says so, since labels and variables would end up in images made of it."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

_PREFIX = "toe"
_NAME = re.compile(r"toe-(?P<space>\d+)-(?P<pid>\d+)-(?P<start>\d+)-[0-9a-f]{8}")
_KEPT_PREFIX = "toe-kept"


def new_name() -> str:
    """A name that nobody has, and that says which process it belongs to."""
    return f"{_PREFIX}-{_space()}-{os.getpid()}-{_start(os.getpid())}-{secrets.token_hex(4)}"


def kept_name() -> str:
    """A name that nobody has, of what outlives its process."""
    return f"{_KEPT_PREFIX}-{secrets.token_hex(4)}"


def is_left_over(name: str) -> bool:
    """Whether this is a name of ours whose process is gone.

    Names from other process namespaces are theirs to judge: who is alive there cannot be seen from here.
    """
    found = _NAME.fullmatch(name)
    if found is None or int(found["space"]) != _space():
        return False
    return _start(int(found["pid"])) != int(found["start"])


def _space() -> int:
    """The number of this process's namespace of processes."""
    try:
        return os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        return 0


def _start(pid: int) -> int:
    """When a process was started, in ticks since the boot; -1 when there is none, or when it waits to be reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1
    return -1 if fields[0] in "ZX" else int(fields[19])
