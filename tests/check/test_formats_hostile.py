"""Whatever stands in a document or a file name: no format breaks, and no terminal is repainted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toe.check.formats import FORMATS, Report
from toe.errors import Problem, Severity

SCHEMA = Path(__file__).parent / "data" / "sarif-2.1.0-rtm.5.json"
CASES = settings(max_examples=30, deadline=None)

#: C0, C1, DEL and the marks that turn the direction of writing; a newline ends a line of ours.
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
#: What RFC 3986 allows in a URI reference.
URI = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+")

BITS = ["]]>", "<a>", "&amp;", "::", "::error::", "##[error]", "%0A", "%", ",", "=", "\r\n", "\n", "\t", "\x00"]
BITS += [
    "\x1b[2J",
    "\x9b2J",
    "\x7f",
    "\u202e",
    "\u2028",
    "\ud800",
    "\udcff",
    "\ufffe",
    "[x](1)",
    "{0}",
    "../",
    "\\",
    '"',
]
characters = st.characters(codec=None) | st.characters(max_codepoint=0xFF)
texts = st.lists(st.sampled_from(BITS) | st.text(characters, max_size=8), max_size=6).map("".join)
numbers = st.integers(min_value=0, max_value=12)
codes = st.sampled_from(["TOE101", "TOE204", "TOE216", "TOE307", "OTHER1"])
names = texts | st.sampled_from(["a.yml", "/srv/a.yml", "s3://bucket/key", "-"])
problems = st.builds(
    Problem, codes, st.sampled_from(Severity), texts, texts, names, numbers, numbers, numbers, numbers, texts
)
reports = st.builds(
    Report,
    st.lists(names, max_size=3).map(tuple),
    st.lists(problems, max_size=4).map(tuple),
    st.booleans(),
    st.lists(st.tuples(names, texts), max_size=2).map(tuple),
)


@cache
def validator() -> jsonschema.Draft4Validator:
    return jsonschema.Draft4Validator(json.loads(SCHEMA.read_text()))


def steering(text: str) -> list[str]:
    return STEERING.findall(text)


@CASES
@given(reports)
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_encodes_and_steers_no_terminal(name: str, report: Report) -> None:
    text = FORMATS[name](report)
    assert text.encode().decode() == text
    assert steering(text) == []
    assert text == "" or text.endswith("\n")


@CASES
@given(reports)
def test_json_parses_and_keeps_what_was_said(report: Report) -> None:
    text = FORMATS["json"](report)
    assert text.count("\n") == 1
    found = json.loads(text)
    spelt = [problem.message.encode("utf-8", "backslashreplace").decode() for problem in report.problems]
    assert [problem["message"] for problem in found["problems"]] == spelt
    assert found["validationStatus"] == ("failed" if report.failed else "success")


@CASES
@given(reports)
def test_sarif_validates_and_its_uris_are_uris(report: Report) -> None:
    log = json.loads(FORMATS["sarif"](report))
    validator().validate(log)
    run = log["runs"][0]
    assert len(run["results"]) == len(report.problems)
    placed = [*run["results"], *run["invocations"][0].get("toolExecutionNotifications", ())]
    for item in placed:
        assert URI.fullmatch(item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        assert "](" not in item["message"]["text"]
    for result in run["results"]:
        region = result["locations"][0]["physicalLocation"]["region"]
        start, end = (region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"])
        assert (1, 1) <= start < end


@CASES
@given(reports)
def test_junit_parses_and_counts_rightly(report: Report) -> None:
    suite = ElementTree.fromstring(FORMATS["junit"](report).encode())[0]
    documents = {*report.documents, *(document for document, _ in report.unreadable)}
    documents.update(problem.file for problem in report.problems)
    assert int(suite.get("tests", "")) == len(documents) == len(suite)
    assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))
    assert int(suite.get("errors", "")) == len({document for document, _ in report.unreadable})


@CASES
@given(reports)
def test_github_problems_are_one_line_each_and_read_back(report: Report) -> None:
    shown = FORMATS["github"](report).splitlines()
    assert len(shown) == len(report.unreadable) + len(report.problems)
    severities = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
    for line, problem in zip(shown[len(report.unreadable) :], report.problems, strict=True):
        command, properties, _ = read_command(line)
        assert command == severities[problem.severity]
        assert properties["title"] == problem.code
        assert properties["line"] == str(max(1, problem.line))


def read_command(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner of GitHub Actions takes it apart."""
    empty, head, data = line.split("::", 2)
    assert empty == ""
    command, listed = head.split(" ", 1)
    properties = dict(pair.split("=", 1) for pair in listed.split(","))
    return command, properties, data


@CASES
@given(reports)
def test_text_has_a_line_for_each_finding_and_a_summary(report: Report) -> None:
    shown = FORMATS["text"](report).splitlines()
    assert re.match(r"\d documents?: ", shown[-1])
    heads = [line for line in shown if re.search(r": (error|warning|info)\[(TOE\d+|OTHER1)\]: ", line)]
    assert len(heads) >= len(report.problems)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(reports)
def test_all_of_that_holds_for_many_reports(report: Report) -> None:
    for name in FORMATS:
        _inner(test_every_format_encodes_and_steers_no_terminal)(name=name, report=report)
    for test in (
        test_json_parses_and_keeps_what_was_said,
        test_sarif_validates_and_its_uris_are_uris,
        test_junit_parses_and_counts_rightly,
        test_github_problems_are_one_line_each_and_read_back,
        test_text_has_a_line_for_each_finding_and_a_summary,
    ):
        _inner(test)(report=report)


def _inner(test: Any) -> Callable[..., None]:
    """The function below hypothesis."""
    inner: Callable[..., None] = test.hypothesis.inner_test
    return inner


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_very_long_message_is_kept_whole(name: str) -> None:
    problem = Problem("TOE101", Severity.ERROR, "m" * 1_000_000, "", "a.yml", 1, 1, 1, 2, "x" * 200)
    assert "m" * 1_000_000 in FORMATS[name](Report(("a.yml",), (problem,)))
