from __future__ import annotations

from urllib.parse import unquote_to_bytes

import pytest

from toe.check.formats.places import repository_path, span_of, uri_of
from toe.errors import Problem, Severity


def _problem(line: int, column: int, end_line: int, end_column: int) -> Problem:
    return Problem("TOE101", Severity.ERROR, "m", "", "a.yml", line, column, end_line, end_column)


@pytest.mark.parametrize(
    ("place", "span"),
    [
        ((3, 5, 3, 9), (3, 5, 3, 9)),
        ((3, 5, 6, 1), (3, 5, 6, 1)),
        ((3, 5, 3, 5), (3, 5, 3, 6)),
        ((3, 5, 1, 1), (3, 5, 3, 6)),
        ((0, 0, 0, 0), (1, 1, 1, 2)),
        ((3, 5, 4, 0), (3, 5, 4, 1)),
    ],
)
def test_span_of_a_problem_is_ordered_and_not_empty(
    place: tuple[int, int, int, int], span: tuple[int, int, int, int]
) -> None:
    assert tuple(span_of(_problem(*place))) == span


@pytest.mark.parametrize(
    ("path", "separator", "expected"),
    [
        ("./a/./b.yml", "/", "a/b.yml"),
        ("components/../shared/x.yml", "/", "shared/x.yml"),
        ("../x.yml", "/", "../x.yml"),
        ("/srv//a.yml", "/", "/srv/a.yml"),
        ("a\\b.yml", "/", "a\\b.yml"),
        (".\\a\\b.yml", "\\", "a/b.yml"),
        ("\\\\?\\C:\\a.yml", "\\", "C:/a.yml"),
        ("s3://bucket//key", "/", "s3://bucket//key"),
        ("-", "/", "-"),
    ],
)
def test_repository_path_is_normal(path: str, separator: str, expected: str) -> None:
    assert repository_path(path, separator) == expected


@pytest.mark.parametrize(
    ("path", "separator", "expected"),
    [
        ("./a b/ü#%?.yml", "/", "a%20b/%C3%BC%23%25%3F.yml"),
        ("a:b.yml", "/", "a%3Ab.yml"),
        ("/srv/a b.yml", "/", "file:///srv/a%20b.yml"),
        ("//srv/a.yml", "/", "file:///srv/a.yml"),
        ("C:\\x y\\a.yml", "\\", "file:///C:/x%20y/a.yml"),
        ("c:/x/a.yml", "\\", "file:///c:/x/a.yml"),
        ("\\\\server\\share\\a.yml", "\\", "file://server/share/a.yml"),
        ("dir\\a.yml", "\\", "dir/a.yml"),
        ("dir\\a.yml", "/", "dir%5Ca.yml"),
        ("s3://bucket/key", "/", "s3%3A//bucket/key"),
        ("", "/", "."),
    ],
)
def test_uri_of_a_document(path: str, separator: str, expected: str) -> None:
    assert uri_of(path, separator) == expected


def test_uri_of_a_name_that_is_no_unicode_keeps_its_bytes() -> None:
    assert unquote_to_bytes(uri_of("caf\udce9.yml")) == b"caf\xe9.yml"
    assert uri_of("\ud800.yml") == "%5Cud800.yml"
