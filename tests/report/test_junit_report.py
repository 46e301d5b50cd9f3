"""JUnit's XML of real runs: a suite a phase, a case a step, whatever is printed."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from sample_runs import killed_run, one_step, rich_run, stopped_run

import toe
from toe.report.folder import read_folder
from toe.report.junit import junit_report

if TYPE_CHECKING:
    from tests.conftest import RunDocument

GOLDEN = Path(__file__).parents[1] / "sinks" / "golden_hello_world"


def xml_of(folder: str | Path) -> ElementTree.Element:
    return ElementTree.fromstring(junit_report(read_folder(str(folder))).encode())


def case_named(root: ElementTree.Element, name: str) -> ElementTree.Element:
    (case,) = root.findall(f"testsuite/testcase[@name='{name}']")
    return case


def texts(case: ElementTree.Element) -> dict[str, str]:
    return {child.tag: child.text or "" for child in case}


def test_a_folder_of_awstoe_has_a_suite_a_phase_and_a_case_a_step() -> None:
    root = xml_of(GOLDEN)
    assert dict(root.items()) == {"name": "toe run", "time": "1.000", "tests": "3", "failures": "0", "errors": "0"}
    suites = root.findall("testsuite")
    assert [suite.get("name") for suite in suites] == [f"Hello World: {name}" for name in ("build", "validate", "test")]
    assert suites[0].get("timestamp") == "2022-05-25T14:01:45"
    (case,) = suites[0]
    assert dict(case.items()) == {
        "classname": "Hello World: build",
        "name": "HelloWorldStep",
        "file": "hello-world-linux.yml",
        "time": "0.000",
    }
    assert texts(case) == {"system-out": "Hello World from the build phase."}


def test_each_kind_of_step_has_its_outcome_and_its_output(run_document: RunDocument) -> None:
    root = xml_of(rich_run(run_document))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("10", "1", "0")
    build, nested, test = root.findall("testsuite")
    assert nested.get("name") == "Outer: build > Nested[1] > Inner: build"
    assert (build.get("skipped"), build.get("failures"), test.get("failures")) == ("1", "0", "1")
    retried = case_named(root, "Retried")
    assert retried.get("line") == "7"
    assert texts(retried)["system-out"] == "--- attempt 1 of 3 ---\nout\n--- attempt 2 of 3 ---\nout\n"
    assert texts(retried)["system-err"] == "--- attempt 1 of 3 ---\nerr\n--- attempt 2 of 3 ---\nerr\n"
    looped = "--- iteration 1: one ---\nnumber one\n--- iteration 2: two ---\nnumber two\n"
    assert texts(case_named(root, "Looped")) == {"system-out": looped}
    assert texts(case_named(root, "Left")) == {"skipped": ""}
    assert texts(case_named(root, "Hidden")) == {}
    ignored = texts(case_named(root, "Ignored"))
    assert ignored == {"system-err": "failed, which the document ignores: exit status 4\nsorry\n"}
    late = case_named(root, "Late")[0]
    assert (late.tag, late.get("type"), late.get("message")) == (
        "failure",
        "timedOut",
        "the step timed out after 1 second",
    )
    assert texts(case_named(root, "Red")) == {"system-out": "red plain\n"}
    # Its step may fail, so that the run does not fail of it either.
    assert texts(case_named(root, "Mute")) == {"system-err": "failed, which the document ignores: exit status 5\n"}


def test_a_failure_has_the_message_and_the_last_lines(run_document: RunDocument) -> None:
    result = run_document(one_step("echo no disk; echo at all; exit 3"))
    failure = case_named(xml_of(result.log_url), "Only")[0]
    assert (failure.tag, failure.get("message"), failure.get("type")) == ("failure", "exit status 3", "failed")
    assert failure.text == "exit status 3\nno disk\nat all"


def test_characters_that_xml_forbids_are_shown_by_marks(run_document: RunDocument) -> None:
    script = r"printf '\001\033[31mred\033[0m\x7f\xff\xef\xbf\xbf ]]> <b>&amp; \xe2\x80\xae turned\r\n'; exit 1"
    case = case_named(xml_of(run_document(one_step(script)).log_url), "Only")
    assert texts(case)["system-out"] == "^Ared^?\ufffd[U+FFFF] ]]> <b>&amp; [U+202E] turned\n"


def test_every_byte_there_is_makes_well_formed_xml(run_document: RunDocument) -> None:
    data = bytes(range(256)) * 2 + "".join(map(chr, range(0x2000, 0x2070))).encode() + b"\xed\xa0\x80\n"
    Path("bytes").write_bytes(data)
    result = run_document(one_step("cat bytes; cat bytes >&2; exit 1"), name="b\u202ey\udcff.yml")
    assert xml_of(result.log_url).get("failures") == "1"


def test_two_runs_of_one_document_have_suites_of_their_own(tmp_path: Path) -> None:
    Path("doc.yml").write_text(one_step("echo hi"))
    root = xml_of(toe.run(["doc.yml", "doc.yml"]).log_url)
    assert [suite.get("name") for suite in root] == ["Doc: build", "Doc: build (2)"]


def test_a_run_that_has_not_ended_is_no_success() -> None:
    root = xml_of(killed_run())
    assert (root.get("failures"), root.get("errors")) == ("0", "2")
    assert case_named(root, "Waits")[0].get("message") == "the step has not ended"


def test_a_run_that_was_stopped_is_no_success() -> None:
    root = xml_of(stopped_run(signal.SIGTERM))
    assert root.findall(".//failure") + root.findall(".//error")
