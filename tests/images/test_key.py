"""Keys of layers: what is in them, and how two of them are told apart."""

from __future__ import annotations

import pytest

from toe.errors import ToeError
from toe.images.key import Change, Key, changes, digest_of_secret
from toe.images.reproducible import image_time


def test_the_order_of_parts_plays_no_role() -> None:
    assert Key({"a": "1", "b": "2"}).digest == Key({"b": "2", "a": "1"}).digest


@pytest.mark.parametrize("parts", [{"a": "2"}, {"b": "1"}, {}, {"a": "1", "b": ""}, {'a":"1","b': ""}])
def test_each_part_counts(parts: dict[str, str]) -> None:
    assert Key(parts).digest != Key({"a": "1"}).digest


def test_what_changed_is_named() -> None:
    before, after = {"base": "1", "document": "2", "gone": "3"}, {"document": "4", "base": "1", "new": "5"}
    assert changes(before, after) == (
        Change("document", "2", "4"),
        Change("new", None, "5"),
        Change("gone", "3", None),
    )


def test_a_secret_is_compared_and_not_shown() -> None:
    digest = digest_of_secret("parameter Password", "hunter2")
    assert digest == digest_of_secret("parameter Password", "hunter2")
    assert len({digest, digest_of_secret("parameter Password", "hunter3"), digest_of_secret("env:P", "hunter2")}) == 3


@pytest.mark.parametrize(("text", "seconds"), [("", 0), ("0", 0), ("1700000000", 1700000000)])
def test_the_time_of_an_image_is_that_of_its_source(text: str, seconds: int) -> None:
    assert image_time({"SOURCE_DATE_EPOCH": text}) == seconds


@pytest.mark.parametrize("text", ["now", "-1", "1.5", "9" * 40, "²"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ToeError, match="SOURCE_DATE_EPOCH is a number of seconds"):
        image_time({"SOURCE_DATE_EPOCH": text})
