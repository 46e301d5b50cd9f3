"""ExecuteDocument: another component document, run inside this step (reference, section 6)."""

from __future__ import annotations

from typing import Annotated

from toe.actions.base import Context, Doc, DocumentRequest, Reboot, action
from toe.errors import ActionError
from toe.model import INFINITE_TIMEOUT, Entry
from toe.records import NamedTuple
from toe.results import RunResult, Status


class NamedValue(NamedTuple):
    name: Annotated[str, Doc("A parameter that the document declares.")]
    value: Annotated[str, Doc("Its value.", may_be_empty=True)]


class Inputs(NamedTuple):
    document: Annotated[
        str,
        Doc(
            "The document: a path (from the working directory, else from the calling document's folder), an s3:// "
            "address or a component ARN.",
            path="unchecked",
            examples=("common/harden.yml",),
        ),
    ]
    document_s3_bucket_owner: Annotated[
        str, Doc("The account that must own the bucket.", key="document-s3-bucket-owner")
    ] = ""
    phases: Annotated[str, Doc("The phases to run, with commas; all when left out.", examples=("build,test",))] = ""
    parameters: Annotated[tuple[NamedValue, ...], Doc("Values of the document's parameters.")] = ()


class Outputs(NamedTuple):
    executed_step_count: Annotated[int, Doc("Steps that ran, failed ones included.")]
    execution_id: Annotated[str, Doc("The nested run's own execution id.")]
    failed_step_count: Annotated[int, Doc("Steps that failed or timed out.")]
    failure_message: Annotated[str, Doc("Why the document failed.")]
    ignored_failed_step_count: Annotated[int, Doc("Steps whose failure was ignored.")]
    log_url: Annotated[str, Doc("Empty: the logs are those of the whole run.")]
    status: Annotated[str, Doc("success, failed or timedOut.")]


#: What AWSTOE records for a key that is not given (reference, section 6).
_NOT_GIVEN: Entry = {"document": "", "document-s3-bucket-owner": "", "phases": "", "parameters": None}


def recorded(inputs: Entry) -> Entry:
    """The inputs as AWSTOE records them: all four keys, in this order."""
    return {key: given if (given := inputs.get(key)) is not None else _NOT_GIVEN[key] for key in _NOT_GIVEN}


@action(
    "ExecuteDocument",
    Inputs,
    outputs=Outputs,
    fixed_timeout=INFINITE_TIMEOUT,
    fixed_attempts=1,
    recorded=recorded,
)
def execute_document(inputs: Inputs, ctx: Context) -> Entry | Reboot:
    """Run another component document."""
    result = ctx.run_document(request_of(inputs))
    if result.reboot:
        return Reboot(result.exit_code, same_step=True, outputs=summary(result))
    if result.status is not Status.SUCCESS:
        raise ActionError(result.failure_message, outputs=summary(result))
    return summary(result)


def request_of(inputs: Inputs) -> DocumentRequest:
    """What the inputs ask for."""
    return DocumentRequest(
        document=inputs.document,
        phases=tuple(name.strip() for name in inputs.phases.split(",") if name.strip()),
        parameters=tuple((given.name, given.value) for given in inputs.parameters),
        bucket_owner=inputs.document_s3_bucket_owner,
    )


def summary(result: RunResult) -> Entry:
    """The summary of a nested run, in the order of the reference (section 7)."""
    return {
        "executedStepCount": result.counts.executed,
        "executionId": result.execution_id,
        "failedStepCount": result.counts.failed,
        "failureMessage": result.failure_message,
        "ignoredFailedStepCount": result.counts.ignored,
        "logUrl": result.log_url,
        "status": result.status.value,
    }
