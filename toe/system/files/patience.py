"""Deleting on Windows, which deletes no file that somebody has open: `toe status` may just be reading it."""

from __future__ import annotations

import os
import time

_PATIENCE_SECONDS, _SLICE_SECONDS = 1.0, 0.01


def unlink_patiently(path: str) -> None:
    """Delete a file; one that is open elsewhere is waited for, a second at most. Raises OSError."""
    limit = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            os.unlink(path)
        except PermissionError:
            if time.monotonic() >= limit:
                raise
            time.sleep(_SLICE_SECONDS)
        else:
            return
