from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from toe.check.formats import FORMATS, Report
from toe.codes import CODES
from toe.errors import Problem, Severity
from toe.version import __version__

SCHEMA = Path(__file__).parent / "data" / "sarif-2.1.0-rtm.5.json"
#: GitHub cuts or refuses longer texts.
MOST_DESCRIPTION, MOST_NAME = 1024, 255

ERROR = Problem(
    "TOE204", Severity.ERROR, "unknown action 'Bsh'", "toe actions", "./a b.yml", 3, 9, 3, 12, "action: Bsh"
)
WARNING = Problem("TOE216", Severity.WARNING, "write 'and'", "", "b.yml", 5, 1, 5, 4, "AND:")
INFO = Problem("TOE307", Severity.INFO, "stays as it is", "", "b.yml", 6, 1, 6, 4, "x")
GONE = ("/gone/c.yml", "/gone/c.yml: cannot read the document: No such file or directory")


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft4Validator:
    return jsonschema.Draft4Validator(json.loads(SCHEMA.read_text()))


def _run(*problems: Problem, unreadable: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    log = json.loads(FORMATS["sarif"](Report(("a b.yml", "b.yml"), problems, unreadable=unreadable)))
    run: dict[str, Any] = log["runs"][0]
    return run


def _artifact(problem: Problem) -> dict[str, str]:
    location: dict[str, str] = _run(problem)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    return location


def _print(*problems: Problem) -> list[str]:
    return [result["partialFingerprints"]["problemHash/v1"] for result in _run(*problems)["results"]]


@pytest.mark.parametrize(
    "report",
    [
        Report((), ()),
        Report(("a b.yml", "b.yml"), (ERROR, WARNING, INFO, ERROR)),
        Report(("a b.yml",), (ERROR._replace(code="ELSE1", file="", line=0, end_line=0),), True, (GONE,)),
        Report(("a.yml",), tuple(ERROR._replace(code=code) for code in CODES)),
    ],
)
def test_sarif_is_valid(report: Report, validator: jsonschema.Draft4Validator) -> None:
    text = FORMATS["sarif"](report)
    assert text.count("\n") == 1
    validator.validate(json.loads(text))


def test_sarif_schema_refuses_what_is_no_sarif(validator: jsonschema.Draft4Validator) -> None:
    log = json.loads(FORMATS["sarif"](Report((), (ERROR,))))
    log["runs"][0]["results"][0]["level"] = "info"
    assert not validator.is_valid(log)


def test_sarif_driver_names_the_tool_its_version_and_only_the_rules_that_were_broken() -> None:
    run = _run(WARNING, ERROR, WARNING)
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("toe", __version__)
    assert [rule["id"] for rule in driver["rules"]] == ["TOE204", "TOE216"]
    assert [(result["ruleId"], result["ruleIndex"]) for result in run["results"]] == [
        ("TOE216", 1),
        ("TOE204", 0),
        ("TOE216", 1),
    ]


def test_sarif_rule_explains_the_code() -> None:
    (rule,) = _run(ERROR)["tool"]["driver"]["rules"]
    assert rule["name"] == "UnknownAction"
    assert rule["shortDescription"]["text"] == "Unknown action."
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["help"]["text"].startswith("TOE204 (error): unknown action\n")
    assert "    - name: One" in rule["help"]["markdown"]


def test_sarif_rules_of_all_codes_fit_code_scanning() -> None:
    rules = _run(*(ERROR._replace(code=code) for code in CODES))["tool"]["driver"]["rules"]
    assert len({rule["name"] for rule in rules}) == len(CODES)
    for rule in rules:
        assert 0 < len(rule["name"]) <= MOST_NAME
        assert 0 < len(rule["shortDescription"]["text"]) <= MOST_DESCRIPTION
        assert 0 < len(rule["fullDescription"]["text"]) <= MOST_DESCRIPTION
        assert rule["help"]["text"]


def test_sarif_result_has_level_message_and_place() -> None:
    results = _run(ERROR, WARNING, INFO)["results"]
    assert [result["level"] for result in results] == ["error", "warning", "note"]
    assert results[0]["message"] == {"text": "unknown action 'Bsh'\nhint: toe actions"}
    assert results[0]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "a%20b.yml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 3, "startColumn": 9, "endLine": 3, "endColumn": 12},
            }
        }
    ]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("/srv/a.yml", {"uri": "file:///srv/a.yml"}),
        ("../a.yml", {"uri": "../a.yml"}),
        ("..a.yml", {"uri": "..a.yml", "uriBaseId": "%SRCROOT%"}),
        ("s3://bucket/key", {"uri": "s3%3A//bucket/key"}),
    ],
)
def test_sarif_location_is_relative_to_the_checkout_only_below_it(file: str, expected: dict[str, str]) -> None:
    assert _artifact(ERROR._replace(file=file)) == expected


def test_sarif_message_has_no_links_of_the_document() -> None:
    result = _run(ERROR._replace(message="no key '[a](1)'", hint=""))["results"][0]
    assert result["message"]["text"] == "no key '[a] (1)'"


def test_sarif_fingerprint_stays_when_the_problem_moves() -> None:
    moved = ERROR._replace(line=70, end_line=70, column=11, end_column=14, source_line="    action: Bsh  ")
    assert _print(ERROR) == _print(moved)


def test_sarif_fingerprint_tells_problems_apart() -> None:
    other_line = ERROR._replace(source_line="action: Bush")
    other_code = ERROR._replace(code="TOE205")
    prints = _print(ERROR, ERROR._replace(line=8, end_line=8), other_line, other_code)
    assert len(set(prints)) == 4
    assert prints[0] == _print(ERROR)[0]


def test_sarif_invocation_succeeds_when_everything_was_read() -> None:
    assert _run(ERROR)["invocations"] == [{"executionSuccessful": True}]


def test_sarif_names_documents_that_could_not_be_read_as_notifications() -> None:
    (invocation,) = _run(unreadable=(GONE,))["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"] == [
        {
            "level": "error",
            "message": {"text": GONE[1]},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "file:///gone/c.yml"}}}],
        }
    ]
