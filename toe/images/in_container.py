"""Documents run in a container: with a `toe` of its own, which is mounted, and nothing else from this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from toe.images.capsule import Capsule
from toe.images.engines.base import Container, Engine, Kept, Mount, Output
from toe.images.engines.orphans import await_orphans
from toe.images.engines.work_folders import remove_left_folders
from toe.images.guest import Folders, make_folders
from toe.system.cancellation import Cancellation

#: The program that runs in there; it is of the command line, so it is named and not imported.
PROGRAM = "toe.cli.guest"


class ContainerGuest:
    """A container as a guest: `toe.images.guest.run_in` runs documents in it. `container` has the file system."""

    what = "container"

    def __init__(self, container: Container, folders: Folders, argv: Sequence[str]) -> None:
        self.container = container
        self.folders = folders
        self.is_kept = False
        self._argv = argv

    @property
    def is_new(self) -> bool:
        """Whether our program has not begun in it."""
        return not (self.folders.results / "begun").exists()

    def boot(self, cancellation: Cancellation, output: Output) -> int:
        """See `Guest.boot`."""
        return self.container.run(self._argv, cancellation=cancellation, output=output)

    def keep(self) -> Kept:
        """Have the container entered, also when this process is gone. Raises ToeError."""
        return self.container.keep()


@contextmanager
def container_guest(
    engine: Engine, image: str, capsule: Capsule, logs: Path, *, mounts: Sequence[Mount] = (), platform: str = ""
) -> Iterator[ContainerGuest]:
    """A container of a local image, removed at the end of the block unless it `is_kept`; `logs` gets the log files.

    `mounts` are further folders. Raises ToeError.
    """
    folders = make_folders(logs)
    inside = engine.inside
    own = (
        Mount(capsule.folder, f"{inside}/capsule"),
        Mount(folders.request, f"{inside}/in"),
        Mount(folders.results, f"{inside}/out", writable=True),
        Mount(logs.absolute(), f"{inside}/logs", writable=True),
    )
    try:
        container = engine.open(image, (*own, *mounts), platform=platform)
        guest = ContainerGuest(container, folders, capsule.command(f"{inside}/capsule", "-m", PROGRAM, inside))
        try:
            yield guest
        finally:
            if not guest.is_kept:
                container.discard()
    finally:
        shutil.rmtree(folders.base, ignore_errors=True)


def clean(engine: Engine) -> None:
    """Remove containers and folders that processes of `toe` that are gone have left. Raises ToeError."""
    await_orphans()
    engine.clean()
    remove_left_folders()
