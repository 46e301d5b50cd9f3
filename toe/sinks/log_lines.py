"""The wording of console.log and application.log: events in, lines out, to the letter of AWSTOE (reference, section 7).

Pure. A line that starts with `Debug ` belongs to application.log alone. Output of processes is not treated here.
"""

from __future__ import annotations

from collections.abc import Sequence

from toe.model import INFINITE_TIMEOUT, Document, OnFailure
from toe.results import RunResult, Status, StepResult
from toe.sinks.times import NANOSECONDS, precise_time
from toe.words import counted

#: Statuses with which AWSTOE's levels return a success code.
_GOOD = (Status.SUCCESS, Status.SKIPPED, Status.IGNORED_FAILURE, Status.SUCCESS_WITH_IGNORED_FAILURE)
_DETAILED = "detailedoutput.json"
#: Finer lines of application.log which newer versions of AWSTOE write to console.log as they are.
ALL_STARTED = "Executor: STARTED EXECUTION OF ALL DOCUMENTS"
ALL_FINISHED = "Executor: FINISHED EXECUTION OF ALL DOCUMENTS"


def updated_report(folder: str) -> str:
    """Said wherever the report is brought up to date."""
    return f"Debug Updated detailed output file at {folder}/{_DETAILED}"


def document_started(path: str, folder: str) -> list[str]:
    return [
        f"Debug Executor: Currently running document {path} with phaseIndex 0 and stepIndex 0",
        f"Debug Executor: STARTED EXECUTION OF DOCUMENT {path}",
        f"Document {path}",
        f"Debug Executor: Starting point of document execution: Document - {path}, FromPhaseIndex - 0, "
        "FromStepIndex - 0",
        "Debug Executor: documentLevelExitCode before commencement - 0",
        updated_report(folder),
        f"Debug Executor: Commencing execution of document {path}...",
    ]


def phase_started(phase: str, path: str, folder: str) -> list[str]:
    return [
        f"Debug Executor: STARTED PHASE {phase} IN DOCUMENT {path}",
        f"Phase {phase}",
        f"Debug Executor: Starting point of phase execution: DocumentIndex - {path}, phaseName - {phase}, "
        "FromStepIndex - 0",
        "Debug Executor: phaseLevelExitCode before commencement - 0",
        updated_report(folder),
        f"Debug Executor: Commencing execution of phase {phase}...",
    ]


def step_started(step: str, phase: str, inputs: str) -> list[str]:
    return [
        f"Debug Executor: STARTED STEP {step} in PHASE {phase}",
        f"Debug Executor: Initializing current step attempt count with 1 in the state utils for step {step}",
        f"Step {step}",
        f"Debug Executor: Starting point of step execution: Step - {step}",
        f"Debug Executor: Before resolving parameter inputs {inputs} of step {step}.",
        f"Debug Executor: Before unchaining inputs {inputs} of step {step}...",
    ]


def inputs_resolved(step: str, inputs: str, folder: str) -> list[str]:
    return [
        "Debug Chaining: STARTED PROCESS FOR UNCHAINING",
        "Debug Chaining: FINISHED PROCESS FOR UNCHAINING",
        f"Debug Executor: after unchaining inputs {inputs} of step {step}...",
        f"Debug Executor: After unchaining, before resolving parameter inputs {inputs} of step {step}.",
        f"Debug Executor: After parameter resolve inputs {inputs} of step {step}.",
        updated_report(folder),
        f"Debug Executor: Updated inputs of currentStep {step} to {inputs}",
        f"Debug Executor: Currently running: Step {step}",
    ]


def attempt_started(
    at_ns: int, run_started_ns: int, step: str, attempt: int, max_attempts: int, timeout_seconds: int
) -> list[str]:
    lines = [
        "Debug Executor: STARTED ACTION MODULE",
        f"Debug Executor: MaxAttempts set to {max_attempts}",
        f"Debug Executor: Timeout set to {timeout_seconds} seconds",
        f"Debug Executor: Attempt {attempt}/{max_attempts}",
    ]
    if timeout_seconds != INFINITE_TIMEOUT:
        deadline = precise_time(at_ns + timeout_seconds * NANOSECONDS)[:-1].replace("T", " ")
        since = timeout_seconds + (at_ns - run_started_ns) / NANOSECONDS
        lines.append(f"Debug Executor: Execution deadline set to {deadline} +0000 UTC m=+{since:.9f}")
    return lines


def execution_commences(step: str, iteration: int | None, value: str) -> list[str]:
    if iteration is None:
        first = f"Debug Executor: Commencing non-iterative execution of step {step}"
    else:
        first = f"Debug Executor: Commencing iteration {iteration} of step {step} with value '{value}'"
    return [first, "Debug Executor: Executing step's inputs"]


def attempt_finished(step: str, attempt: int, succeeded: bool, will_retry: bool) -> list[str]:
    if will_retry:
        decision = f"Going to execute step {step} again as attempt {attempt} failed"
    elif succeeded:
        decision = f"Not going to execute step {step} again as final exit code is 0"
    else:
        decision = f"Not going to execute step {step} again as attempt {attempt} was the last"
    return [
        f"Debug Executor: Consolidating outputs of step {step}",
        f"Debug Executor: {decision}",
        "Debug Executor: FINISHED ACTION MODULE",
    ]


def step_finished(result: StepResult, outputs: str, phase: str, folder: str) -> list[str]:
    good = result.status in _GOOD
    exit_code = 0 if good else 1
    if result.failure is not None and result.failure.exit_code is not None:
        exit_code = result.failure.exit_code
    error = result.failure_message or "<nil>"
    code = "success" if good else "failure"
    lines = [
        f"Debug Executor: Step results - Results {outputs}, Exit code {exit_code}, Error {error}",
        f"Debug Executor: Updated outputs of currentStep to {outputs}",
        f"Debug Executor: BEFORE UPDATING DETAILEDOUTPUT.JSON - {outputs}",
    ]
    if result.status is Status.SKIPPED:
        lines = [f"Debug Executor: Step {result.name} was skipped"]
    elif result.status is Status.IGNORED_FAILURE:
        lines.append(
            f"Debug Executor: Ignored the failure of step {result.name} as onFailure is {OnFailure.IGNORE.value}"
        )
    return [
        *lines,
        updated_report(folder),
        f"Debug Executor: Returning {code} code from step {result.name}",
        f"Debug Executor: FINISHED STEP {result.name} in PHASE {phase}",
        f"Debug Executor: Received exit code {code.capitalize()} from step {result.name}",
    ]


def failure_lines(result: StepResult, document: Document | None, phase: str) -> list[str]:
    """The block that names the first failed step (reference, section 7)."""
    path = document.path if document else ""
    lines = [f"  Document: {(document.name if document else '') or path}"]
    if path.startswith("arn:"):
        lines.append(f"  ComponentArn: {path}")
    lines += [f"  Phase: {phase}", f"  Step: {result.name}", f"  Action: {result.action}"]
    lines += _each("  ErrorMessage: ", result.failure_message)
    return lines + _each("  Stderr: ", result.failure.stderr if result.failure else "")


def _each(prefix: str, text: str) -> list[str]:
    return [prefix + line for line in universal_lines(text)]


def universal_lines(text: str) -> list[str]:
    r"""Lines that end in LF, CRLF or CR: what a terminal or a log viewer takes for a line, and nothing else."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def phase_finished(phase: str, status: Status, path: str, folder: str) -> list[str]:
    good = status in _GOOD
    return [
        f"Debug Executor: Completed phase {phase}",
        updated_report(folder),
        f"Debug Executor: FINISHED PHASE {phase} IN DOCUMENT {path} with final phaseLevelExitCode {0 if good else 1}",
        f"Debug Executor: Received exit code {'Success' if good else 'Failure'} from phase {phase}",
    ]


def document_finished(status: Status, path: str, folder: str) -> list[str]:
    exit_code = 0 if status in _GOOD else 1
    return [
        f"Debug Executor: Completed execution of document {path}",
        updated_report(folder),
        f"Debug Executor: FINISHED EXECUTION OF DOCUMENT {path} with final documentLevelExitCode {exit_code}",
    ]


def run_resumed(execution_id: str, finished_steps: int) -> list[str]:
    """What stands first where a run goes on [seen], and what that is [ours]."""
    return [
        "Recovery completed for detailed output.",
        f"Debug Executor: Going on with execution {execution_id}: {counted(finished_steps, 'step')} done",
    ]


def going_on(rebooted: bool) -> str:
    """What stands before its first step, behind document and phase: after a reboot, after a crash or a stop [ours]."""
    return f"Executor: {'System has rebooted successfully' if rebooted else 'Execution was cut off and goes on'}"


def run_finished(result: RunResult, folder: str) -> list[str]:
    """The last lines. A run that waits for a reboot is not over, and none of them says that it is."""
    if result.reboot:
        return [updated_report(folder), "Rebooting the system now"]
    good = result.status in _GOOD
    error = "<nil>" if good else "Execution failed!"
    verdict = "successfully" if good else "with failure - Execution failed!"
    return [
        "Debug Executor: Completed execution loop. Entering concluding information...",
        updated_report(folder),
        "Debug Executor: Finished entering concluding information",
        f"Debug Executor: Final executionLevelExitCode {0 if good else 1}",
        f"Debug {ALL_FINISHED}",
        f"TOE has completed execution {verdict}",
        f"Debug CLI run: Executor has returned control. ExitCode - {result.exit_code}, Error - {error}",
    ]


def process_started(argv: Sequence[str]) -> list[str]:
    return [
        f"CmdExecution: Preparing object for command {argv[0]} with arguments [{' '.join(argv[1:])}]",
        f"CmdExecution: Starting execution of command with arguments [{' '.join(argv)}]",
    ]


def process_ended(
    exit_code: int | None, held: Sequence[str] = (), cut: Sequence[str] = (), asks_for_reboot: bool = False
) -> list[str]:
    """What stands before the process's stderr. `held` and `cut` are streams that were not read to their end."""
    if asks_for_reboot:
        verdict = "Getting reboot signal"
    elif exit_code == 0:
        verdict = "CmdExecution: Command execution was completed successfully"
    else:
        verdict = "CmdExecution: [ERROR] Command execution has resulted in an error"
    ends = [f"CmdExecution: {_end_of_reading(stream, stream in cut)}" for stream in sorted(held, reverse=True)]
    if "stdout" not in held:
        ends.insert(0, "CmdExecution: Terminating read operation on STDOUT pipe - EOF")
    return [*ends, "CmdExecution: Command execution has been completed", verdict]


def _end_of_reading(stream: str, is_cut: bool) -> str:
    end = f"Terminating read operation on {stream.upper()} pipe"
    if is_cut:
        return f"[WARNING] {end} - output is cut: a background process was still writing it"
    return f"{end} - a background process holds it open, and what it prints from now on is not logged"


def exit_code_line(exit_code: int | None) -> str:
    """What stands after it; -1 is Go's word for a process that was stopped."""
    return f"CmdExecution: ExitCode {-1 if exit_code is None else exit_code}"
