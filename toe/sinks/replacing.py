"""A file put in another's place while others may read that."""

from __future__ import annotations

import os
import time

# Windows replaces no file that somebody has open: how long a reader is waited for, and Windows' numbers for it.
_PATIENCE_SECONDS, _SLICE_SECONDS = 1.0, 0.01
_IN_USE = (5, 32)


def is_in_use(error: OSError) -> bool:
    """Whether Windows refused because somebody has the file open: later it may go."""
    return getattr(error, "winerror", None) in _IN_USE


def replace_patiently(source: str, destination: str) -> None:
    """`os.replace`, which on Windows waits up to a second for readers to close the file. Raises OSError."""
    limit = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            os.replace(source, destination)
        except PermissionError as error:
            if not is_in_use(error) or time.monotonic() >= limit:
                raise
            time.sleep(_SLICE_SECONDS)
        else:
            return
