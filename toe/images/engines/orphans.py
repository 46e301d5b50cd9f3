"""Commands of engines that go on though the `toe` that began them was killed.

What they make would be found by nobody if it came behind the clean-up of the next command. So that waits for them.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from select import select

from toe.images.engines.owners import is_left_over, new_name

#: The variable by which a command says whose it is.
_MARK = "_TOE_OWNER"
_PROGRAMS = ("buildah", "podman", "docker", "skopeo")
#: Those of machines: what they write lies in folders that go with the killed process.
_TOOLS = ("qemu-img", "mke2fs", "debugfs", "e2fsck", "tar")
#: These may take long, and leave nothing when they get SIGTERM. A copy of skopeo may leave an image without a name.
_LONG = ("build", "pull", "push")
_PATIENCE_SECONDS = 60


def marked(environment: Mapping[str, str] | None) -> dict[str, str]:
    """The environment of a command, this process's for None, with the mark of who begins it."""
    return {**(os.environ if environment is None else environment), _MARK: new_name()}


def await_orphans() -> None:
    """Wait for the end of commands whose `toe` is gone, and have those that may take long end at once."""
    for pid, words in _orphans():
        with suppress(OSError, AttributeError):  # it has ended, or this system is an old one
            end = getattr(os, "pidfd_open")(pid)  # noqa: B009 (Linux alone has it)
            try:
                if os.path.basename(words[0]) in _TOOLS or (words[1:2] and words[1] in _LONG):
                    os.kill(pid, signal.SIGTERM)
                if not select([end], [], [], _PATIENCE_SECONDS)[0]:
                    os.kill(pid, signal.SIGTERM)
                    select([end], [], [], _PATIENCE_SECONDS)
            finally:
                os.close(end)


def _orphans() -> Iterator[tuple[int, list[str]]]:
    """Their process ids and command lines."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is somebody else's
            words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
            if os.path.basename(words[0]) in (*_PROGRAMS, *_TOOLS) and is_left_over(_owner(folder / "environ")):
                yield int(folder.name), words


def _owner(environ: Path) -> str:
    variables = environ.read_bytes().decode("utf-8", "replace").split("\0")
    return next((text.partition("=")[2] for text in variables if text.startswith(f"{_MARK}=")), "")
