"""A run as JUnit's XML: a suite a phase, a case a step; phases of nested documents are suites behind their step's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, SubElement

from toe.records import NamedTuple
from toe.report.model import DocumentReport, IterationReport, PhaseReport, RunReport, StepReport
from toe.report.verdict import verdict_of
from toe.report.visible import plain
from toe.results import Status
from toe.sinks.junit_xml import junit_text, set_attributes
from toe.words import whole_second_time


class _Suite(NamedTuple):
    """`is_ignored`: a failure in it is one of a nested document whose step may fail."""

    label: str
    document: DocumentReport
    phase: PhaseReport
    is_ignored: bool


def junit_report(*runs: RunReport, command: str = "toe run") -> str:
    """The XML of one run or several. One that failed has a `failure` or an `error` in it, whatever it was that failed.

    `command` is what has written it.
    """
    root = _root(runs, command)
    seen: dict[str, int] = {}
    for run in runs:
        _add_run(root, run, command, seen)
    return _text_of(root)


def hosts_junit_report(runs: Mapping[str, RunReport], missing: Mapping[str, str], command: str) -> str:
    """The XML of the runs of many hosts; the name of each suite begins with its host's.

    `missing` says of hosts without a run why there is none; each is a suite with an error.
    """
    root = _root(tuple(runs.values()), command)
    seen: dict[str, int] = {}
    for host, run in runs.items():
        documents = tuple(document._replace(name=f"{host}: {document.label}") for document in run.documents)
        _add_run(root, run._replace(documents=documents), f"{host}: {command}", seen)
    for host, reason in missing.items():
        _add_error(root, f"{host}: {command}", "missing", reason)
    return _text_of(root)


def _root(runs: tuple[RunReport, ...], command: str) -> Element:
    starts = [run.started_at_ns for run in runs if run.started_at_ns]
    ends = [run.ended_at_ns for run in runs]
    return Element("testsuites", name=command, time=_seconds(min(starts, default=0), max(ends, default=0)))


def _add_run(root: Element, run: RunReport, command: str, seen: dict[str, int]) -> None:
    """The suites of a run; `seen` counts their names, of which none comes twice."""
    first = len(root)
    for suite in _suites(run.documents):
        name = f"{suite.label}: {suite.phase.name}"
        seen[name] = seen.get(name, 0) + 1
        _add_suite(root, f"{name} ({seen[name]})" if seen[name] > 1 else name, suite)
    told = any(
        suite.find("testcase/failure") is not None or suite.find("testcase/error") is not None for suite in root[first:]
    )
    if run.status != Status.SUCCESS.value and not told:
        _add_verdict(root, run, command)


def _text_of(root: Element) -> str:
    for element in root:
        element.set("skipped", str(len(element.findall("testcase/skipped"))))
    return junit_text(root)


def _suites(documents: tuple[DocumentReport, ...], around: str = "", is_ignored: bool = False) -> Iterator[_Suite]:
    """The phases; the label of a nested document begins with the steps that it is called by."""
    for document in documents:
        label = around + document.label
        for phase in document.phases:
            yield _Suite(label, document, phase, is_ignored)
            for step in phase.steps:
                ignored = is_ignored or step.status == Status.IGNORED_FAILURE.value
                for position, nested in enumerate(step.nested, start=1):
                    iteration = f"[{position}]" if step.loop else ""
                    yield from _suites(nested.documents, f"{label}: {phase.name} > {step.name}{iteration} > ", ignored)


def _add_suite(root: Element, name: str, suite: _Suite) -> None:
    phase = suite.phase
    element = SubElement(root, "testsuite")
    set_attributes(element, name=name, time=_seconds(phase.started_at_ns, phase.ended_at_ns))
    if phase.started_at_ns:
        element.set("timestamp", whole_second_time(phase.started_at_ns).removesuffix("Z"))
    for step in phase.steps:
        case = SubElement(element, "testcase")
        # GitLab tells test cases apart by class and name, and shows the class as the suite.
        set_attributes(case, classname=name, name=step.name, file=suite.document.path)
        if step.line:
            case.set("line", str(step.line))
        case.set("time", _seconds(step.started_at_ns, step.ended_at_ns))
        _fill(case, step, suite.is_ignored)


def _fill(case: Element, step: StepReport, is_ignored: bool) -> None:
    """The outcome of a step, and what it printed."""
    if step.warnings:
        properties = SubElement(case, "properties")
        for warning in step.warnings:
            set_attributes(SubElement(properties, "property"), name="warning", value=plain(warning))
    outputs = {"system-out": _output(step, "stdout"), "system-err": _output(step, "stderr")}
    if step.status == Status.IGNORED_FAILURE.value or (step.has_failed and is_ignored):
        outputs["system-err"] = f"failed, which the document ignores: {_message(step)}\n{outputs['system-err']}"
    elif step.has_failed:
        _add_outcome(case, "failure", step.status, "\n".join([_message(step), *step.last_lines(20)]))
    elif step.status == Status.SKIPPED.value:
        skipped = SubElement(case, "skipped")
        if step.failure_message:
            set_attributes(skipped, message=plain(step.failure_message.split("\n")[0]))
    elif step.status == Status.RUNNING.value:
        _add_outcome(case, "error", step.status, "the step has not ended")
    for tag, text in outputs.items():
        if text:
            SubElement(case, tag).text = plain(text)


def _add_outcome(case: Element, tag: str, kind: str, story: str) -> None:
    outcome = SubElement(case, tag)
    set_attributes(outcome, message=plain(story.split("\n")[0]), type=kind)
    outcome.text = plain(story)


def _message(step: StepReport) -> str:
    """Why a step failed, with the exit code where the message lacks it."""
    message = step.failure_message or "the step failed"
    has_code = step.exit_code is None or str(step.exit_code) in message
    return message if has_code else f"{message} (exit code {step.exit_code})"


def _output(step: StepReport, name: str) -> str:
    """A stream of the step, with a headline before each attempt and each iteration where there are several."""
    if not step.attempts:
        return "\n".join(stream.text for stream in step.streams if stream.name == name)
    iterations = [(attempt.number, iteration) for attempt in step.attempts for iteration in attempt.iterations]
    parts = [(number, iteration, _text(iteration, name)) for number, iteration in iterations]
    return "".join(
        f"{_headline(step, number, iteration)}\n{text}" if len(iterations) > 1 else text
        for number, iteration, text in parts
        if text
    )


def _text(iteration: IterationReport, name: str) -> str:
    parts = []
    for stream in iteration.streams:
        if stream.name == name:
            left_out = f"[{stream.left_out} bytes are in console.log alone]\n" if stream.left_out else ""
            end = "\n" if stream.text and not stream.text.endswith("\n") else ""
            parts.append(stream.text + end + left_out)
    return "".join(parts)


def _headline(step: StepReport, number: int, iteration: IterationReport) -> str:
    words = [f"attempt {number} of {step.max_attempts}"] if len(step.attempts) > 1 else []
    if iteration.position is not None:
        words.append(f"iteration {iteration.position + 1}: {iteration.value}")
    return f"--- {', '.join(words)} ---"


def _add_verdict(root: Element, run: RunReport, command: str) -> None:
    """A case for a run that did not succeed though no step failed: it was stopped, or is not over yet."""
    verdict = verdict_of(run)
    story = f"{verdict.text}\n{run.failure_message}" if run.failure_message else verdict.text
    _add_error(root, command, run.status, story)


def _add_error(root: Element, command: str, kind: str, story: str) -> None:
    """A suite with a case that has an error, for all of a run."""
    suite, case = SubElement(root, "testsuite"), Element("testcase")
    set_attributes(suite, name=command, time="0")
    set_attributes(case, classname=command, name="the run", time="0")
    suite.append(case)
    _add_outcome(case, "error", kind, story)


def _seconds(started_at_ns: int, ended_at_ns: int) -> str:
    return f"{max(0, ended_at_ns - started_at_ns) / 1e9 if started_at_ns and ended_at_ns else 0:.3f}"
