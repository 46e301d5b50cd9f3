"""Versions with `x`, their order, and the next one."""

from __future__ import annotations

import pytest

from toe.images.versions import LARGEST, Version, matches, newest, next_version, parse_version, version_fault

THERE = [Version(1, 2, 9, 1), Version(1, 10, 0, 1), Version(1, 10, 0, 3), Version(2, 0, 0, 1), Version(1, 10, 0, 2)]


@pytest.mark.parametrize("text", ["1.0.0", "1.x.x", "x.x.x", "1.0.x", f"{LARGEST}.0.0", "0.0.0"])
def test_these_are_versions(text: str) -> None:
    assert version_fault(text) == ""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x.2.x", "a number follows an 'x'"),
        ("1.x.8", "a number follows an 'x'"),
        ("1.0", "is no version"),
        ("1.0.0/1", "is no version"),
        ("1.0.X", "is no version"),
        ("", "is no version"),
        ("١.0.0", "is no version"),
        (f"1.{LARGEST + 1}.0", f"is larger than {LARGEST}"),
        ("1." + "9" * 5000 + ".0", f"is larger than {LARGEST}"),
    ],
)
def test_these_are_none(text: str, fault: str) -> None:
    assert fault in version_fault(text)


def test_a_component_s_own_version_has_no_x() -> None:
    assert "must be three numbers" in version_fault("1.0.x", wildcards=False)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("x.x.x", "2.0.0/1"),
        ("1.x.x", "1.10.0/3"),
        ("1.2.x", "1.2.9/1"),
        ("1.10.0", "1.10.0/3"),
        ("1.10.0/2", "1.10.0/2"),
        ("3.x.x", None),
        ("1.10.0/9", None),
    ],
)
def test_the_newest_is_taken(wanted: str, found: str | None) -> None:
    version = newest(wanted, THERE)
    assert (None if version is None else str(version)) == found


def test_a_recipe_with_x_takes_the_next_free_version() -> None:
    assert next_version("1.0.x", []) == Version(1, 0, 0, 1)
    assert next_version("1.0.x", [Version(1, 0, 0, 1), Version(1, 0, 4, 2), Version(1, 1, 0, 1)]) == (1, 0, 5, 1)
    assert next_version("1.x.x", THERE) == Version(1, 10, 1, 1)
    assert next_version("x.x.x", []) == Version(0, 0, 0, 1)


def test_build_numbers_of_one_version_rise() -> None:
    assert next_version("1.10.0", THERE) == Version(1, 10, 0, 4)
    assert next_version("9.0.0", THERE) == Version(9, 0, 0, 1)


def test_a_version_is_parsed_with_its_build() -> None:
    assert parse_version("1.2.3/4") == Version(1, 2, 3, 4)
    assert parse_version("1.2.x") is None
    assert parse_version("1.2.3/") is None
    assert str(Version(1, 2, 3)) == "1.2.3"


def test_leading_zeros_are_numbers() -> None:
    assert matches("01.2.x", Version(1, 2, 5))
