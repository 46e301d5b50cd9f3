"""Which image is meant: one that was built, or the file of a disk."""

from __future__ import annotations

import os

from toe.errors import ActionError, ToeError
from toe.images.distribution.disks import require_alone
from toe.images.distribution.model import Source, source_of
from toe.images.keeping.find import find_entry
from toe.images.keeping.inventory import inventory_of
from toe.images.model import IMAGE
from toe.images.records import ImageRecord
from toe.images.store import Store
from toe.system.cancellation import Cancellation
from toe.system.files.checksums import file_hash


def chosen_source(word: str, store: Store, cancellation: Cancellation) -> tuple[Source, ImageRecord | None]:
    """The disk in a file of this name, else the image that `find_entry` gives, with its record. Raises ToeError."""
    if os.path.isfile(word):
        return disk_source(word, cancellation), None
    record = find_entry(word, inventory_of(store).entries()).newest
    return source_of(record), record


def disk_source(path: str, cancellation: Cancellation) -> Source:
    """A disk that no record tells of: its name is that of the file, its build its content. Raises ToeError."""
    require_alone(path)
    try:
        digest = file_hash(path, "SHA256", cancellation.check)
        made_at = os.stat(path).st_mtime
    except (OSError, ActionError) as error:
        raise ToeError(f"cannot read '{path}': {error}") from error
    name = os.path.splitext(os.path.basename(path))[0]
    return Source(f"disk-{digest[:32]}", name, "", IMAGE, made_at, disk=os.path.abspath(path))
