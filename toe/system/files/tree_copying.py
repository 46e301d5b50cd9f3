"""Folders copied or moved with all that is in them: surveyed and judged first, carried out afterwards.

Links inside a tree are copied as links. Fifos, sockets and devices are refused before anything is done.
"""

from __future__ import annotations

import os
import stat

from toe.errors import ActionError, Check
from toe.records import NamedTuple
from toe.system.files.copying import (
    copy_attributes,
    copy_file,
    copy_whole,
    put_link,
    refuse_same,
    rename,
)
from toe.system.files.opening import explained, kind_of, make_folders, require_folder, shown, without_separator
from toe.system.files.trees import leads_elsewhere


class Item(NamedTuple):
    """One folder, file or link of a tree, and where it goes."""

    source: str
    destination: str
    status: os.stat_result

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.status.st_mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.status.st_mode)


def survey(source: str, destination: str, check: Check, *, overwrite: bool) -> list[Item]:
    """What copying or moving the tree would do, parents before their contents. Nothing is changed.

    Raises ActionError for all that must be refused as a whole: a destination inside the source, special files,
    a folder where a file is to go or the other way round, and, without `overwrite`, every file that exists.
    """
    require_folder(source)
    refuse_inside(source, destination)
    items = [Item(source, destination, os.stat(source))]
    for folder in items:  # grows while it is read
        if folder.is_folder:
            items.extend(_contents(folder))
            check()
    if os.path.lexists(destination):
        for item in items:
            _refuse_conflict(item, overwrite=overwrite)
            check()
    return items


def _contents(folder: Item) -> list[Item]:
    found = []
    with explained("read", folder.source), os.scandir(folder.source) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            item = Item(
                os.path.join(folder.source, entry.name),
                os.path.join(folder.destination, entry.name),
                entry.stat(follow_symlinks=False),
            )
            if item.is_folder and leads_elsewhere(item.status):
                raise ActionError(f"'{shown(item.source)}' is a junction, which cannot be copied")
            if not (item.is_folder or item.is_link or stat.S_ISREG(item.status.st_mode)):
                raise ActionError(f"'{shown(item.source)}' is {kind_of(item.status.st_mode)}, which cannot be copied")
            found.append(item)
    return found


def refuse_inside(source: str, destination: str) -> None:
    """Raise ActionError when the destination is the source or lies inside it, by whatever name."""
    origin = os.stat(source)
    place = os.path.realpath(destination)
    while True:
        if os.path.lexists(place) and os.path.samestat(os.stat(place), origin):
            raise ActionError(f"'{shown(destination)}' is '{shown(source)}' or lies inside of it")
        parent = os.path.dirname(place)
        if parent == place:
            return
        place = parent


def _refuse_conflict(item: Item, *, overwrite: bool) -> None:
    place = item.destination
    if not os.path.lexists(place):
        return
    if item.is_folder:
        if not os.path.isdir(place):
            raise ActionError(f"'{shown(place)}' exists and is not a folder, but '{shown(item.source)}' is one")
        return
    if os.path.isdir(place) and not (item.is_link and os.path.islink(place)):
        raise ActionError(f"'{shown(place)}' is a folder, but '{shown(item.source)}' is not")
    if not overwrite:
        raise ActionError(f"'{shown(place)}' already exists, and 'overwrite' is false")
    if not (item.is_link and os.path.islink(place)):  # a link put over its own target would lead to itself
        refuse_same(item.source, place)


def copy_items(items: list[Item], check: Check, *, overwrite: bool) -> None:
    """Carry out a survey as a copy.

    New folders and files get the source's modes less umask, existing ones keep theirs.
    """
    narrow_later: list[Item] = []
    for item in items:
        check()
        with explained(f"copy '{shown(item.source)}' to", item.destination):
            if item.is_folder:
                if _make_folder(item) and not _open_to_us(item):
                    narrow_later.append(item)
            elif item.is_link:
                put_link(os.readlink(item.source), item.destination, replace=overwrite)
            else:
                copy_file(item.source, item.destination, check, overwrite=overwrite)
    for item in reversed(narrow_later):
        lacking = 0o700 & ~item.status.st_mode
        with explained("change the mode of", item.destination):
            os.chmod(item.destination, stat.S_IMODE(os.stat(item.destination).st_mode) & ~lacking)


def _make_folder(item: Item) -> bool:
    """Make an item's folder, writable for us until its contents are there; false when it exists."""
    if os.path.isdir(item.destination):
        return False
    make_folders(os.path.dirname(without_separator(item.destination)))
    os.mkdir(item.destination, (item.status.st_mode & 0o777) | 0o700)
    return True


def _open_to_us(item: Item) -> bool:
    return item.status.st_mode & 0o700 == 0o700


def refuse_move(source: str, destination: str, check: Check, *, overwrite: bool) -> None:
    """Raise ActionError when `move_tree` would refuse this move; nothing is changed."""
    with explained(f"move '{shown(source)}' to", destination):
        if os.path.islink(source):
            if os.path.lexists(destination):
                raise ActionError(f"'{shown(destination)}' already exists, and '{shown(source)}' is a symbolic link")
            return
        require_folder(source)
        if os.path.lexists(destination):
            survey(source, destination, check, overwrite=overwrite)
        else:
            refuse_inside(source, destination)


def move_tree(source: str, destination: str, check: Check, *, overwrite: bool) -> None:
    """Move a folder that `refuse_move` let pass; into one that exists, its contents are merged. A link stays a link.

    Across file systems everything is copied with owners, modes, times and attributes before anything is deleted, and
    only what was copied is deleted.
    """
    with explained(f"move '{shown(source)}' to", destination):
        if not os.path.lexists(destination) and rename(source, destination):
            return
        if os.path.islink(source):
            copy_whole(source, destination, check)
            os.unlink(source)
            return
        items = survey(source, destination, check, overwrite=overwrite)
    _move_items(items, check)


def _move_items(items: list[Item], check: Check) -> None:
    made: list[Item] = []
    copied: list[Item] = []
    for item in items:
        check()
        with explained(f"move '{shown(item.source)}' to", item.destination):
            if item.is_folder:
                if _make_folder(item):
                    made.append(item)
            elif not rename(item.source, item.destination):
                copy_whole(item.source, item.destination, check)
                copied.append(item)
    for item in reversed(made):
        with explained("give its attributes to", item.destination):
            copy_attributes(item.source, item.status, item.destination)
    _delete_moved(items, copied)


def _delete_moved(items: list[Item], copied: list[Item]) -> None:
    for item in copied:
        with explained("delete", item.source):
            os.unlink(item.source)
    for item in reversed(items):
        if item.is_folder:
            with explained("delete", item.source):
                os.rmdir(item.source)
