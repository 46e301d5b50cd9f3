"""The files that images became: a note for each tells what was put there, so that nothing else is ever removed.

files/HEX.json    image and path, the state of the file, who has put it there, and by which name it came
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from toe.errors import ToeError
from toe.images.engines.commands import asked
from toe.images.engines.owners import is_left_over, new_name
from toe.images.machines.outputs import place
from toe.images.machines.programs import QEMU_IMG
from toe.records import NamedTuple


class Placed(NamedTuple):
    """A file that was put in its place. `state` is what it was then, None before it was whole. `staged` became it."""

    image: str
    path: str
    staged: str
    owner: str
    state: list[int] | None

    @property
    def size(self) -> int | None:
        """The bytes of the file that is there now, None where there is none."""
        with suppress(OSError):
            return os.stat(self.path).st_size
        return None

    @property
    def is_as_placed(self) -> bool:
        """Whether nobody has changed or replaced it since."""
        return self.state is not None and _state(Path(self.path)) == self.state


class PlacedFiles:
    """The notes in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, image: str, path: Path, target: str) -> None:
        """Move a file to its place, and know it there. Raises ToeError."""
        owner = new_name()
        place(path, target, lambda staged: self._write(Placed(image, target, str(staged), owner, _state(staged))))

    def all(self) -> Iterator[Placed]:
        """The files that are there, changed or not."""
        for _, placed in self._notes():
            if placed.size is not None:
                yield placed

    def remove(self, target: str) -> None:
        """Remove a file that is as it was placed. Raises ToeError for any other, and where a machine has it open."""
        placed = next((one for _, one in self._notes() if one.path == target), None)
        if placed is None or not placed.is_as_placed:
            raise ToeError(f"'{target}' is not the file that was put there: it stays", exit_code=1)
        try:
            asked(QEMU_IMG, "info", target)  # it asks for the lock that a machine holds
        except ToeError as error:
            raise ToeError(f"'{target}' is in use: {error.message}", exit_code=1) from error
        try:
            os.unlink(target)
        except OSError as error:
            raise ToeError(f"cannot remove '{target}': {error.strerror}", exit_code=1) from error
        self._path(target).unlink(missing_ok=True)

    def clean(self) -> None:
        """Remove what killed processes were copying, and notes of files that are gone."""
        for note, placed in self._notes():
            if is_left_over(placed.owner):
                staged = Path(placed.staged)
                if staged.name.startswith(".toe-") and staged.parent == Path(placed.path).parent:
                    staged.unlink(missing_ok=True)
                if placed.size is None:
                    note.unlink(missing_ok=True)

    def _notes(self) -> Iterator[tuple[Path, Placed]]:
        for path in sorted(self._folder.glob("*.json")):
            with suppress(OSError, ValueError, KeyError, TypeError):
                told = json.loads(path.read_text())
                yield path, Placed(**{name: told[name] for name in Placed._fields})

    def _write(self, placed: Placed) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = self._folder / f".toe-{os.getpid()}"
        new.write_text(json.dumps(placed._asdict()))
        new.rename(self._path(placed.path))

    def _path(self, target: str) -> Path:
        return self._folder / f"{hashlib.sha256(target.encode('utf-8', 'surrogateescape')).hexdigest()}.json"


def _state(path: Path) -> list[int] | None:
    """What tells a file from any other, and whether it was written to; a move leaves it as it is."""
    with suppress(OSError):
        status = path.stat()
        return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns]
    return None
