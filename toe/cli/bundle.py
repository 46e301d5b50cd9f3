"""`toe bundle`: one file that runs without Python."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from typing import Any

from toe.bundle.pack import bundle as bundled
from toe.cli.command import split_names
from toe.cli.terminal import printed, say_line
from toe.errors import ToeError
from toe.system.files.opening import write_all
from toe.system.files.staging import StagedFile
from toe.system.host import platform_name
from toe.version import __version__


def bundle(options: Mapping[str, Any]) -> int:
    """Write the file and print its path. Raises ToeError where something is missing here or it cannot be written."""
    if options["paths"]:
        raise ToeError("'toe bundle' takes no arguments", hint="toe bundle --output FILE")
    if platform_name() != "linux":
        raise ToeError("'toe bundle' makes files for Linux, on Linux", hint="run it on Linux of the same processor")
    path = options["output"] or f"toe-{__version__}-linux-{platform.machine()}"
    try:
        with StagedFile(path, 0o755) as file:  # first, so that a file that cannot be is said at once
            data = bundled(tuple(split_names(options["with"])))
            write_all(file.descriptor, data)
            file.place()
    except OSError as error:
        raise ToeError(f"cannot write '{path}': {error.strerror}") from error
    say_line(
        f"{len(data) / 1e6:.0f} MB; it runs on any Linux on {platform.machine()}, without Python: {_shown(path)} run"
    )
    return printed(path + "\n")


def _shown(path: str) -> str:
    return path if os.sep in path else os.path.join(".", path)
