"""The plan of a run: a walk over the planned documents, in the order of `toe.engine.run`, that carries nothing out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from toe.actions.base import Definition
from toe.actions.execute_document import request_of
from toe.actions.inputs import typed_inputs
from toe.check.check import NESTING_ACTION
from toe.document.conditions import read_condition
from toe.document.refusals import Refusals
from toe.document.source import identity, short_name
from toe.engine.plan import PlannedDocument
from toe.engine.run import MAX_NESTING
from toe.errors import ActionError
from toe.expressions.execution_values import ExecutionValues
from toe.expressions.scope import Scope, StepRecord
from toe.model import Entry, OnFailure, Phase, Step
from toe.model import Verdict as Branch
from toe.plan.conditions import Judge
from toe.plan.knowledge import (
    NO_ITERATION,
    OF_A_LOOP,
    Knowledge,
    Resolved,
    Seen,
    holds_secret,
    holds_unknown,
    unknown_text,
)
from toe.plan.loops import plan_loop
from toe.plan.model import (
    AtRunTime,
    Call,
    DocumentPlan,
    LoopPlan,
    Outlook,
    PhasePlan,
    Plan,
    StepPlan,
    Turn,
    Verdict,
)
from toe.plan.needs import needs_of
from toe.plan.nested import plan_nested
from toe.plan.shown import hidden_step, left_out_step, shown_value, unusual_settings
from toe.records import NamedTuple
from toe.session.prepare import Loader, Prepared

#: Steps of nested documents that one plan shows: loops of documents with loops make millions.
MOST_NESTED_STEPS = 5000


class _Place(NamedTuple):
    """Where the walk is: the document, the phase, the documents around, and whether logging is disabled."""

    path: str
    scope: Scope
    chain: tuple[str, ...]
    hidden: bool
    phase: str = ""


class _Walk:
    """Makes the plans of documents. `reached` turns false behind a step that is certain to end the run."""

    def __init__(
        self, loader: Loader, knowledge: Knowledge, values: ExecutionValues, judge: Judge, platform: str
    ) -> None:
        self._loader = loader
        self._knowledge = knowledge
        self._values = values
        self._judge = judge
        self._platform = platform
        self._nested_steps_left = MOST_NESTED_STEPS
        self._reached = True

    def document(self, planned: PlannedDocument, chain: tuple[str, ...] = (), hidden: bool = False) -> DocumentPlan:
        """The plan of one document; `chain` has the identities of those around it."""
        document = planned.document
        marked = {name: self._knowledge.marked(name, value) for name, value in planned.values.items()}
        scope = Scope(marked, self._values)
        chain = (*chain, identity(document.path))
        place = _Place(document.path, scope, chain, hidden or document.disable_logging)
        for (phase, step), former in planned.former.items():
            scope.restore(phase, step, former.record)
        phases = tuple(self._phase(phase, planned, place) for phase in planned.selected)
        values = {} if hidden else {name: shown_value(value) for name, value in marked.items()}
        return DocumentPlan(document.path, document.name, values, phases)

    def _phase(self, phase: Phase, planned: PlannedDocument, place: _Place) -> PhasePlan:
        place = place._replace(phase=phase.name, hidden=place.hidden or phase.disable_logging)
        left_out = frozenset(planned.left_out)
        steps = [
            left_out_step(step, planned.former.get(name))
            if (name := (phase.name, step.name)) in left_out
            else self._step(step, place)
            for step in phase.steps
        ]
        return PhasePlan(phase.name, tuple(steps))

    def _step(self, step: Step, place: _Place) -> StepPlan:
        seen = Seen()
        scope = place.scope.at(place.phase, step.name)
        definition = self._loader.actions.find(step.action)
        assert definition is not None  # the checks refuse an unknown action
        place = place._replace(hidden=place.hidden or step.disable_logging)
        if len(place.chain) > 1:
            self._nested_steps_left -= 1
        condition = self._condition(step, scope, seen)
        outlook = self._outlook(step, condition)
        plan = StepPlan(
            step.name,
            step.action,
            outlook,
            step.node.line if step.node else 0,
            step.node.column if step.node else 0,
            condition,
            timeout_seconds=step.timeout_seconds,
            on_failure=step.on_failure.value,
            max_attempts=step.max_attempts,
            unusual=tuple(unusual_settings(step, definition)),
        )
        # What later steps ask of this one is known only where its condition cannot change until it runs.
        is_certain = condition is None or not condition.now
        if outlook in (Outlook.RUNS, Outlook.UNKNOWN):
            plan = self._with_turns(plan, step, definition, scope, seen, place, outlook is Outlook.RUNS and is_certain)
        elif outlook is Outlook.SKIPPED and is_certain:
            place.scope.record_skipped(place.phase, step.name)
        plan = plan._replace(at_run_time=tuple(AtRunTime(text, why) for text, why in seen.unknown.items()))
        return hidden_step(plan) if place.hidden else plan

    def _condition(self, step: Step, scope: Scope, seen: Seen) -> Verdict | None:
        asked = step.condition
        if asked is None:
            return None
        verdict = self._judge.verdict(asked.condition, scope, seen)
        return verdict._replace(then=asked.then.value, otherwise=asked.otherwise.value)

    def _outlook(self, step: Step, condition: Verdict | None) -> Outlook:
        if not self._reached:
            return Outlook.NOT_REACHED
        if condition is None:
            return Outlook.RUNS
        if condition.holds is None:
            return Outlook.UNKNOWN
        branch = condition.then if condition.holds else condition.otherwise
        if branch == Branch.ABORT:
            self._fails(step, condition)
            return Outlook.ABORTS
        return Outlook.RUNS if branch == Branch.EXECUTE else Outlook.SKIPPED

    def _fails(self, step: Step, why: Verdict) -> None:
        """Note that this step fails, and that nothing is reached behind it where that is certain."""
        if step.on_failure is OnFailure.ABORT and not why.now:
            self._reached = False

    def _with_turns(
        self, plan: StepPlan, step: Step, definition: Definition, scope: Scope, seen: Seen, place: _Place, certain: bool
    ) -> StepPlan:
        """The plan of a step that runs, or may run, with what it does."""
        reached = self._reached
        asserts = None
        if definition.condition and step.inputs_node is not None:
            asked = read_condition(step.inputs_node, Refusals())
            assert asked is not None  # the checks refuse it
            asserts = self._judge.verdict(asked, scope, seen)
            if asserts.holds is False:
                self._fails(step, asserts)
        loop, turns, entries = self._turns(step, definition, scope, seen, place)
        if certain and loop is None:
            place.scope.restore(place.phase, step.name, StepRecord(inputs=tuple(entries)))
        if not certain or step.on_failure is not OnFailure.ABORT:
            self._reached = reached
        shown = [entry for turn in turns for entry in turn.inputs]
        return plan._replace(
            asserts=asserts,
            loop=loop,
            turns=tuple(turns),
            needs=needs_of(step, definition, shown, seen, self._platform),
        )

    def _turns(
        self, step: Step, definition: Definition, scope: Scope, seen: Seen, place: _Place
    ) -> tuple[LoopPlan | None, list[Turn], list[Entry]]:
        """The step's loop, its first iterations, and the resolved inputs of all of these."""
        if step.loop is None:
            turn, entries = self._turn(step, definition, scope, seen, place)
            return None, [turn], entries
        loop, values = plan_loop(step.loop, scope, self._knowledge, seen)
        if loop.iterations is None:
            pattern = unknown_text("", OF_A_LOOP)
            turn, entries = self._turn(
                step, definition, scope.in_loop(step.loop.name, NO_ITERATION, pattern), seen, place
            )
            return loop, [turn], entries
        turns, all_entries = [], list[Entry]()
        for index, value in enumerate(values):
            within = scope.in_loop(step.loop.name, index, value)
            turn, entries = self._turn(step, definition, within, seen, place)
            turns.append(turn._replace(value=shown_value(value)))
            all_entries += entries
        return loop, turns, all_entries

    def _turn(
        self, step: Step, definition: Definition, scope: Scope, seen: Seen, place: _Place
    ) -> tuple[Turn, list[Entry]]:
        found = [self._knowledge.entry(entry, scope, seen) for entry in step.inputs]
        calls: Iterable[Call] = ()
        if step.action == NESTING_ACTION:
            calls = [self._call(one, definition, place) for one in found]
        return Turn(tuple(one.shown for one in found), tuple(calls)), [one.value for one in found]

    def _call(self, inputs: Resolved, definition: Definition, place: _Place) -> Call:
        """The document that a step runs, planned as far as it can be."""
        shown = str(inputs.shown.get("document", ""))
        for key in ("document", "phases", "document-s3-bucket-owner"):
            if holds_unknown(inputs.value.get(key)):
                return Call(shown, why=f"its '{key}' is known only at run time")
        if self._nested_steps_left <= 0:
            return Call(shown, why=f"the plan shows {MOST_NESTED_STEPS} steps of nested documents, and no more")
        if len(place.chain) > MAX_NESTING:
            return Call(shown, why=f"nested too deep: {MAX_NESTING} levels below the top are allowed")
        try:
            planned = plan_nested(request_of(typed_inputs(definition, inputs.value)), place.path, self._loader)
        except ActionError as error:
            return Call(shown, why=error.message)
        if identity(planned.document.path) in place.chain:
            return Call(shown, why=f"a cycle of documents: {' -> '.join(map(short_name, (*place.chain, shown)))}")
        document = self.document(planned, place.chain, place.hidden)
        # The path may have a secret in it.
        return Call(shown, document._replace(path=shown) if holds_secret(inputs.value["document"]) else document)


def make_plan(
    prepared: Prepared, environment: Mapping[str, str], platform: str, *, is_root: bool, has_id: bool
) -> Plan:
    """What a run of these documents would do here. Looks at files and programs, and touches nothing.

    `has_id`: the execution id of `prepared` is that of the run. Secrets with names stand in it as expressions; what
    else is to be masked is for the caller to take out.
    """
    loader = prepared.loader
    knowledge = Knowledge(loader.secrets.names, has_id=has_id)
    values = ExecutionValues(prepared.execution_id, platform, environment)
    walk = _Walk(loader, knowledge, values, Judge(knowledge, environment, platform), platform)
    return Plan(platform, is_root, tuple(walk.document(planned) for planned in prepared.planned))
