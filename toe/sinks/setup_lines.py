"""The wording of the logs before the first document runs: what log_lines is for the rest. Pure."""

from __future__ import annotations

from toe.events import RunStarted
from toe.execution_names import one_line
from toe.sinks.log_lines import ALL_STARTED, updated_report

_DETAILED, _CHAINING = "detailedoutput.json", "chaining.json"


def setup_lines(event: RunStarted) -> list[str]:
    """From the start of the program to the moment before the first document.

    That the execution starts is said in console.log as well: `log_lines.ALL_STARTED` follows.
    """
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


def _file_name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
