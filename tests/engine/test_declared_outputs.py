"""What later steps see of a step that ended without its outputs."""

from __future__ import annotations

from toe.actions import ActionTable
from toe.engine.step import with_declared
from toe.model import Entry

DOWNLOAD, CREATE = (ActionTable().find(name) for name in ("WebDownload", "CreateFile"))


def test_what_is_complete_stays_as_it_is() -> None:
    outputs: tuple[Entry, ...] = ({"destination": "a"}, {"destination": "b"})
    assert with_declared(outputs, DOWNLOAD, 2) is outputs
    assert with_declared((), CREATE, 2) == ()
    assert with_declared((), None, 2) == ()


def test_entries_and_fields_that_are_missing_are_empty() -> None:
    assert with_declared(({"destination": "a"},), DOWNLOAD, 3) == (
        {"destination": "a"},
        {"destination": ""},
        {"destination": ""},
    )
    assert with_declared(({"more": "x"},), DOWNLOAD, 1) == ({"destination": "", "more": "x"},)
