"""Hand-written runs as events: the guide's hello world, and pieces to make other runs of."""

from __future__ import annotations

from collections.abc import Iterator

from toe import events
from toe.events import Event, Where
from toe.model import Document, Entry, Phase, Step
from toe.results import Counts, DocumentResult, Failure, PhaseResult, RunResult, Status, StepResult

NS = 1_000_000_000
START = 1_653_487_305 * NS + 914_525_413  # 2022-05-25T14:01:45.914525413Z
EXECUTION_ID = "3699d6f5-dc33-11ec-9989-00224820200b"
LOG_FOLDER = f"TOE_2022-05-25_14-01-45_UTC-0_{EXECUTION_ID}"
PATH = "hello-world-linux.yml"
TEMPORARY = "/tmp/AWSTOE1638342889"


def bash_step(name: str, command: str) -> Step:
    return Step(name, "ExecuteBash", ({"commands": [command]},))


def hello_document() -> Document:
    names = ("build", "validate", "test")
    phases = tuple(
        Phase(name, (bash_step("HelloWorldStep", f"echo 'Hello World from the {name} phase.'"),)) for name in names
    )
    return Document(PATH, phases, "Hello World", "This is hello world testing document for Linux.")


def hello_world() -> Iterator[Event]:
    """The whole run, with times that give the golden reports to the byte."""
    document = hello_document()
    where = Where(PATH)
    end = START + NS // 10
    yield events.RunStarted(START, EXECUTION_ID, LOG_FOLDER, (document,), ())
    yield events.DocumentStarted(START, where, document, 0)
    results = []
    for position, phase in enumerate(document.phases):
        at = end if phase.name == "test" else START
        place = where._replace(phase=phase.name)
        yield events.PhaseStarted(at, place, position)
        output = f"Hello World from the {phase.name} phase."
        step = StepResult(
            "HelloWorldStep",
            "ExecuteBash",
            Status.SUCCESS,
            at,
            at,
            attempts=1,
            inputs=phase.steps[0].inputs,
            outputs=({"stdout": output},),
            line=6,
            column=9,
        )
        yield from bash_events(at, place, phase.steps[0], step, output.encode() + b"\n")
        results.append(PhaseResult(phase.name, Status.SUCCESS, at, at, "", (step,)))
        yield events.PhaseFinished(at, place, position, results[-1])
    ended = DocumentResult(document.name, PATH, Status.SUCCESS, START, end, document.description, phases=tuple(results))
    yield events.DocumentFinished(end, where, 0, ended)
    yield events.RunFinished(
        end, RunResult(EXECUTION_ID, Status.SUCCESS, START, end, "", LOG_FOLDER, Counts(3), (ended,))
    )


def bash_events(
    at: int, place: Where, step: Step, result: StepResult, stdout: bytes, stderr: bytes = b"", exit_code: int = 0
) -> Iterator[Event]:
    """One ExecuteBash step with one attempt."""
    place = place._replace(step=step.name)
    script = f"{TEMPORARY}/script-271901008.sh"
    message = "" if exit_code == 0 else f"exit status {exit_code}"
    yield events.StepStarted(at, place, step, 0, step.inputs)
    place = place._replace(attempt=1)
    yield events.AttemptStarted(at, place, 1, 7200)
    yield events.InputsResolved(at, place, step.inputs)
    yield events.ActionStarted(at, place, "ExecuteBash")
    yield events.LogLine(at, place, f"ExecuteBash: Created temporary directory: {TEMPORARY}")
    yield events.LogLine(at, place, f"ExecuteBash: Created temporary script file at: {script}")
    yield events.ProcessStarted(at, place, ("bash", script))
    if stdout:
        yield events.Output(at, place, "stdout", stdout)
    if stderr:
        yield events.Output(at, place, "stderr", stderr)
    yield events.ProcessExited(at, place, exit_code)
    yield events.LogLine(at, place, f"ExecuteBash: Removing temporary directory: {TEMPORARY}")
    yield events.LogLine(at, place, f"ExecuteBash: Successfully removed temporary directory: {TEMPORARY}")
    yield events.ActionFinished(at, place, "ExecuteBash", result.outputs, message)
    yield events.AttemptFinished(at, place, exit_code == 0, False)
    yield events.StepFinished(at, place._replace(attempt=0), 0, result)


def failed_step(name: str = "Breaks", stderr: str = "oops\n", exit_code: int = 3) -> StepResult:
    failure = Failure(f"exit status {exit_code}", exit_code, stderr)
    return StepResult(
        name,
        "ExecuteBash",
        Status.FAILED,
        START,
        START + NS,
        attempts=1,
        failure=failure,
        line=7,
        column=13,
    )


def run_of(*steps: StepResult, path: str = "a.yml", name: str = "A", status: Status = Status.FAILED) -> RunResult:
    """A run of one document with one phase, `build`."""
    phase = PhaseResult("build", status, START, START + NS, "", steps)
    document = DocumentResult(name, path, status, START, START + NS, phases=(phase,))
    return RunResult(
        EXECUTION_ID, status, START, START + NS, f"Document {path} failed!", "logs/TOE_x", documents=(document,)
    )


def opening(*, hidden: bool = False, steps: tuple[Step, ...] = ()) -> Iterator[Event]:
    """The start of a run, its document and its phase, as `run_of` has them."""
    document = Document("a.yml", (Phase("build", steps),), "A")
    where = Where("a.yml", hidden=hidden)
    yield events.RunStarted(START, EXECUTION_ID, LOG_FOLDER, (document,), ())
    yield events.DocumentStarted(START, where, document, 0)
    yield events.PhaseStarted(START, where._replace(phase="build"), 0)


PLACE = Where("a.yml", "build")


def small_step(number: int, inputs: Entry | None = None) -> tuple[Event, Event]:
    """Start and end of a step that did something small."""
    step = Step(f"Step{number:05d}", "CreateFile", (inputs or {"path": f"/tmp/file-{number}"},))
    place = PLACE._replace(step=step.name)
    result = StepResult(step.name, step.action, Status.SUCCESS, START, START, attempts=1, inputs=step.inputs)
    return events.StepStarted(START, place, step, number, step.inputs), events.StepFinished(
        START, place, number, result
    )


def closing(result: RunResult, *, hidden: bool = False) -> Iterator[Event]:
    """The end of the phase, document and run of `result`."""
    document = result.documents[0]
    where = Where(document.path, hidden=hidden)
    phase = document.phases[0]
    yield events.PhaseFinished(result.ended_at_ns, where._replace(phase=phase.name), 0, phase)
    yield events.DocumentFinished(result.ended_at_ns, where, 0, document)
    yield events.RunFinished(result.ended_at_ns, result)
