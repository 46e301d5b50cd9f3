"""What is known of steps that do not run: from the logs of a former run (`--outputs-of`), or from the document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from toe.actions import ActionTable
from toe.document.source import identity, short_name
from toe.engine.action import resolve_entry
from toe.engine.plan import FormerStep
from toe.engine.step import with_declared
from toe.errors import ActionError, ToeError
from toe.expressions.execution_values import ExecutionValues
from toe.expressions.parse import NameRef, StepRef, references
from toe.expressions.reference_values import reference_value, text_of
from toe.expressions.scope import Scope, StepRecord
from toe.model import Document, Entry, OnFailure, ParameterValue, Step, StepName, Value
from toe.records import NamedTuple
from toe.report.folder import read_folder
from toe.report.model import DocumentReport, RunReport, StepReport
from toe.results import Status
from toe.secrets.masker import MASK

_RUN_IT = "let that step run as well"


class _Unknown(Exception):
    """Why a reference has no value, and what to do."""

    def __init__(self, why: str, hint: str = _RUN_IT) -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint


class FormerSteps:
    """What is known of the steps of one document that do not run. `wanted` is what references have asked for.

    `runs` are former ones, of which the last that has a step counts, `given` the values of the document's parameters.
    A run that goes on has all of it in its state (`kept`): judged before the run began, and its secrets masked since.
    """

    def __init__(
        self,
        document: Document,
        runs: Sequence[_FormerRun],
        actions: ActionTable,
        given: Mapping[str, ParameterValue],
        kept: Mapping[StepName, FormerStep] | None = None,
    ) -> None:
        self._document = document
        self._steps = {(phase.name, step.name): (phase, step) for phase in document.phases for step in phase.steps}
        self._runs = runs
        self._actions = actions
        self._given = given
        self._kept = kept
        self.wanted: dict[StepName, FormerStep] = dict(kept or {})

    def fault(self, reference: StepRef) -> tuple[str, str] | None:
        """Why a reference to one of these steps has no value, and what to do; None where it has one."""
        if self._kept is not None and (reference.phase, reference.step) in self._kept:
            return None
        try:
            self._require(reference)
        except _Unknown as fault:
            return fault.why, fault.hint
        return None

    def _require(self, reference: StepRef) -> None:
        """Have the step among those that are wanted. Raises _Unknown."""
        name = reference.phase, reference.step
        known = self.wanted.get(name)
        if known is None or (not known.folder and reference.side == "outputs"):
            known = self._found(name, reference.side)
        scope = Scope({}, ExecutionValues("", "", {}))
        scope.restore(*name, known.record)
        try:
            value = reference_value(reference, scope)
        except ActionError as error:
            if not known.folder:
                raise self._no_value(reference.side) from error
            why = error.message.removeprefix(f"'{reference.raw}' has no value: ")
            raise _Unknown(f"the run in '{known.folder}' has no such value: {why}") from error
        if known.folder and MASK in text_of(value):
            raise _Unknown(
                f"its value is masked in the logs: '{known.folder}' has '{MASK}' in its place",
                hint=f"no log holds secrets: {_RUN_IT}",
            )
        self.wanted[name] = known

    def _found(self, name: StepName, side: str) -> FormerStep:
        """The step in the last one of the runs that has it; its inputs in the document too. Raises _Unknown."""
        phase, step = self._steps[name]
        for run in reversed(self._runs):
            found = run.steps.get(name)
            if found is not None:
                is_hidden = self._document.disable_logging or phase.disable_logging or step.disable_logging
                return FormerStep(self._record(found, step, side, run.folder, is_hidden=is_hidden), run.folder)
        if side == "inputs" and step.condition is None and step.loop is None:
            return FormerStep(StepRecord(self._certain_inputs(step)), "")
        raise self._no_value(side)

    def _no_value(self, side: str) -> _Unknown:
        if not self._runs:
            hint = f"take them from the logs of a run that had it (--outputs-of LOG-FOLDER), or {_RUN_IT}"
            return _Unknown(f"its {side} are not known", hint)
        return _Unknown(f"it did not run in {' and '.join(run.told for run in self._runs)}", _hint_about(self._runs))

    def _certain_inputs(self, step: Step) -> tuple[Entry, ...]:
        """What a step's inputs are whenever it runs: those of literal texts, parameters and constants alone."""
        document = self._document
        values = {constant.name: constant.value for constant in document.constants}
        for parameter in document.parameters:
            value = self._given.get(parameter.name, parameter.default)
            if isinstance(value, str) and parameter.type != "stringList":
                values[parameter.name] = value
        scope = Scope(values, ExecutionValues("", "", {}))

        def is_certain(value: Value) -> bool:
            found = (reference for text in _texts(value) for reference in references(text))
            return all(isinstance(reference, NameRef) and reference.name in values for reference in found)

        return tuple(
            resolve_entry({key: value for key, value in entry.items() if is_certain(value)}, scope)
            for entry in step.inputs
        )

    def _record(self, found: StepReport, step: Step, side: str, folder: str, *, is_hidden: bool) -> StepRecord:
        """What later steps of that run saw of a step. Raises _Unknown."""
        if found.action.lower() != step.action.lower():
            raise _Unknown(f"in the run in '{folder}' it was {found.action}, and is {step.action} now")
        if found.status == Status.SKIPPED.value:
            return StepRecord(skipped=True)
        went_on = found.on_failure in (OnFailure.CONTINUE.value, OnFailure.IGNORE.value)
        if found.status == Status.RUNNING.value or (found.has_failed and not went_on):
            verb = "failed" if found.has_failed else "did not end"
            raise _Unknown(f"it {verb} in the run in '{folder}'")
        if found.hidden or is_hidden:
            raise _Unknown(f"disableLogging keeps its {side} out of the logs in '{folder}'")
        entries = 1 if step.loop else max(1, len(step.inputs))
        outputs = with_declared(found.outputs, self._actions.find(step.action), entries)
        return StepRecord(found.inputs, outputs)


def _texts(value: Value | Iterable[Value]) -> Iterator[str]:
    """The texts in plain data, without the keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(value.values())
    elif isinstance(value, Iterable):
        for item in value:
            yield from _texts(item)


class _FormerRun(NamedTuple):
    """What a log folder tells of the steps of a document. `has_document`: that is one of its documents, `paths`."""

    folder: str
    has_document: bool
    steps: Mapping[StepName, StepReport]
    paths: tuple[str, ...]

    @property
    def told(self) -> str:
        """The run, and why nothing of the document is known from it."""
        return f"the run in '{self.folder}'" + ("" if self.has_document else ", which had other documents")


def _hint_about(runs: Sequence[_FormerRun]) -> str:
    """What else there is in the last one."""
    run = runs[-1]
    if not run.has_document:
        return f"its documents: {', '.join(run.paths)}"
    return f"the last step there is {'.'.join(list(run.steps)[-1])}" if run.steps else _RUN_IT


def former_steps(
    documents: Sequence[Document],
    folders: Sequence[str],
    actions: ActionTable,
    given: Sequence[Mapping[str, ParameterValue]],
    kept: Sequence[Mapping[StepName, FormerStep]] | None,
) -> list[FormerSteps]:
    """What is known of each document, from log folders, or from what a state has `kept`.

    Raises ToeError for a folder that is no log folder, and for one that has none of the documents.
    """
    if kept is not None:
        return [
            FormerSteps(document, (), actions, values, known)
            for document, values, known in zip(documents, given, kept, strict=True)
        ]
    runs = [(folder, read_folder(folder)) for folder in folders]
    found = [[_former_run(folder, run, document) for folder, run in runs] for document in documents]
    for of_documents in zip(*found, strict=True):
        if not any(one.has_document for one in of_documents):
            folder, paths = of_documents[0].folder, of_documents[0].paths
            raise ToeError(
                f"the run in '{folder}' had none of these documents",
                hint=f"its documents: {', '.join(paths) or 'none'}",
            )
    return [
        FormerSteps(document, of_document, actions, values)
        for document, of_document, values in zip(documents, found, given, strict=True)
    ]


def _former_run(folder: str, run: RunReport, document: Document) -> _FormerRun:
    report = _report_of(document, run.documents)
    phases = report.phases if report else ()
    steps = {(phase.name, step.name): step for phase in phases for step in phase.steps}
    return _FormerRun(folder, report is not None, steps, tuple(dict.fromkeys(one.path for one in run.documents)))


def _report_of(document: Document, reports: Sequence[DocumentReport]) -> DocumentReport | None:
    """The report of a document: of the same path, else of the same file, else of the only one with that file name."""
    same = [report for report in reports if report.path == document.path]
    same = same or [report for report in reports if identity(report.path) == identity(document.path)]
    if not same:
        same = [report for report in reports if short_name(report.path) == short_name(document.path)]
        same = same if len(same) == 1 else []
    # Named twice it ran twice: what was so at the end counts.
    return same[-1] if same else None
