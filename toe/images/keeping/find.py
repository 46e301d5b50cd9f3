"""Which image people mean: by name, by recipe and version, by the beginning of its id, by its build."""

from __future__ import annotations

import os
from collections.abc import Sequence

from toe.document.suggest import did_you_mean
from toe.errors import ToeError
from toe.images.keeping.catalog import Entry

#: So many digits of an id are enough, as with the engines.
_FEWEST_DIGITS = 4


def find_entry(word: str, there: Sequence[Entry]) -> Entry:
    """The one image that is meant. Raises ToeError for none, and for several."""
    found = [entry for entry in there if _means(word, entry)]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(f"{entry.name}/{entry.version}" for entry in found[:10])
        raise ToeError(f"'{word}' means {len(found)} images", hint=f"say which: {listed}")
    names = [name for entry in there for name in (*entry.names(), f"{entry.name}/{entry.version}")]
    hint = "'toe images' lists them" if there else "none was built yet: toe build RECIPE"
    raise ToeError(f"there is no image '{word}'{did_you_mean(word, names)}", hint=hint)


def _means(word: str, entry: Entry) -> bool:
    digits = word.removeprefix("sha256:")
    is_id = len(digits) >= _FEWEST_DIGITS and entry.image.removeprefix("sha256:").startswith(digits)
    semantic = entry.version.partition("/")[0]
    recipe = (entry.name, f"{entry.name}/{semantic}", f"{entry.name}/{entry.version}")
    builds = [record.build for record in entry.records]
    return bool(is_id or {word, os.path.abspath(word)} & {*entry.names()} or word in recipe or word in builds)
