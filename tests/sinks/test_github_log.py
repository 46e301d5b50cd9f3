"""The log of GitHub Actions: groups, annotations, and that nothing a document says is taken for a command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sample_events import PLACE, START, failed_step, hello_world, opening, run_of, small_step

from toe import events
from toe.results import RunResult, Status, StepResult
from toe.sinks.github_log import GithubLog


def log_of(*sequence: events.Event, workspace: str = "", quiet: bool = False) -> str:
    parts: list[str] = []
    sink = GithubLog(parts.append, workspace, quiet=quiet)
    for event in sequence:
        sink.handle(event)
    sink.close()
    return "".join(parts)


def runner_reads(log: str) -> list[str]:
    """The commands that GitHub's runner takes of a log: all but what stands where they are stopped."""
    found, word = [], ""
    for line in log.splitlines():
        match = re.match(r"\s*::([^ :]+)(?: ([^:]*))?::(.*)", line)
        if word:
            word = "" if match and match[1] == word else word
        elif match and match[1] == "stop-commands":
            word = match[3]
        elif match or "##[" in line:
            found.append(line)
    assert word == ""
    return found


def ended(step: StepResult, document: str = "a.yml") -> events.StepFinished:
    return events.StepFinished(START, PLACE._replace(document=document, step=step.name), 0, step)


def test_output_is_in_a_group_and_verdicts_are_not() -> None:
    lines = re.sub(r"[0-9a-f]{32}", "WORD", log_of(*hello_world())).splitlines()
    assert lines[:8] == [
        "Document hello-world-linux.yml",
        "  Phase build",
        "::group::Output of HelloWorldStep (ExecuteBash)",
        "::stop-commands::WORD",
        "      | Hello World from the build phase.",
        "::WORD::",
        "::endgroup::",
        "    ok  HelloWorldStep (ExecuteBash) 0.00 s",
    ]
    assert len(set(re.findall("stop-commands::(.+)", log_of(*hello_world())))) == 3


def test_a_step_that_prints_nothing_has_no_group() -> None:
    assert "::" not in log_of(*opening(), *small_step(1))


def test_no_output_is_taken_for_a_command() -> None:
    harm = b"::error::x\n::endgroup::\n ::stop-commands::x\n##[error]y\r::add-mask::z\n::0::\nhalf"
    started = events.StepStarted(START, PLACE, small_step(1)[0].step, 0, ())  # type: ignore[union-attr]
    log = log_of(started, events.Output(START, PLACE, "stdout", harm), small_step(1)[1])
    assert runner_reads(log) == ["::group::Output of Step00001 (CreateFile)", "::endgroup::"]
    assert "| half" in log
    cut_off = log_of(started, events.Output(START, PLACE, "stdout", harm))
    assert cut_off.endswith("::endgroup::\n")


def test_each_failed_step_is_an_annotation_with_place_and_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub, dir").mkdir()
    (tmp_path / "sub, dir/a:b.yml").touch()
    monkeypatch.chdir(tmp_path / "sub, dir")
    step = failed_step(stderr="".join(f"{number} 100%\n" for number in range(9)))
    (line,) = runner_reads(log_of(ended(step, "a:b.yml"), workspace=str(tmp_path)))
    assert line == (
        "::error file=sub%2C dir/a%3Ab.yml,line=7,col=13,title=build.Breaks (ExecuteBash)%3A FAILED"
        "::exit status 3%0A4 100%25%0A5 100%25%0A6 100%25%0A7 100%25%0A8 100%25"
    )


@pytest.mark.parametrize("document", ["s3://bucket/a.yml", "-", "/etc/hostname", "nowhere.yml"])
def test_what_is_not_in_the_checkout_has_no_place(document: str, tmp_path: Path) -> None:
    (line,) = runner_reads(log_of(ended(failed_step(stderr=""), document), workspace=str(tmp_path)))
    assert line == "::error title=build.Breaks (ExecuteBash)%3A FAILED::exit status 3"


def test_an_ignored_failure_is_a_warning_and_what_passed_is_nothing() -> None:
    ignored = failed_step(stderr="")._replace(status=Status.IGNORED_FAILURE)
    (line,) = runner_reads(log_of(ended(ignored)))
    assert line.startswith("::warning title=")
    assert runner_reads(log_of(small_step(1)[1])) == []


def test_a_step_that_called_documents_leaves_the_failure_to_them() -> None:
    inner = failed_step("Inner", stderr="")
    outer = failed_step("Outer", stderr="")._replace(nested=(run_of(inner),))
    (line,) = runner_reads(log_of(ended(inner), ended(outer)))
    assert "Inner" in line


def test_a_hidden_step_keeps_what_it_said() -> None:
    assert "oops" not in log_of(ended(failed_step()._replace(hidden=True)))


def test_quiet_has_annotations_alone() -> None:
    sequence = [*opening(), events.Output(START, PLACE, "stdout", b"hi\n"), ended(failed_step(stderr=""))]
    assert log_of(*sequence, quiet=True).count("\n") == 1


def test_a_run_that_fails_without_a_failed_step_is_an_annotation() -> None:
    failed = events.RunFinished(START, RunResult("id", Status.FAILED, START, failure_message="logs: 50 %\nlost"))
    assert log_of(failed) == "::error title=toe%3A FAILED::logs: 50 %25%0Alost\n"
    assert runner_reads(log_of(ended(failed_step(stderr="")), failed))[1:] == []
    assert log_of(events.RunFinished(START, run_of(status=Status.SUCCESS))) == ""
