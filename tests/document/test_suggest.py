from __future__ import annotations

import pytest

from toe.document.suggest import did_you_mean, suggest

ACTIONS = ("CreateFile", "CreateFolder", "ExecuteBash", "ExecuteBinary")


@pytest.mark.parametrize(
    ("word", "nearest"),
    [
        ("CreatFolder", "CreateFolder"),
        ("createfile", "CreateFile"),
        ("ExecuteBsh", "ExecuteBash"),
        ("Reboot", None),
        ("", None),
        ("CreateFile" * 100, None),
    ],
)
def test_suggest_gives_the_nearest_word(word: str, nearest: str | None) -> None:
    assert suggest(word, ACTIONS) == nearest


def test_did_you_mean_is_put_after_a_message() -> None:
    assert did_you_mean("CreatFile", ACTIONS) == " (did you mean 'CreateFile'?)"
    assert did_you_mean("x", ACTIONS) == ""
