"""Documents with expected results, run by the whole engine."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest

import toe
from toe import events
from toe.actions.base import Context, Definition
from toe.events import AttemptStarted, DocumentStarted, Event, LogLine, Output, ProcessStarted, StepFinished

Run = Callable[..., toe.RunResult]


def bash(name: str, *commands: str, **keys: Any) -> str:
    """A step in flow style."""
    extra = "".join(f", {key}: {value}" for key, value in keys.items())
    script = ", ".join(f"'{command}'" for command in commands)
    return f"{{name: {name}, action: ExecuteBash{extra}, inputs: {{commands: [{script}]}}}}"


def document(*steps: str, head: str = "") -> str:
    lines = "".join(f"      - {step}\n" for step in steps)
    return f"schemaVersion: 1.0\n{head}phases:\n  - name: build\n    steps:\n{lines}"


def steps_of(result: toe.RunResult) -> list[toe.StepResult]:
    return [step for phase in result.documents[0].phases for step in phase.steps]


def test_a_failure_message_names_phase_step_action_attempt_exit_code_and_stderr(run_document: Run) -> None:
    result = run_document(document(bash("Breaks", "echo oops >&2", "exit 3", maxAttempts=2)))
    assert result.failure_message == (
        "Document doc.yml failed! Phase 'build', step 'Breaks', action ExecuteBash, attempt 2 of 2: exit status 3\noops"
    )
    assert result.exit_code == 1


def test_a_failure_message_ends_with_the_last_lines_of_a_long_stderr(run_document: Run) -> None:
    result = run_document(document(bash("Breaks", "seq 1000000 >&2", "exit 3")))
    assert result.failure_message.endswith(": exit status 3\n999996\n999997\n999998\n999999\n1000000")
    (step,) = steps_of(result)
    assert step.failure is not None
    assert step.failure.stderr.startswith("99")


def test_a_step_that_explains_itself_on_stdout_is_quoted_from_there(run_document: Run) -> None:
    iteration = bash("Fails", "echo said {{ loop.value }}", "exit {{ loop.index }}", loop="{forEach: [a, b]}")
    (step,) = steps_of(result := run_document(document(iteration)))
    assert step.failure is not None
    assert (step.failure.stdout, step.failure.stderr) == ("said b", "")
    assert result.failure_message.endswith(": exit status 1 (failed iterations: 1)\nsaid b")


def test_stdout_is_not_quoted_beside_stderr_nor_where_logging_is_disabled(run_document: Run) -> None:
    loud = bash("Loud", "echo out", "echo err >&2", "exit 1", onFailure="Continue")
    hidden = bash("Hidden", "echo out", "exit 1", disableLogging="true")
    for step in steps_of(run_document(document(loud, hidden))):
        assert step.failure is not None
        assert step.failure.stdout == ""


def test_a_step_that_runs_out_of_time_is_quoted_too(run_document: Run) -> None:
    (step,) = steps_of(run_document(document(bash("Slow", "echo waiting for the lock", "sleep 60", timeoutSeconds=1))))
    assert step.failure is not None
    assert step.failure.said == "waiting for the lock"


def test_a_failure_message_names_every_failed_step(run_document: Run) -> None:
    steps = [
        bash("One", "exit 1", onFailure="Continue"),
        bash("Two", "exit 2", onFailure="Ignore"),
        bash("Six", "exit 6"),
    ]
    assert run_document(document(*steps)).failure_message == (
        "Document doc.yml failed! Phase 'build', step 'One', action ExecuteBash, attempt 1 of 1: exit status 1\n"
        "Also failed: phase 'build', step 'Six', action ExecuteBash, attempt 1 of 1: exit status 6"
    )


def test_declared_outputs_of_a_step_that_ended_without_them_are_empty(run_document: Run) -> None:
    ignored = "onFailure: Ignore"
    steps = [
        bash("Empty", "echo never", loop='{forEach: ["{{ None }}"]}'),
        f"{{name: Lost, action: ReadFile, {ignored}, inputs: {{path: none}}}}",
        f"{{name: Nested, action: ExecuteDocument, {ignored}, inputs: {{document: '{{{{ env:NONE }}}}.yml'}}}}",
        bash("Stop", "exit 1", onFailure="Ignore", **{"if": "{stringIsEmpty: x, then: Abort, else: Abort}"}),
    ]
    names = ("Empty.outputs.stdout", "Lost.outputs.content", "Nested.outputs.status", "Stop.outputs[0].stdout")
    steps.append(bash("Uses", "echo " + " ".join(f"[{{{{ build.{name} }}}}]" for name in names)))
    head = "parameters: [{None: {type: stringList, default: ''}}]\n"
    result = run_document(document(*steps, head=head), environment={**os.environ, "NONE": "no"})
    assert result.status is toe.Status.SUCCESS, result.failure_message
    assert steps_of(result)[-1].outputs == ({"stdout": "[] [] [] []"},)
    assert [step.outputs for step in steps_of(result)[:2]] == [(), ()]


def warnings_of(run_document: Run, text: str, **options: Any) -> list[str]:
    said: list[str] = []

    def note(event: Event) -> None:
        if isinstance(event, LogLine) and event.warning:
            said.append(event.text.removeprefix("Executor: [WARNING] "))

    assert run_document(text, on_event=note, **options).status is toe.Status.SUCCESS
    return said


def test_a_step_that_did_nothing_says_so(run_document: Run, tmp_path: Path) -> None:
    text = document(
        bash("Empty", "echo never", loop='{forEach: ["{{ None }}"]}'),
        "{name: Bare, action: ExecuteBash, inputs: {commands: []}}",
        bash("Comment", "# later", ""),
        bash("Works", "# first", "true"),
        bash("Some", "# {{ loop.value }}", loop="{forEach: [a, b]}"),
        bash("Skipped", "true", **{"if": "{stringIsEmpty: x}"}),
        head="parameters: [{None: {type: stringList, default: ''}}]\n",
    )
    text += "  - {name: test, steps: []}\n"
    assert warnings_of(run_document, text) == [
        "step Empty did nothing: its loop has 0 iterations",
        "step Bare did nothing: 'commands' is empty",
        "step Comment did nothing: 'commands' has nothing but comments",
        "step Some did nothing: 'commands' has nothing but comments",
        "phase test has no steps",
    ]
    (log,) = tmp_path.glob("TOE_*/console.log")
    assert "Z Executor: [WARNING] step Empty did nothing: its loop has 0 iterations\n" in log.read_text()


def test_a_loop_with_an_iteration_that_did_something_did_something(run_document: Run) -> None:
    step = bash("Some", "{{ loop.value }}", loop='{forEach: ["true", "# nothing"]}')
    assert warnings_of(run_document, document(step)) == []


def test_what_a_nested_document_ignored_or_does_not_know_is_said(run_document: Run, tmp_path: Path) -> None:
    (tmp_path / "inner.yml").write_text(
        document(bash("One", "exit 1", onFailure="Ignore"), bash("Two", "exit 1", onFailure="Ignore"))
    )
    given = "parameters: [{name: Nobody, value: x}]"
    text = document(f"{{name: Outer, action: ExecuteDocument, inputs: {{document: '{{{{ env:IN }}}}', {given}}}}}")
    assert warnings_of(run_document, text, environment={**os.environ, "IN": "inner.yml"}) == [
        "inner.yml does not declare the parameter 'Nobody': its value is not used",
        "2 steps of inner.yml failed, which is ignored there",
    ]


def test_a_retry_starts_with_fresh_inputs_and_stops_at_success(run_document: Run, tmp_path: Path) -> None:
    attempts: list[int] = []

    def note(event: Event) -> None:
        if isinstance(event, AttemptStarted):
            attempts.append(event.where.attempt)

    text = document(bash("Third", "echo x >> tries", "[ $(wc -l < tries) -ge 3 ]", maxAttempts=9))
    assert run_document(text, on_event=note).status is toe.Status.SUCCESS
    assert attempts == [1, 2, 3]


def test_a_timeout_covers_all_iterations_of_a_loop(run_document: Run) -> None:
    step = bash("Slow", "echo x >> rounds; sleep 0.4", timeoutSeconds=1, loop="{for: {start: 1, end: 50, updateBy: 1}}")
    (slow,) = steps_of(run_document(document(step)))
    assert slow.status is toe.Status.TIMED_OUT
    assert "the loop timed out after 1 second (" in slow.failure_message
    assert len(Path("rounds").read_text().splitlines()) <= 3


def test_outputs_of_the_successful_iterations_are_kept_when_one_fails(run_document: Run) -> None:
    step = bash("Loop", "echo {{ loop.value }}", "[ {{ loop.value }} != b ]", loop="{forEach: [a, b, c]}")
    (loop,) = steps_of(run_document(document(step)))
    assert loop.outputs == ({"stdout": "a"},)
    assert loop.failure is not None
    assert loop.failure.iteration == 1


def test_a_cancelled_run_can_be_told_from_a_failed_one(run_document: Run) -> None:
    failed = run_document(document(bash("Fails", "exit 1")))
    assert (failed.status, failed.cancelled, failed.signal) == (toe.Status.FAILED, False, None)
    stop = toe.Cancellation()

    def stop_at_output(event: Event) -> None:
        if isinstance(event, Output):
            stop.cancel()

    nested = Path("inner.yml")
    nested.write_text(document(bash("Waits", "echo up", "sleep 600"), bash("After", "true")))
    text = document("{name: Down, action: ExecuteDocument, inputs: {document: inner.yml}}", bash("Last", "true"))
    result = run_document(text, cancellation=stop, on_event=stop_at_output)
    stop.close()
    assert (result.status, result.cancelled, result.signal) == (toe.Status.FAILED, True, 0)
    assert [step.name for step in steps_of(result)] == ["Down"]
    assert "interrupted" in result.failure_message


@pytest.mark.parametrize(("seconds", "said"), [(1, "after 1 second"), (2, "after 2 seconds")])
def test_a_timeout_says_how_long_it_was_in_words(run_document: Run, seconds: int, said: str) -> None:
    (step,) = steps_of(run_document(document(bash("Slow", "sleep 600", timeoutSeconds=seconds))))
    assert step.failure_message == f"the step timed out {said}"


def test_words_of_the_library_are_awstoes() -> None:
    assert [str(word) for word in toe.Status] == [word.value for word in toe.Status]
    assert str(toe.Status.SUCCESS) == f"{toe.Status.SUCCESS}" == "success"
    assert str(toe.Severity.WARNING) == "warning"


@pytest.mark.parametrize(
    ("bounds", "values"),
    [
        ("1, 10, 3", "1 4 7 10"),
        ("1, 9, 3", "1 4 7"),
        ("3, 1, -1", "3 2 1"),
        ("0, -5, -2", "0 -2 -4"),
        ("7, 7, -1", "7"),
    ],
)
def test_both_bounds_belong_to_a_for_loop(run_document: Run, bounds: str, values: str) -> None:
    start, end, update_by = bounds.split(", ")
    loop = f"{{for: {{start: {start}, end: {end}, updateBy: {update_by}}}}}"
    (step,) = steps_of(run_document(document(bash("Counts", 'echo "{{ loop.value }}"', loop=loop))))
    assert str(step.outputs[0]["stdout"]).split() == values.split()


def test_an_empty_for_each_text_runs_nothing(run_document: Run, tmp_path: Path) -> None:
    head = "parameters: [{Hosts: {type: string, default: ''}}]\n"
    step = bash("None", "touch ran", loop='{forEach: {list: "{{ Hosts }}"}}')
    assert run_document(document(step, head=head)).status is toe.Status.SUCCESS
    assert not (tmp_path / "ran").exists()


def test_a_string_list_iterates_and_joins(run_document: Run) -> None:
    head = "parameters: [{Hosts: {type: stringList, default: [h1, h2]}}]\n"
    result = run_document(
        document(
            bash("Each", "echo {{ loop.value }}", loop='{forEach: ["{{ Hosts }}"]}'),
            bash("Joined", "echo {{ Hosts }}"),
            head=head,
        ),
        parameters={"Hosts": ["x", "y", "z"]},
    )
    assert [step.outputs[0]["stdout"] for step in steps_of(result)] == ["x\ny\nz", "x,y,z"]


@pytest.mark.parametrize(
    ("hosts", "values"),
    [("[a;b]", "a\nb"), ("['a;b', c]", "a;b\nc"), ("[a]", "a"), ("['']", None)],
    ids=["one item is split", "several are not", "one without a delimiter", "one empty item"],
)
def test_one_item_alone_is_split_at_the_delimiter(run_document: Run, hosts: str, values: str | None) -> None:
    head = f"parameters: [{{Hosts: {{type: stringList, default: {hosts}}}}}]\n"
    step = bash("Each", 'echo "{{ loop.value }}"', loop='{forEach: {list: "{{ Hosts }}", delimiter: ";"}}')
    (result,) = steps_of(run_document(document(step, head=head)))
    assert result.outputs == (({"stdout": values},) if values else ())


def test_a_value_that_is_not_allowed_runs_nothing(run_document: Run, tmp_path: Path) -> None:
    head = "parameters: [{Mode: {type: string, default: fast, allowedValues: [fast, slow]}}]\n"
    with pytest.raises(toe.ToeError, match="'Mode' is not one of its allowedValues: 'medium'"):
        run_document(document(bash("One", "touch ran"), head=head), parameters={"Mode": "medium"})
    assert not (tmp_path / "ran").exists()


def test_exit_194_hands_the_reboot_to_the_caller_and_says_why(run_document: Run) -> None:
    text = document(bash("Boot", "exit 194"), bash("After", "touch ran"))
    result = run_document(text, environment={**os.environ, "TOE_NO_REBOOT": "0"})
    assert (result.exit_code, result.reboot) == (194, True)
    assert "step 'Boot' asked for a reboot" in result.failure_message
    assert len(steps_of(result)) == 1


def test_exit_194_in_a_nested_document_hands_the_reboot_up(run_document: Run, tmp_path: Path) -> None:
    (tmp_path / "inner.yml").write_text(document(bash("Boot", "exit 194")))
    text = document("{name: Down, action: ExecuteDocument, inputs: {document: inner.yml}}", bash("After", "touch ran"))
    result = run_document(text, environment={**os.environ, "TOE_NO_REBOOT": "0"})
    assert (result.exit_code, result.reboot) == (194, True)
    assert not (tmp_path / "ran").exists()


def test_exit_194_fails_the_step_where_reboots_are_forbidden(run_document: Run) -> None:
    result = run_document(document(bash("Boot", "exit 194")), environment={**os.environ, "TOE_NO_REBOOT": "1"})
    assert (result.exit_code, result.reboot) == (1, False)
    assert "TOE_NO_REBOOT" in result.failure_message


def test_disable_logging_hides_output_inputs_and_reasons_of_the_whole_scope(run_document: Run, tmp_path: Path) -> None:
    secret = "hush-93"
    quiet = [
        bash("Fails", f"echo {secret}", f"echo {secret} >&2", "exit 1", onFailure="Continue"),
        f"{{name: Reads, action: ReadFile, onFailure: Continue, inputs: [{{path: /nowhere/{secret}}}]}}",
        f"{{name: Loops, action: ExecuteBash, loop: {{forEach: [{secret}]}}, inputs: {{commands: ['echo on']}}}}",
    ]
    events: list[Event] = []
    result = run_document(document(*quiet, head="disableLogging: true\n"), on_event=events.append)
    assert result.status is toe.Status.FAILED
    (folder,) = tmp_path.glob("TOE_*")
    written = [path for path in folder.iterdir() if path.suffix in (".log", ".json", ".jsonl")]
    assert len(written) == 5
    assert [path.name for path in written if secret in path.read_text()] == []
    assert secret not in result.failure_message
    assert not [event for event in events if isinstance(event, Output)]


def test_a_hidden_step_still_feeds_later_steps(run_document: Run) -> None:
    result = run_document(
        document(
            bash("Secret", "echo token", disableLogging="true"),
            bash("Use", "echo {{ build.Secret.outputs.stdout }} | tee used"),
        )
    )
    assert Path("used").read_text() == "token\n"
    assert [step.outputs for step in steps_of(result)] == [(), ({"stdout": "***"},)]


def test_a_cancelled_run_ends_its_children_and_reports_what_was_reached(run_document: Run) -> None:
    stop = toe.Cancellation()

    def stop_at_output(event: Event) -> None:
        if isinstance(event, Output):
            threading.Thread(target=stop.cancel, args=(signal.SIGTERM,)).start()

    text = document(bash("Waits", "echo up", "sleep 600"), bash("After", "true"))
    result = run_document(text, cancellation=stop, on_event=stop_at_output)
    stop.close()
    assert (result.exit_code, result.signal) == (128 + signal.SIGTERM, signal.SIGTERM)
    assert [step.name for step in steps_of(result)] == ["Waits"]
    assert "interrupted by SIGTERM" in result.failure_message


def test_nested_documents_go_three_levels_down_and_no_further(run_document: Run, tmp_path: Path) -> None:
    for level in range(1, 5):
        inner = f"{{name: Down, action: ExecuteDocument, inputs: {{document: d{level + 1}.yml}}}}"
        (tmp_path / f"d{level}.yml").write_text(document(inner if level < 4 else bash("End", "true")))
    (tmp_path / "d5.yml").write_text(document(bash("End", "true")))
    ok = run_document(document("{name: Down, action: ExecuteDocument, inputs: {document: d2.yml}}"))
    assert ok.status is toe.Status.SUCCESS
    with pytest.raises(toe.ToeError, match=r"nest|deep|level"):
        run_document(document("{name: Down, action: ExecuteDocument, inputs: {document: d1.yml}}"))


@pytest.mark.parametrize(("levels", "allowed"), [(3, True), (4, False)])
def test_documents_named_by_expressions_nest_three_levels_and_no_further(
    run_document: Run, tmp_path: Path, levels: int, allowed: bool
) -> None:
    """Which document comes next is known only when the step runs."""
    for level in range(1, levels + 1):
        down = f'{{name: Down, action: ExecuteDocument, inputs: {{document: "{{{{ env:NEXT }}}}{level + 1}.yml"}}}}'
        (tmp_path / f"d{level}.yml").write_text(document(down if level < levels else bash("End", "touch ran")))
    result = run_document(
        document('{name: Down, action: ExecuteDocument, inputs: {document: "{{ env:NEXT }}1.yml"}}'),
        environment={**os.environ, "NEXT": "d"},
    )
    assert (result.status is toe.Status.SUCCESS, (tmp_path / "ran").exists()) == (allowed, allowed)
    assert allowed or "'d4.yml' is nested too deep: 3 levels" in result.failure_message


def test_a_nested_document_named_by_an_expression_is_checked_when_it_is_run(run_document: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text("schemaVersion: 1.0\nphases: []\n")
    head = "parameters: [{Name: {type: string, default: bad}}]\n"
    step = '{name: Down, action: ExecuteDocument, inputs: {document: "{{ Name }}.yml"}}'
    result = run_document(document(step, head=head))
    assert result.exit_code == 1
    assert "bad.yml:2:" in result.failure_message


def test_a_nested_document_is_found_beside_its_caller(run_document: Run, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "inner.yml").write_text(document(bash("Inner", "true")))
    caller = document("{name: Down, action: ExecuteDocument, inputs: {document: inner.yml}}")
    (tmp_path / "sub" / "caller.yml").write_text(caller)
    result = toe.run(tmp_path / "sub" / "caller.yml", log_directory=None)
    (outer,) = steps_of(result)
    assert outer.nested[0].counts.executed == 1
    assert outer.outputs[0]["executedStepCount"] == 1


def test_a_nested_run_has_its_own_id_and_its_step_records_all_four_inputs(run_document: Run, tmp_path: Path) -> None:
    inner = "parameters: [{Name: {type: string, default: x}}]\n"
    (tmp_path / "inner.yml").write_text(document(bash("Inner", "true"), head=inner))
    given = "phases: build, parameters: [{name: Name, value: '{{ build.Plain.outputs.status }}'}]"
    result = run_document(
        document(
            "{name: Plain, action: ExecuteDocument, inputs: {document: inner.yml}}",
            f"{{name: Full, action: ExecuteDocument, inputs: {{{given}, document: inner.yml}}}}",
        )
    )
    plain, full = steps_of(result)
    recorded = [list(step.inputs[0].items()) for step in (plain, full)]
    assert recorded == [
        [("document", "inner.yml"), ("document-s3-bucket-owner", ""), ("phases", ""), ("parameters", None)],
        [
            ("document", "inner.yml"),
            ("document-s3-bucket-owner", ""),
            ("phases", "build"),
            ("parameters", [{"name": "Name", "value": "success"}]),
        ],
    ]
    ids = {result.execution_id, *(str(step.outputs[0]["executionId"]) for step in (plain, full))}
    assert len(ids) == 3
    assert {step.outputs[0]["logUrl"] for step in (plain, full)} == {""}
    assert full.nested[0].execution_id == full.outputs[0]["executionId"]
    (report,) = tmp_path.glob("TOE_*/detailedoutput.json")
    not_given = r"\"document-s3-bucket-owner\":\"\",\"phases\":\"\",\"parameters\":null"
    assert rf'"inputs": "[{{\"document\":\"inner.yml\",{not_given}}}]"' in report.read_text()


def test_a_script_that_wants_to_reboot_gives_a_signal_and_no_result(run_document: Run, tmp_path: Path) -> None:
    run_document(document(bash("Asks", "exit 194")))
    (log,) = tmp_path.glob("TOE_*/console.log")
    said = [line.partition(" ")[2] for line in log.read_text().splitlines()]
    after = said.index("CmdExecution: Command execution has been completed")
    assert said[after + 1 : after + 4] == [
        "Getting reboot signal",
        "CmdExecution: Stderr: ",
        "CmdExecution: ExitCode 194",
    ]


def test_stdout_is_cut_at_8_mib_and_says_so(run_document: Run, tmp_path: Path) -> None:
    text = document(bash("Big", 'head -c 17000000 /dev/zero | tr "\\0" x'))
    (big,) = steps_of(run_document(text))
    stdout = str(big.outputs[0]["stdout"])
    assert stdout.startswith("x" * 8 * 1024 * 1024 + "\n[output cut by toe")
    (folder,) = tmp_path.glob("TOE_*")
    assert (folder / "console.log").read_bytes().count(b"x") >= 17_000_000


def test_a_program_that_cannot_be_started_says_what_is_wrong_with_it(run_document: Run, tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(b"#!/bin/bash\r\n")
    (tmp_path / "it").chmod(0o755)
    result = run_document(document("{name: Run, action: ExecuteBinary, inputs: {path: ./it}}"))
    assert "cannot start './it': its lines end in CRLF, as on Windows" in result.failure_message


def test_a_program_that_is_not_there_is_a_failed_step(run_document: Run) -> None:
    result = run_document(document("{name: Run, action: ExecuteBinary, inputs: {path: /no/such/program}}"))
    assert "cannot start '/no/such/program'" in result.failure_message


def test_an_expression_without_a_value_fails_its_step_alone(run_document: Run) -> None:
    text = document(
        bash("Region", "echo {{ context:region }}", onFailure="Continue"),
        bash("After", "echo after"),
    )
    first, second = steps_of(run_document(text))
    assert (first.status, second.status) == (toe.Status.FAILED, toe.Status.SUCCESS)
    assert "'{{ context:region }}' has no value: no region is configured" in first.failure_message


def test_events_come_in_order_and_an_exception_of_a_listener_changes_nothing(run_document: Run) -> None:
    kinds: list[type] = []

    def listen(event: Event) -> None:
        kinds.append(type(event))
        if isinstance(event, StepFinished):
            raise RuntimeError("listener")

    assert run_document(document(bash("One", "true")), on_event=listen).status is toe.Status.SUCCESS
    assert kinds.index(DocumentStarted) < kinds.index(ProcessStarted) < kinds.index(StepFinished)


def test_a_third_partys_action_runs_like_a_built_in_one(run_document: Run) -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True, kw_only=True)
    class Inputs:
        text_to_shout: Annotated[str, toe.Doc("What to shout.")]

    @dataclass(frozen=True, kw_only=True)
    class Outputs:
        shouted: str

    def shout(inputs: Inputs, ctx: Context) -> Outputs:
        """Say it louder."""
        return Outputs(shouted=inputs.text_to_shout.upper())

    Inputs.__module__ = Outputs.__module__ = __name__
    globals().update(Inputs=Inputs, Outputs=Outputs)
    definition: Definition = toe.action("Shout", Inputs, outputs=Outputs)(shout)
    text = document(
        "{name: Loud, action: Shout, inputs: {textToShout: hello}}",
        bash("Use", "echo {{ build.Loud.outputs.shouted }}"),
    )
    result = run_document(text, actions=[definition])
    assert [step.outputs for step in steps_of(result)] == [({"shouted": "HELLO"},), ({"stdout": "HELLO"},)]


def test_progress_of_an_action_is_told_while_it_runs(run_document: Run) -> None:
    told: list[events.Event] = []

    def carry(inputs: object, ctx: Context) -> None:
        """Move bytes until somebody has heard of it."""
        done = 0
        while not any(isinstance(event, events.ActionProgressed) for event in told):
            done += 1
            ctx.progress(done, None)

    definition: Definition = toe.action("Carry")(carry)
    result = run_document(document("{name: One, action: Carry}"), actions=[definition], on_event=told.append)
    assert result.status is toe.Status.SUCCESS
    progressed = next(event for event in told if isinstance(event, events.ActionProgressed))
    assert progressed.done > 0
    assert progressed.where.step == "One"


def test_an_embedded_run_leaves_no_descriptors_and_no_signal_handlers(run_document: Run) -> None:
    run_document(document(bash("One", "true")))
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    for _ in range(5):
        run_document(document(bash("One", "echo hi")))
    after = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    assert after == before
    assert handlers == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]


def test_a_bug_in_an_action_fails_its_step_and_keeps_the_reports(run_document: Run, tmp_path: Path) -> None:
    def stumble(inputs: object, ctx: Context) -> None:
        """Raise something unexpected."""
        raise KeyError("stumbled")

    text = document("{name: Odd, action: Stumble, onFailure: Continue}", bash("After", "true"))
    result = run_document(text, actions=[toe.action("Stumble")(stumble)])
    first, second = steps_of(result)
    assert (first.failure_message, second.status) == ("bug in Stumble: KeyError: 'stumbled'", toe.Status.SUCCESS)
    (folder,) = tmp_path.glob("TOE_*")
    assert "in stumble" in (folder / "application.log").read_text()


def test_a_hidden_condition_keeps_its_values_to_itself(run_document: Run) -> None:
    head = "parameters: [{Pattern: {type: string, default: 'hush-94('}}]\n"
    step = bash("Quiet", "true", disableLogging="true", **{"if": "{patternMatches: '{{ Pattern }}', value: x}"})
    result = run_document(document(step, head=head))
    assert result.exit_code == 1
    assert "hush-94" not in result.failure_message
