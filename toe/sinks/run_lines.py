"""The wording of the logs before the first document and after the last one: what log_lines is for the rest. Pure."""

from __future__ import annotations

from toe.events import RunStarted
from toe.execution_names import one_line
from toe.results import RunResult, Status
from toe.words import counted

#: Statuses with which AWSTOE's levels return a success code.
GOOD = (Status.SUCCESS, Status.SKIPPED, Status.IGNORED_FAILURE, Status.SUCCESS_WITH_IGNORED_FAILURE)
#: Finer lines of application.log which newer versions of AWSTOE write to console.log as well, as they are.
ALL_STARTED = "Executor: STARTED EXECUTION OF ALL DOCUMENTS"
ALL_FINISHED = "Executor: FINISHED EXECUTION OF ALL DOCUMENTS"
_DETAILED, _CHAINING = "detailedoutput.json", "chaining.json"


def updated_report(folder: str) -> str:
    """Said wherever the report is brought up to date."""
    return f"Debug Updated detailed output file at {folder}/{_DETAILED}"


def setup_lines(event: RunStarted) -> list[str]:
    """From the start of the program to the moment before the first document."""
    folder = event.log_directory
    lines = ["Setup: STARTED SETUP"]
    for position, document in enumerate(event.documents):
        lines += _document_setup(document.path, f"{folder}/D{position}__{_file_name(document.path)}")
    paths = " ".join(document.path for document in event.documents)
    return [
        *lines,
        "Debug Setup: STARTED CREATION OF TOE FILES",
        f"Debug Setup: Creating {_CHAINING} at {folder}",
        "Debug Chaining: Generated chaining reference",
        "Debug Chaining: Initializing...",
        "Debug Chaining: Initialized chaining!",
        f"Debug Chaining: Created chaining file at {folder}/{_CHAINING}",
        f"Debug Updated chaining file at {folder}/{_CHAINING}",
        f"Debug Setup: Creating {_DETAILED} at {folder}",
        f"Debug Created detailed output file at {folder}/{_DETAILED}",
        f"Debug Initialized detailed output file at {folder}/{_DETAILED}",
        f"Debug Setup: Successfully created {_CHAINING} and {_DETAILED} at {folder}",
        "Debug Setup: FINISHED CREATION OF TOE FILES",
        "Debug Setup: FINISHED SETUP",
        "Debug CLI run: Setup has been completed!",
        f"Debug CLI run: CLI arguments cliDocumentsString=[{paths}], phases=[{' '.join(event.phases)}], "
        f"executionId={one_line(event.execution_id)}, logDir={folder.rpartition('/')[0]}, logS3Bucket=, logS3Key=",
        "Debug CLI run: Passing control to Executor to execute documents",
        f"Debug {ALL_STARTED}",
        "Debug Executor: Initializing Executor...",
        "Debug Executor: Initialized executor!",
        "Debug Executor: Retrieved current step",
        "Debug Executor: executionLevelExitCode before commencement - 0",
        updated_report(folder),
        "Debug Executor: Commencing execution of given documents...",
        "Debug Executor: Proceeding with TOE execution as per given state: Document = 0, PhaseIndex = 0, "
        "StepIndex = 0, isFinalExecutionStatusFailed = false, isFinalDocumentStatusFailed = false, "
        "isFinalPhaseStatusFailed = false",
    ]


def _document_setup(path: str, copy: str) -> list[str]:
    local = not path.startswith(("s3://", "arn:"))
    return [
        f"Debug Setup: Currently validating document {path}",
        "Debug Setup: Source type: Default",
        f"Debug Setup: New destination path for document {path} - {copy}",
        f"Debug Setup: STARTED DOWNLOADING DOCUMENT {path}",
        *([f"Setup: Document {path} is a local path"] if local else []),
        "Debug Setup: STARTED COPYING DOCUMENT",
        f"Debug Setup: Copying {path} to {copy}",
        f"Debug Setup: Successfully copied {path} to {copy}",
        "Debug Setup: FINISHED COPYING DOCUMENT",
        f"Debug Setup: FINISHED DOWNLOADING DOCUMENT {path}",
        "Debug Setup: Checking for cycles and nesting limits",
        f"Debug Setup: STARTED PARSING DOCUMENT {copy}",
        f"Debug Setup: FINISHED PARSING DOCUMENT {copy}",
        f"Debug Setup: STARTED VALIDATING DOCUMENT {copy}",
        f"Debug Setup: FINISHED VALIDATING DOCUMENT {copy}",
        "Debug Setup: STARTED DOCUMENT CONVERSION",
        "Debug Setup: FINISHED DOCUMENT CONVERSION",
        "Debug Setup: STARTED DOCUMENT VALIDATION FOR PARAMETERS",
        "Debug Setup: FINISHED DOCUMENT VALIDATION FOR PARAMETERS",
        "Debug Setup: STARTED DOCUMENT VALIDATION FOR CHAINING",
        "Debug Setup: FINISHED DOCUMENT VALIDATION FOR CHAINING",
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


def run_finished(result: RunResult, report_updated: str) -> list[str]:
    """The last lines. A run that waits for a reboot is not over, and none of them says that it is."""
    if result.reboot:
        return [report_updated, "Rebooting the system now"]
    good = result.status in GOOD
    error = "<nil>" if good else "Execution failed!"
    verdict = "successfully" if good else "with failure - Execution failed!"
    return [
        "Debug Executor: Completed execution loop. Entering concluding information...",
        report_updated,
        "Debug Executor: Finished entering concluding information",
        f"Debug Executor: Final executionLevelExitCode {0 if good else 1}",
        f"Debug {ALL_FINISHED}",
        f"TOE has completed execution {verdict}",
        f"Debug CLI run: Executor has returned control. ExitCode - {result.exit_code}, Error - {error}",
    ]


def _file_name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
