"""`toe test` as people and machines call it: real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from forked_toe import toe_says

TOE = [sys.executable, "-m", "toe", "test"]
STEP = "      - name: {}\n        action: ExecuteBash\n        inputs: {{commands: [{}]}}\n"


def document(name: str, /, **phases: dict[str, str]) -> str:
    """Write a document: of each phase the names of its steps and their commands."""
    text = f"name: {Path(name).stem}\nschemaVersion: 1.0\nphases:\n"
    for phase, steps in phases.items():
        text += f"  - name: {phase}\n    steps:\n" + "".join(STEP.format(*step) for step in steps.items())
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return name


def run(*arguments: str) -> tuple[int, dict[str, Any], list[str]]:
    """Exit code, summary, and the lines of stderr."""
    done = toe_says("test", *arguments)
    return done.returncode, json.loads(done.stdout), done.stderr.splitlines()


def statuses(summary: dict[str, Any]) -> dict[str, str]:
    return {
        f"{one['name']}:{step['phase']}.{step['name']}": step["status"]
        for one in summary["documents"]
        for step in one["steps"]
    }


def test_the_test_phases_of_all_documents_run_and_each_step_has_its_verdict() -> None:
    document(
        "c/one.yml",
        build={"Never": "touch built"},
        validate={"Good": "':'"},
        test={"NotHere": "exit 77", "Next": "':'"},
    )
    document("c/below/two.yml", test={"Bad": "echo no disk >&2; exit 3", "Later": "':'"})
    document("c/untested.yml", build={"Never": "touch built"})
    Path("c/other.yml").write_text("services: []\n")
    code, summary, said = run("c")
    assert code == 1
    assert statuses(summary) == {
        "two:test.Bad": "failed",
        "two:test.Later": "notRun",
        "one:validate.Good": "passed",
        "one:test.NotHere": "skipped",
        "one:test.Next": "passed",
    }
    assert [summary[word] for word in ("status", "passed", "failed", "skipped", "notRun")] == ["failed", 2, 1, 1, 1]
    bad = next(one for one in summary["documents"] if one["name"] == "two")["steps"][0]
    assert (bad["exitCode"], bad["message"], bad["line"]) == (3, "exit status 3", 6)
    assert not Path("built").exists()
    assert "    no disk" in said
    assert "    not run  test.Later (ExecuteBash): step 'Bad' before it failed" in said
    assert "toe: 1 document without a phase 'validate' or 'test': left out" in said
    assert said[-1].startswith("2 documents, 5 steps: 2 passed, 1 skipped, 1 failed, 1 not run in ")


def test_logs_are_kept_for_failures_and_where_somebody_wants_them() -> None:
    document("good.yml", test={"Good": "':'"})
    document("zbad.yml", test={"Bad": "exit 1"})
    _, summary, said = run("good.yml", "zbad.yml")
    good, bad = summary["documents"]
    assert good["logDirectory"] == ""
    kept = Path(bad["logDirectory"])
    assert (kept / "console.log").is_file()
    assert [folder.name for folder in kept.parent.iterdir()] == [kept.name]
    assert f"  Logs:      {kept}" in said
    before = sorted(os.listdir(tempfile.gettempdir()))
    assert run("good.yml")[0] == 0
    assert sorted(os.listdir(tempfile.gettempdir())) == before
    code, summary, _ = run("good.yml", "--log-directory", "logs")
    assert code == 0
    assert Path(summary["documents"][0]["logDirectory"]).parent == Path("logs").resolve()


def test_junit_has_the_cases_of_all_documents_in_one_file() -> None:
    document("a.yml", test={"Good": "echo hi", "NotHere": "exit 77"})
    document("b.yml", validate={"Bad": "exit 1"}, test={"Later": "':'"})
    run("a.yml", "b.yml", "--junit-xml", "junit.xml")
    root = ElementTree.parse("junit.xml").getroot()
    assert (root.get("name"), root.get("tests"), root.get("failures"), root.get("errors")) == (
        "toe test",
        "4",
        "1",
        "0",
    )
    assert [suite.get("name") for suite in root] == ["a: test", "b: validate", "b: test"]
    outcomes = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert outcomes == {"Good": ["system-out"], "NotHere": ["skipped"], "Bad": ["failure"], "Later": ["skipped"]}
    messages = [element.get("message") for element in root.iter("skipped")]
    assert messages == ["exit status 77", "not run: step 'Bad' before it failed"]


def test_a_step_that_took_longer_than_expected_is_a_warning_and_no_failure() -> None:
    document("a.yml", test={"Slow": "sleep 0.05"})
    Path("a.yml").write_text(Path("a.yml").read_text().replace("name: Slow", "name: Slow  # toe: expect 10ms"))
    code, summary, said = run("a.yml", "--junit-xml", "junit.xml")
    (step,) = summary["documents"][0]["steps"]
    (warning,) = step["warnings"]
    assert (code, step["status"], step["expectedSeconds"]) == (0, "passed", 0.01)
    assert warning.endswith("longer than the 0.01 s that were expected")
    assert f"    warning: {warning}" in said
    (listed,) = ElementTree.parse("junit.xml").iter("property")
    assert dict(listed.items()) == {"name": "warning", "value": warning}


def test_keyword_chooses_documents_which_run_whole_and_fail_fast_stops_after_a_failure() -> None:
    document("a.yml", test={"Disk": "exit 1", "Net": "':'"})
    document("b.yml", test={"Users": "':'"})
    code, summary, _ = run("-k", "TEST.users")
    assert (code, statuses(summary)) == (0, {"b:test.Users": "passed"})
    code, summary, said = run("--fail-fast")
    assert (code, statuses(summary)["b:test.Users"]) == (1, "notRun")
    assert "    not run  test.Users (ExecuteBash): 'a.yml' before it failed" in said


def test_each_document_gets_the_parameters_that_it_declares_and_masks_are_secrets() -> None:
    for name in ("a.yml", "b.yml"):
        document(name, test={"Say": "echo ${{ Secret }}".replace("$", "")})
        text = Path(name).read_text().replace("[echo {{ Secret }}]", "['echo {{ Secret }}; exit 1']")
        Path(name).write_text(text + "parameters:\n  - Secret: {type: string}\n")
    document("c.yml", test={"Good": "':'"})
    done = subprocess.run(
        [*TOE, "--parameters", "Secret=hunter22,More=1", "--mask", "Secret"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "hunter22" not in done.stdout + done.stderr
    assert "***" in done.stderr
    code, _, said = run("--mask", "Secrt", "--parameters", "Secret=hunter22")
    assert code == 2
    assert said[0].startswith("toe: error: 'Secrt' is to be masked, and is no parameter and no environment variable")


def test_nothing_runs_where_a_document_is_invalid_or_something_is_missing() -> None:
    document("a.yml", test={"Good": "touch ran"})
    document("b.yml", test={"Bad": "':'"})
    Path("b.yml").write_text(Path("b.yml").read_text().replace("ExecuteBash", "ExecuteBsh"))
    document("c.yml", test={"Expects": "':'"})
    for wrong in ("b.yml", "nothing-there.yml"):
        code, summary, said = run("a.yml", wrong)
        assert (code, summary["status"], summary["documents"]) == (2, "nothingRun", [])
        assert wrong in said[0]
    Path("c.yml").write_text(Path("c.yml").read_text().replace("Expects", "Expects # toe: expect soon"))
    code, summary, said = run("a.yml", "c.yml")
    assert code == 2
    assert said[0] == "toe: error: c.yml:6: 'soon' is no time that a step may be expected to take"
    assert not Path("ran").exists()


def test_nothing_to_test_has_an_exit_code_of_its_own() -> None:
    document("c/a.yml", build={"Good": "':'"})
    for arguments in (["c"], ["c", "-k", "x"], ["c/a.yml"]):
        code, summary, said = run(*arguments)
        assert (code, summary["status"]) == (5, "nothingRun")
        assert "nothing to test" in said[-1]


def test_documents_of_another_platform_are_skipped_on_a_walk_and_refused_by_name() -> None:
    document("c/windows.yml", test={"Key": "':'"})
    text = (
        Path("c/windows.yml")
        .read_text()
        .replace("ExecuteBash", "UninstallMSI")
        .replace("{commands: [':']}", "{path: a.msi}")
    )
    Path("c/windows.yml").write_text(text)
    code, summary, _ = run("c", "--junit-xml", "junit.xml")
    assert (code, statuses(summary)) == (0, {"windows:test.Key": "skipped"})
    assert "Unsupported action UninstallMSI" in summary["documents"][0]["steps"][0]["message"]
    assert "Unsupported action UninstallMSI" in Path("junit.xml").read_text()
    assert run("c/windows.yml")[0] == 2


def test_what_the_project_excludes_is_left_out_unless_it_is_named() -> None:
    document("c/a.yml", test={"Good": "':'"})
    document("c/old/b.yml", test={"Bad": "exit 1"})
    Path(".toe.toml").write_text('exclude = ["c/old"]\n')
    code, summary, _ = run("c")
    assert (code, statuses(summary)) == (0, {"a:test.Good": "passed"})
    assert run("c/old/b.yml")[0] == 1


def test_only_what_is_chosen_needs_its_parameters() -> None:
    document("a.yml", test={"Good": "':'"})
    document("b.yml", test={"Needy": "echo"})
    Path("b.yml").write_text(Path("b.yml").read_text() + "parameters:\n  - Given: {type: string}\n")
    assert run("-k", "good")[0] == 0
    assert run()[0] == 2


def test_a_run_that_does_not_come_about_after_others_is_a_failure_of_its_document() -> None:
    document("a.yml", test={"Removes": "rm b.yml"})
    document("b.yml", test={"Gone": "':'"})
    document("c.yml", test={"Good": "':'"})
    code, summary, _ = run("--junit-xml", "junit.xml")
    assert (code, summary["status"]) == (1, "failed")
    assert statuses(summary) == {"a:test.Removes": "passed", "b:test.Gone": "notRun", "c:test.Good": "passed"}
    assert summary["documents"][1]["failureMessage"].startswith("b.yml: cannot read the document")
    assert ElementTree.parse("junit.xml").getroot().get("errors") == "1"


def test_a_reboot_fails_the_step_and_a_signal_stops_the_tests() -> None:
    document("a.yml", test={"Boot": "exit 194"})
    code, summary, _ = run("a.yml")
    assert (code, statuses(summary)) == (1, {"a:test.Boot": "failed"})
    document("b.yml", test={"Wait": "echo ready; exec sleep 60", "Later": "':'"})
    document("c.yml", test={"Later": "':'"})
    command = [*TOE, "b.yml", "c.yml", "--show-output", "--log-directory", "logs"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "ready" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert statuses(json.loads(stdout)) == {"b:test.Wait": "failed", "b:test.Later": "notRun", "c:test.Later": "notRun"}
    assert "the tests were stopped" in stderr
