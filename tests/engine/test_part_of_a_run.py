"""`--only`, `--start-at` and `--outputs-of`: which steps run, and from where they know of the others."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from resumed_runs import ID, bash, document, only_folder, said, steps_of, with_reboots

import toe
from toe.session.order import OF_ITS_ID, Order, Request
from toe.session.run import run as run_order

GOLDEN = Path(__file__).parents[1] / "sinks" / "golden_hello_world"
FIND = bash("Find", "echo nginx-1.2")
INSTALL = bash("Install", "echo got {{ build.Find.outputs.stdout }}")
DOCUMENT = document(FIND, INSTALL, bash("Last", "echo {{ build.Install.outputs.stdout }} again"))
TESTS = """  - name: test
    steps:
      - name: Check
        action: ExecuteBash
        if: {stringEquals: nginx-1.2, value: '{{ build.Find.outputs.stdout }}'}
        inputs: {commands: ['echo checked {{ build.Find.outputs.stdout }}']}
"""


def write(text: str, name: str = "doc.yml") -> str:
    Path(name).write_text(text)
    return name


def run(documents: Any = "doc.yml", **options: Any) -> toe.RunResult:
    options.setdefault("log_directory", "logs")
    return toe.run(documents, **options)


def whole(text: str, **options: Any) -> str:
    """The log folder of a whole run of a document, wherever that ended."""
    return run(write(text), log_directory="former", **options).log_url


def refused(documents: Any = "doc.yml", **options: Any) -> toe.ToeError:
    """Why nothing is run; nothing is written either."""
    before = sorted(os.listdir())
    with pytest.raises(toe.ToeError) as caught:
        run(documents, **options)
    assert sorted(os.listdir()) == before
    return caught.value


def outputs(result: toe.RunResult) -> dict[str, str]:
    return {step.name: str(step.outputs[0]["stdout"]) for step in steps_of(result) if step.outputs}


def test_a_step_knows_of_a_former_run_what_it_refers_to() -> None:
    former = whole(DOCUMENT)
    result = run(only=["build.Install"], outputs_of=former)
    assert outputs(result) == {"Install": "got nginx-1.2"}
    assert (result.counts.executed, result.counts.skipped, result.left_out) == (1, 0, 2)
    report = json.loads((only_folder() / "detailedoutput.json").read_text())
    (phase,) = report["documents"][0]["phases"]
    assert [step["name"] for step in phase["steps"]] == ["Install"]
    ended = json.loads((only_folder() / "events.jsonl").read_text().splitlines()[-1])
    assert (ended["event"], ended["leftOutSteps"]) == ("RunFinished", 2)
    lines = said(only_folder())
    assert f"Executor: build.Find is known from {former}" in lines
    assert "Executor: 2 steps left out: build.Find, build.Last" in lines


def test_what_is_not_known_is_refused_with_its_place() -> None:
    write(DOCUMENT)
    error = refused(start_at="build.Install")
    assert [(one.code, one.line, one.column, one.message) for one in error.problems] == [
        ("TOE313", 6, 76, "'build.Find' does not run, and its outputs are not known"),
    ]
    assert "--outputs-of LOG-FOLDER" in error.problems[0].hint


def test_a_run_starts_at_a_step_and_runs_all_behind_it() -> None:
    former = whole(DOCUMENT + TESTS)
    result = run(start_at="build.Last", outputs_of=former)
    assert outputs(result) == {"Last": "got nginx-1.2 again", "Check": "checked nginx-1.2"}
    assert result.left_out == 2


def test_steps_run_in_the_order_of_the_document_and_know_of_each_other() -> None:
    write(DOCUMENT)
    result = run(only=["build.Install", "build.Find"])
    assert outputs(result) == {"Find": "nginx-1.2", "Install": "got nginx-1.2"}


@pytest.mark.parametrize("chosen", [{"only": ["test.Check"]}, {"phases": ["test"]}])
def test_conditions_and_phases_that_are_left_out_count_as_well(chosen: dict[str, Any]) -> None:
    former = whole(DOCUMENT + TESTS)
    assert outputs(run(**chosen, outputs_of=former)) == {"Check": "checked nginx-1.2"}
    Path("other").mkdir()
    other = run(
        write(DOCUMENT.replace("Find", "Fond") + TESTS.replace("build.Find", "build.Fond")), log_directory="other"
    )
    write(DOCUMENT + TESTS)
    problems = refused(**chosen, outputs_of=other.log_url).problems
    assert [one.message for one in problems] == [
        f"'build.Find' does not run, and it did not run in the run in '{other.log_url}'"
    ] * 2
    assert problems[0].hint == "the last step there is test.Check"


def test_of_several_folders_the_last_one_with_the_step_counts() -> None:
    first = whole(DOCUMENT)
    second = run(only=["build.Install"], outputs_of=first).log_url
    result = run(start_at="build.Last", outputs_of=[first, second])
    assert outputs(result) == {"Last": "got nginx-1.2 again"}
    whole(DOCUMENT.replace("nginx-1.2", "nginx-9"))
    third = sorted(Path("former").iterdir(), key=os.path.getmtime)[-1]
    assert outputs(run(only=["build.Install"], outputs_of=[first, str(third)])) == {"Install": "got nginx-9"}


def test_a_folder_of_awstoe_tells_what_it_holds() -> None:
    phases = "".join(
        f"  - {{name: {phase}, steps: [{{name: {name}, action: ExecuteBash, inputs: {{commands: ['{command}']}}}}]}}\n"
        for phase, name, command in (
            ("build", "HelloWorldStep", "echo x"),
            ("test", "Use", "echo {{ build.HelloWorldStep.outputs.stdout }}"),
        )
    )
    write(f"schemaVersion: 1.0\nphases:\n{phases}", "hello-world-linux.yml")
    result = run("hello-world-linux.yml", phases=["test"], outputs_of=GOLDEN)
    assert outputs(result) == {"Use": "Hello World from the build phase."}


def test_a_skipped_step_is_empty_for_others_as_in_the_former_run() -> None:
    skipped = bash("Find", "echo x", if_="{stringEquals: a, value: b}")
    former = whole(document(skipped, INSTALL))
    assert outputs(run(only=["build.Install"], outputs_of=former)) == {"Install": "got"}


def test_the_outputs_of_a_loop_and_those_that_were_not_given_are_as_in_a_run() -> None:
    looped = bash("Find", "echo {{ loop.value }}", loop="{forEach: [a, b]}")
    use = bash("Install", 'echo "got {{ build.Find.outputs.stdout }}"')
    former = whole(document(looped, use))
    assert outputs(run(only=["build.Install"], outputs_of=former)) == {"Install": "got a\nb"}


@pytest.mark.parametrize(
    ("step", "said_of_it"),
    [
        (bash("Find", "exit 3"), "it failed in the run in '{}'"),
        (bash("Find", "echo x", disableLogging="true"), "disableLogging keeps its outputs out of the logs in '{}'"),
        (bash("Find", "echo {{ Token }}"), "its value is masked in the logs: '{}' has '***' in its place"),
        (
            "{name: Find, action: ReadFile, inputs: [{path: doc.yml}]}",
            "the run in '{}' has no such value: there is no field 'stdout' in the outputs of step 'build.Find'",
        ),
    ],
)
def test_what_a_log_folder_cannot_give_is_refused(step: str, said_of_it: str) -> None:
    head = "parameters: [{Token: {type: string, default: tr0ub4dor}}]\n"
    former = whole(document(step, INSTALL, head=head), mask=["Token"])
    (problem,) = refused(only=["build.Install"], outputs_of=former, mask=["Token"]).problems
    assert problem.message.startswith(f"'build.Find' does not run, and {said_of_it.format(former)}")


def test_a_failure_that_let_the_former_run_go_on_has_given_what_it_gave() -> None:
    former = whole(document(bash("Find", "echo some; exit 3", onFailure="Continue"), INSTALL))
    assert outputs(run(only=["build.Install"], outputs_of=former)) == {"Install": "got some"}


def test_a_step_that_became_another_action_is_not_the_same() -> None:
    former = whole(document("{name: Find, action: ReadFile, inputs: [{path: doc.yml}]}"))
    write(DOCUMENT)
    (problem,) = refused(only=["build.Install"], outputs_of=former).problems
    assert f"in the run in '{former}' it was ReadFile, and is ExecuteBash now" in problem.message


def test_inputs_of_texts_parameters_and_constants_are_known_from_the_document() -> None:
    head = "parameters: [{Dir: {type: string, default: /opt}}]\n"
    write_step = "{name: Find, action: CreateFile, inputs: [{path: '{{ Dir }}/conf', content: '{{ context:date }}'}]}"
    use = bash("Install", "echo {{ build.Find.inputs[0].path }}")
    write(document(write_step, use, head=head))
    assert outputs(run(only=["build.Install"], parameters={"Dir": "/srv"})) == {"Install": "/srv/conf"}
    write(document(write_step, use.replace("path", "content"), head=head))
    (problem,) = refused(only=["build.Install"]).problems
    assert problem.message == "'build.Find' does not run, and its inputs are not known"


def test_several_documents_have_steps_of_their_own() -> None:
    write(document(FIND), "a.yml")
    write(document(FIND, bash("Install", "echo b")), "b.yml")
    error = refused(["a.yml", "b.yml"], only=["build.Find"])
    assert error.hint == "name the document too: a.yml:build.Find or b.yml:build.Find"
    error = refused(["a.yml", "b.yml"], only=["a.yml:build.Install"])
    assert error.message == "--only a.yml:build.Install: 'a.yml' has no step 'build.Install'"
    result = run(["a.yml", "b.yml"], start_at="b.yml:build.Find")
    assert [one.path for one in result.documents] == ["b.yml"]
    assert result.left_out == 1
    result = run(["a.yml", "b.yml"], only=["a.yml:build.Find", "build.Install"])
    assert [step.name for step in steps_of(result)] == ["Find", "Install"]


def test_a_nested_document_goes_whole_with_its_step() -> None:
    write(DOCUMENT, "inner.yml")
    call = "{name: Call, action: ExecuteDocument, inputs: {document: inner.yml}}"
    use = bash("Install", "echo {{ build.Call.outputs.executedStepCount }}")
    former = whole(document(call, use))
    assert outputs(run(only=["build.Install"], outputs_of=former)) == {"Install": "3"}
    (step,) = steps_of(run(only=["build.Call"]))
    assert step.nested[0].counts.executed == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"only": ["build.Instal"]}, "--only build.Instal: 'doc.yml' has no step 'build.Instal' (did you mean"),
        ({"start_at": "build"}, "--start-at build: 'build' is a phase, and no step"),
        ({"start_at": "dok.yml:build.Find"}, "no document 'dok.yml' is run (did you mean 'doc.yml'?)"),
        ({"only": ["test.Check"], "phases": ["build"]}, "--only test.Check: phase 'test' is not selected"),
        ({"only": ["build.Find"], "start_at": "build.Find"}, "--only and --start-at exclude each other"),
        ({"outputs_of": "former"}, "--outputs-of is of no use: every step runs"),
        ({"only": ["build.Find"], "outputs_of": "nowhere"}, "cannot read the log folder 'nowhere'"),
        ({"only": ["build.Find"], "outputs_of": "."}, "'.' is no log folder"),
        ({"only": ["build.Find"], "outputs_of": GOLDEN}, "had none of these documents"),
    ],
)
def test_names_that_are_not_there_are_refused(options: dict[str, Any], message: str) -> None:
    write(DOCUMENT + TESTS)
    assert message in refused(**options).message


def test_a_document_named_twice_is_named_once_for_a_part() -> None:
    write(DOCUMENT)
    assert (
        refused(["doc.yml", "doc.yml"], only=["build.Find"]).hint == "'doc.yml' is named more than once: name it once"
    )


ASK = bash("Ask", "[ -e asked ] || { touch asked; exit 194; }", "echo {{ build.Find.outputs.stdout }} > seen")


def test_a_part_goes_on_after_a_reboot_with_what_it_knew() -> None:
    former = whole(document(FIND, bash("Other", "touch other"), bash("Ask", "echo {{ build.Find.outputs.stdout }}")))
    Path("other").unlink()
    write(document(FIND, bash("Other", "touch other"), ASK))
    result = run(only=["build.Ask"], outputs_of=former, execution_id=ID, environment=with_reboots())
    assert result.reboot
    for path in Path(former).iterdir():  # gone with the reboot
        path.unlink()
    result = toe.resume(ID, environment=with_reboots())
    assert (result.status, result.left_out) == (toe.Status.SUCCESS, 2)
    assert Path("seen").read_text() == "nginx-1.2\n"
    assert not Path("other").exists()


def test_another_part_does_not_take_up_the_state_of_this_one() -> None:
    write(document(FIND, ASK.replace("{{ build.Find.outputs.stdout }}", "x")))
    assert run(only=["build.Ask"], execution_id=ID, environment=with_reboots()).reboot
    order = Order((Request("doc.yml"),), execution_id=ID, state_directory="state", takes_up=OF_ITS_ID)
    with pytest.raises(toe.ToeError, match="other steps of it are left out"):
        run_order(order._replace(only=("build.Find",)))


def test_a_whole_run_has_nothing_of_parts_in_its_state() -> None:
    write(document(ASK.replace("{{ build.Find.outputs.stdout }}", "x")))
    assert run(execution_id=ID, environment=with_reboots()).reboot
    state = (Path("state") / f"{ID}.journal").read_text()
    assert not any(word in state for word in ('"only"', '"former"', '"left_out"'))
