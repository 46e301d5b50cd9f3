"""Which image is meant: one that was built, or the file of a disk."""

from __future__ import annotations

import os
from collections.abc import Sequence

from toe.document.suggest import did_you_mean
from toe.errors import ActionError, ToeError
from toe.images.distribution.disks import require_alone
from toe.images.distribution.model import Source, source_of
from toe.images.model import IMAGE
from toe.images.records import ImageRecord
from toe.images.store import Store
from toe.system.cancellation import Cancellation
from toe.system.files.checksums import file_hash

#: So many digits of an id are enough, as with the engines.
_FEWEST_DIGITS = 4


def chosen_source(word: str, store: Store, cancellation: Cancellation) -> Source:
    """The image by a name, RECIPE[/VERSION[/BUILD]], the beginning of its id or its build; else the disk in a file.

    Of several builds of a recipe the newest. Raises ToeError for none.
    """
    if os.path.isfile(word):
        return disk_source(word, cancellation)
    record = chosen_record(word, store.images())
    return source_of(record)


def chosen_record(word: str, records: Sequence[ImageRecord]) -> ImageRecord:
    """The newest record that is meant; `records` are sorted so. Raises ToeError for none."""
    for record in records:
        if _means(word, record):
            return record
    names = [name for record in records for name in (str(record.recipe.get("name", "")), *record.tags)]
    hint = f"for example {_versioned(records[0])}" if names else "none was built yet; a disk is named by its file"
    raise ToeError(f"there is no image '{word}'{did_you_mean(word, names)}", hint=hint)


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


def _means(word: str, record: ImageRecord) -> bool:
    digits = word.removeprefix("sha256:")
    is_id = len(digits) >= _FEWEST_DIGITS and record.image.removeprefix("sha256:").startswith(digits)
    versioned = _versioned(record)
    name, _, version = versioned.partition("/")
    recipe = (name, f"{name}/{version.partition('/')[0]}", versioned)
    return is_id or word == record.build or word in record.tags or word in recipe


def _versioned(record: ImageRecord) -> str:
    return f"{record.recipe.get('name', '')}/{record.recipe.get('version', '')}"
