"""What a terminal is like at this moment: its size, and whether this process may move its cursor."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

_USUAL_SIZE = os.terminal_size((80, 24))


def size_of(descriptor: int) -> os.terminal_size:
    """Columns and lines now. To be asked for before each drawing: a signal that tells of a change may come too late."""
    with suppress(OSError):
        size = os.get_terminal_size(descriptor)
        if size.columns > 0 and size.lines > 0:
            return size
    return _USUAL_SIZE


def is_in_foreground(descriptor: int) -> bool:
    """Whether the terminal is ours: a shell that runs us in the background is using it itself."""
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:  # it controls no session
        return True
