"""Damaged documents: whatever the bytes are, `validate` ends soon and without an exception, and `run` agrees."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest

from tests.check.form_agreement import assert_agreement
from toe.actions import ActionTable
from toe.check.check import CheckOptions, check_all
from toe.check.explanations import EXPLANATIONS, whole_document
from toe.check.formats import FORMATS, Report
from toe.codes import CODES, NESTED_UNREADABLE, REQUIRED_PARAMETER
from toe.document.source import is_remote
from toe.errors import DocumentError, Problem, Severity
from toe.secrets.masker import Secrets
from toe.session.order import Order, Request
from toe.session.prepare import prepare
from toe.system.host import platform_name

REPOSITORY = Path(__file__).resolve().parents[2]
PIECES = (
    "{{ ", " }}", "{{ Name }}", "{{ build.One.outputs.stdout }}", "&a ", "*a", "!!str ", "!x ", "\t", "- ", ": ",
    "'", '"', "|\n", ">-\n", "{", "}", "[", "]", ",", "#", "# toe: ignore[TOE501]", "%TAG ! a\n", "---\n", "...\n",
    "? ", "<<: ", "\r", "\x85", "\u2028", "\ufeff", "\0", "\x1b[2J", "\ud7ff", "é", "日本", "\U0001f600", "~", "null",
    "yes", "0777", "-1", "1e999", "99999999999999999999", "\\", "\\x", "then: Skip\n", "curl x | bash\n", "<<EOF\n",
    "$(", "`", "sudo ", "set -e\n", "action: ExecuteBash\n", "if: {not: ", "and: [",
)  # fmt: skip
MOST_PROCESSOR_SECONDS = 5
ACTIONS = ActionTable()


def seeds() -> list[str]:
    examples = [path.read_text() for path in sorted((REPOSITORY / "examples").rglob("*.yml"))]
    explained = [whole_document(text) for found in EXPLANATIONS.values() for text in (found.wrong, found.right)]
    return [*(text for text in explained if len(text) < 5000), *examples * 4]


SEEDS = seeds()


def damaged(number: int) -> bytes:
    """Document `number`: a good or a wrong one with some damage; the same for the same number."""
    chance = random.Random(number)
    text = chance.choice(SEEDS)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        text = _damage(text, chance)
    data = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.1 and data:
        at = chance.randrange(len(data))
        data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
    return data.decode("utf-8", "replace").encode("utf-16") if chance.random() < 0.03 else data


def _damage(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    line, at, end = chance.randrange(len(lines)), chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)
    kind = chance.randrange(8)
    if kind == 0:
        return text[:at] + chance.choice(PIECES) + text[at:]
    if kind == 1:
        return text[: min(at, end)] + text[max(at, end) :] if chance.random() < 0.2 else text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + text[at : at + 40] * chance.choice((2, 3, 200)) + text[at:]
    if kind == 3:
        other = chance.choice(SEEDS)
        return text[:at] + other[chance.randrange(len(other) + 1) :][: chance.choice((5, 50, 5000))] + text[at:]
    if kind == 4:
        lines[line] = " " * chance.randrange(9) + lines[line].lstrip()
    elif kind == 5:
        lines.insert(chance.randrange(len(lines)), lines[line])
    elif kind == 6:
        del lines[line]
    else:
        key, colon, _ = lines[line].partition(":")
        lines[line] = f"{key}{colon} {chance.choice(PIECES)}{chance.choice(PIECES)}"
    return "\n".join(lines)


def judge(number: int) -> None:
    """Validate one damaged document in every form, and load it as `run` does."""
    data = damaged(number)
    started = time.process_time()
    options = CheckOptions(lint=True, profile="imagebuilder")
    _, problems = check_all(data, "doc.yml", options, ACTIONS)
    report = Report(("doc.yml",), tuple(problems))
    for render in FORMATS.values():
        render(report).encode()
    lines = len(
        re.split("\r\n|[\n\r\x85\u2028\u2029]", data.decode("utf-16" if data[:1] == b"\xff" else "utf-8", "replace"))
    )
    for problem in problems:
        assert problem.message
        assert problem.code in CODES
        assert 0 < problem.line <= lines
        assert problem.column > 0
    assert time.process_time() - started < MOST_PROCESSOR_SECONDS
    agree(data)


def agree(data: bytes) -> None:
    """What `validate` accepts `run` does not refuse for its form; what `run` refuses `validate` explains."""
    Path("doc.yml").write_bytes(data)
    options = CheckOptions(platforms=(platform_name(),))
    explained = {problem for problem in check_all(data, "doc.yml", options, ACTIONS)[1] if is_error(problem)}
    refused: set[Problem] = set()
    try:
        prepare(Order((Request("doc.yml"),)), Secrets())
    except DocumentError as error:
        # Only a run misses the value of a parameter, or a document at an address that nobody answers at.
        refused = {problem for problem in error.problems if problem.code != REQUIRED_PARAMETER and not is_far(problem)}
    assert bool(explained) == bool(refused)


def is_far(problem: Problem) -> bool:
    return problem.code == NESTED_UNREADABLE and is_remote(problem.message)


def is_error(problem: Problem) -> bool:
    return problem.severity is Severity.ERROR


@pytest.fixture(autouse=True)
def _without_shellcheck(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process for each document would take all the time; its own faults are bounded by a timeout."""
    monkeypatch.setenv("PATH", "/nowhere")


@pytest.mark.parametrize("block", range(2))
def test_a_damaged_document_is_judged(block: int) -> None:
    for number in range(block * 500, block * 500 + 500):
        try:
            judge(number)
            if number % 20 == 0:
                # jsonschema takes too long for each.
                assert_agreement(damaged(number))
        except BaseException as error:
            error.add_note(f"document {number}") if hasattr(error, "add_note") else print("document", number)
            raise


@pytest.mark.slow
@pytest.mark.parametrize("block", range(2, 800))
def test_many_damaged_documents_are_judged(block: int) -> None:
    test_a_damaged_document_is_judged(block)
