import hashlib
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toe.document.keys import LOGICAL, OPERATORS
from toe.errors import ActionError
from toe.expressions.execution_values import ExecutionValues
from toe.expressions.operators import BINARY_EXISTS, COMPARISONS, FILE_HASHES, LOGICALS, evaluate
from toe.expressions.scope import Scope
from toe.model import Comparison, Condition, Logical, ParameterValue

TRUE = Comparison("stringIsEmpty", "")
FALSE = Comparison("stringIsEmpty", "x")
NO_VALUE = Comparison("stringIsEmpty", "{{ Unknown }}")
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))


def holds(condition: Condition, **values: ParameterValue) -> bool:
    environment = {"PATH": "/usr/bin:/bin"}
    return evaluate(condition, Scope(values, ExecutionValues("id", "linux", environment)), environment, "linux")


def compared(operator: str, operand: str, subject: str | None = None) -> bool:
    return holds(Comparison(operator, operand, subject))


def test_every_operator_of_the_language_is_evaluated() -> None:
    assert {*COMPARISONS, *FILE_HASHES, BINARY_EXISTS} == {
        name for name, operator in OPERATORS.items() if operator.group != LOGICAL
    }
    assert set(LOGICALS) == {name for name, operator in OPERATORS.items() if operator.group == LOGICAL}


@pytest.mark.parametrize(
    ("operator", "operand", "subject", "expected"),
    [
        ("stringIsEmpty", "", None, True),
        ("stringIsEmpty", " ", None, False),
        ("stringIsWhitespace", "  ", None, True),
        ("stringIsWhitespace", "\t\n", None, True),
        ("stringIsWhitespace", "", None, False),
        ("stringIsWhitespace", " x ", None, False),
        ("stringEquals", "Testing, testing...", "Testing, testing...", True),
        ("stringEquals", "ABC", "abc", True),
        ("stringEquals", "ÄÖ", "äö", True),
        ("stringEquals", "abc", " abc", False),
        ("stringEquals", "abc", "abc\n", False),
        ("stringEquals", "5", "5", True),
        ("stringEquals", "5", "5.0", False),
        ("stringLessThan", "b", "a", True),
        ("stringLessThan", "a", "0", True),
        ("stringLessThan", "B", "a", True),
        ("stringLessThan", "a", "A", False),
        ("stringLessThan", "a", "b", False),
        ("stringLessThanEquals", "A", "a", True),
        ("stringLessThanEquals", "a", "b", False),
        ("stringGreaterThan", "a", "A", False),
        ("stringGreaterThan", "a", "B", True),
        ("stringGreaterThanEquals", "A", "a", True),
        ("stringGreaterThanEquals", "b", "a", False),
        ("patternMatches", "^[a-z]+$", "ThisIsValue", True),
        ("patternMatches", "^[0-9]+$", "12a", False),
        ("patternMatches", "[0-9]", "ab1c", True),
        ("patternMatches", "", "", True),
        ("patternMatches", "^b", "a\nb", False),
        ("patternMatches", "(?m)^b", "a\nb", True),
        ("patternMatches", "a$", "a\n", False),
        ("patternMatches", "Ä", "ä", True),
        ("patternMatches", r"\pL+", "é", True),
        ("numberEquals", "1", "1.0", True),
        ("numberEquals", "10", "a10", False),
        ("numberEquals", "+1", "01", True),
        ("numberEquals", "x", "x", False),
        ("numberLessThan", "2", "1.9", True),
        ("numberLessThan", "2", "2", False),
        ("numberLessThan", "10", "9", True),
        ("numberLessThan", "1", "x", False),
        ("numberLessThanEquals", "2", "2", True),
        ("numberLessThanEquals", "2", "2.1", False),
        ("numberGreaterThan", "1", "1.1", True),
        ("numberGreaterThan", "9007199254740992", "9007199254740993", True),
        ("numberGreaterThan", "-2", "-1", True),
        ("numberGreaterThan", "1", "x", False),
        ("numberGreaterThanEquals", "1", "1", True),
        ("numberGreaterThanEquals", "1", "0.9", False),
        ("numberLessThan", "1" + "0" * 300 + "1", "1" + "0" * 300 + "0", True),
        ("binaryExists", "bash", None, True),
        ("binaryExists", "cd", None, True),
        ("binaryExists", "surely-not-there", None, False),
    ],
)
def test_evaluate_compares(operator: str, operand: str, subject: str | None, expected: bool) -> None:
    assert compared(operator, operand, subject) is expected


def test_evaluate_resolves_both_texts_once() -> None:
    assert holds(Comparison("stringEquals", "{{ A }}", "<{{ B }}>"), A="<{{ A }}>", B="{{ a }}")
    with pytest.raises(ActionError, match="Unknown"):
        holds(NO_VALUE)


def test_evaluate_tells_files_from_folders(tmp_path: Path) -> None:
    file, folder = tmp_path / "f.txt", tmp_path / "folder"
    file.write_text("x")
    folder.mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(file)
    (tmp_path / "folder-link").symlink_to(folder)
    (tmp_path / "dangling").symlink_to(tmp_path / "missing")
    files = [name for name in os.listdir(tmp_path) if compared("fileExists", str(tmp_path / name))]
    folders = [name for name in os.listdir(tmp_path) if compared("folderExists", str(tmp_path / name))]
    assert sorted(files) == ["f.txt", "link"]
    assert sorted(folders) == ["folder", "folder-link"]
    assert not compared("fileExists", "")
    assert not compared("fileExists", "a\0b")


@pytest.mark.parametrize("algorithm", ["MD5", "SHA1", "SHA256", "SHA512"])
def test_evaluate_compares_the_hash_of_a_file(algorithm: str, tmp_path: Path) -> None:
    file = tmp_path / "big"
    content = b"hello\n" * 700_000
    file.write_bytes(content)
    expected = hashlib.new(algorithm.lower(), content).hexdigest()
    operator = f"file{algorithm}Equals"
    assert compared(operator, expected, str(file))
    assert compared(operator, expected.upper(), str(file))
    assert not compared(operator, expected[:-1], str(file))
    assert not compared(operator, expected, str(tmp_path / "missing"))
    assert not compared(operator, expected, str(tmp_path))


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="a file that even root cannot read is needed")
def test_evaluate_says_that_a_file_cannot_be_read() -> None:
    with pytest.raises(ActionError, match="cannot read '/proc/self/mem': "):
        compared("fileMD5Equals", "", "/proc/self/mem")


@pytest.mark.parametrize("pattern", ["(", "(?=x)", r"(a)\1", "[", "(((a{100}){100}){100}", "ä("])
def test_evaluate_names_a_pattern_that_re2_refuses(pattern: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ActionError) as caught:
        compared("patternMatches", pattern, "x")
    assert caught.value.message.startswith(f"invalid pattern '{pattern}': ")
    assert capfd.readouterr().err == ""


def test_evaluate_matches_in_linear_time() -> None:
    assert not compared("patternMatches", "(a*)*(a*)*b$", "a" * 100_000)


def test_evaluate_matches_text_that_is_not_unicode() -> None:
    assert compared("patternMatches", "^x.y$", "x\udcffy")
    assert not compared("patternMatches", "a\ud800", "a")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Logical("and", (TRUE, TRUE)), True),
        (Logical("and", (TRUE, FALSE)), False),
        (Logical("and", (FALSE, NO_VALUE)), False),
        (Logical("or", (FALSE, TRUE)), True),
        (Logical("or", (FALSE, FALSE)), False),
        (Logical("or", (TRUE, NO_VALUE)), True),
        (Logical("not", (TRUE,)), False),
        (Logical("not", (FALSE,)), True),
        (Logical("not", (Logical("or", (FALSE, Logical("and", (TRUE, Logical("not", (TRUE,)))))),)), True),
    ],
)
def test_evaluate_stops_at_the_first_condition_that_decides(condition: Condition, expected: bool) -> None:
    assert holds(condition) is expected


@given(st.sampled_from(sorted({*COMPARISONS, *FILE_HASHES, BINARY_EXISTS})), ANY_TEXT, ANY_TEXT)
def test_evaluate_answers_or_says_why_not_for_any_text(operator: str, operand: str, subject: str) -> None:
    refused: tuple[type[Exception], ...] = (ActionError,) if operator == "patternMatches" else ()
    with suppress(*refused):
        assert holds(Comparison(operator, "{{ A }}", "{{ B }}"), A=operand, B=subject) in (True, False)


@given(st.text(), st.text())
def test_string_orders_agree_with_each_other(left: str, right: str) -> None:
    less, equal, greater = (
        compared(operator, right.replace("{", ""), left.replace("{", ""))
        for operator in ("stringLessThan", "stringEquals", "stringGreaterThan")
    )
    assert [less, equal, greater].count(True) == 1
