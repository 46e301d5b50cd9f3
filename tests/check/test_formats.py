from __future__ import annotations

import json
import subprocess
import sys

import pytest

from toe.check.formats import FORMATS, Report
from toe.errors import Problem, Severity
from toe.sinks.safe_text import lines, one_line

ERROR = Problem("TOE204", Severity.ERROR, "unknown action 'Bsh'", "toe actions", "a.yml", 3, 9, 3, 12, "action: Bsh")
WARNING = Problem("TOE216", Severity.WARNING, "write 'and'", "", "b.yml", 5, 1, 5, 4, "AND:")
INFO = Problem("TOE307", Severity.INFO, "stays as it is", "", "b.yml", 6, 1, 7, 4, "'{{ .x }}'")
GONE = ("c.yml", "c.yml: cannot read the document: No such file or directory")


def test_report_fails_on_errors_and_on_warnings_only_when_strict() -> None:
    assert Report(("a.yml",), (ERROR,)).failed
    assert not Report(("b.yml",), (WARNING, INFO)).failed
    assert Report(("b.yml",), (WARNING, INFO), strict=True).failing == (WARNING,)
    assert not Report(("b.yml",), (INFO,), strict=True).failed


def test_report_with_an_unreadable_document_failed() -> None:
    report = Report((), (), unreadable=(GONE, ("d.yml", "is odd")))
    assert report.failed
    assert report.reasons == (
        ("c.yml", "cannot read the document: No such file or directory"),
        ("d.yml", "is odd"),
    )


def test_json_of_valid_documents_has_the_keys_and_the_message_of_awstoe_first() -> None:
    text = FORMATS["json"](Report(("a.yml", "b.yml"), ()))
    expected = (
        '{"validationStatus": "success", "message": "Document(s) [a.yml, b.yml] is/are valid.", "problems": []}\n'
    )
    assert text == expected


def test_json_of_invalid_documents_names_the_first_error_and_lists_all_problems() -> None:
    text = FORMATS["json"](Report(("a.yml", "b.yml"), (WARNING, INFO, ERROR)))
    assert text.count("\n") == 1
    found = json.loads(text)
    assert found["validationStatus"] == "failed"
    assert found["message"] == "a.yml:3:9: unknown action 'Bsh'"
    assert [problem["code"] for problem in found["problems"]] == ["TOE216", "TOE307", "TOE204"]
    assert found["problems"][2] == {
        "code": "TOE204",
        "severity": "error",
        "message": "unknown action 'Bsh'",
        "hint": "toe actions",
        "file": "a.yml",
        "line": 3,
        "column": 9,
        "endLine": 3,
        "endColumn": 12,
    }


def test_json_of_warnings_is_a_failure_only_when_strict() -> None:
    assert json.loads(FORMATS["json"](Report(("b.yml",), (WARNING,))))["validationStatus"] == "success"
    found = json.loads(FORMATS["json"](Report(("b.yml",), (WARNING,), strict=True)))
    assert (found["validationStatus"], found["message"]) == ("failed", "b.yml:5:1: write 'and'")


def test_json_keeps_documents_that_could_not_be_read_beside_the_problems() -> None:
    found = json.loads(FORMATS["json"](Report(("a.yml",), (ERROR,), unreadable=(GONE,))))
    assert found["validationStatus"] == "failed"
    assert found["message"] == GONE[1]
    assert found["unreadable"] == [{"file": "c.yml", "message": "cannot read the document: No such file or directory"}]
    assert len(found["problems"]) == 1


def test_json_keeps_readable_text_and_escapes_what_steers_a_terminal() -> None:
    problem = ERROR._replace(message="größer \x1b[2J \x9b2J \x7f \u202e \u2028")
    text = FORMATS["json"](Report(("a.yml",), (problem,)))
    assert "größer" in text
    assert text[:-1].isprintable()
    assert json.loads(text)["problems"][0]["message"] == problem.message


def test_text_shows_every_problem_and_sums_up() -> None:
    text = FORMATS["text"](Report(("a.yml", "b.yml"), (ERROR, WARNING, INFO), unreadable=(GONE,)))
    shown = text.splitlines()
    assert shown[:4] == [
        "a.yml:3:9: error[TOE204]: unknown action 'Bsh'",
        "  action: Bsh",
        "          ^^^",
        "  hint: toe actions",
    ]
    assert shown[-2:] == [
        "c.yml: error: cannot read the document: No such file or directory",
        "3 documents: 1 unreadable, 1 error, 1 warning, 1 info",
    ]


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (Report(("a.yml",), ()), "1 document: no problems"),
        (Report((), ()), "0 documents: no problems"),
        (Report(("a", "b", "c"), (ERROR, ERROR, WARNING)), "3 documents: 2 errors, 1 warning"),
        (Report(("c.yml",), (), unreadable=(GONE,)), "1 document: 1 unreadable"),
    ],
)
def test_text_summary_counts_in_words(report: Report, line: str) -> None:
    assert FORMATS["text"](report).splitlines()[-1] == line


def test_one_line_replaces_what_is_not_shown_and_spells_out_surrogates() -> None:
    assert one_line("plain") == "plain"
    assert one_line("é ✓ 𝄞") == "é ✓ 𝄞"
    assert one_line("a\tb\nc\x1b[0m\x9b\u202e\ufffe") == "a b?c?[0m???"
    assert one_line("caf\udce9") == "caf\\udce9"
    assert lines("a\nb\rc") == "a\nb?c"


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("text", {"toe.check.formats.people_text"}),
        ("json", set()),
        ("github", set()),
        ("sarif", {"hashlib", "toe.check.explanations"}),
        ("junit", {"xml.etree.ElementTree", "toe.check.formats.people_text"}),
    ],
)
def test_a_format_imports_only_what_it_needs(name: str, needed: set[str]) -> None:
    code = (
        "import sys\n"
        "from toe.check.formats import FORMATS, Report\n"
        "FORMATS[sys.argv[1]](Report(('a.yml',), ()))\n"
        "heavy = {'xml.etree.ElementTree', 'hashlib', 'urllib.parse', 'jsonschema'}\n"
        "heavy |= {'toe.check.explanations', 'toe.check.formats.people_text'}\n"
        "print(*sorted(heavy & set(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) == needed
