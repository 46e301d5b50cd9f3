"""A plan as one JSON object, for programs. examples/guides/plan.md documents its fields."""

from __future__ import annotations

from toe.check.formats.json_report import json_line
from toe.plan.model import Call, DocumentPlan, LoopPlan, Need, Needs, Plan, StepPlan, Turn, Verdict


def json_plan(plan: Plan) -> str:
    """The JSON text with its newline."""
    return json_line(
        {
            "platform": plan.platform,
            "isRoot": plan.is_root,
            "documents": [_document(document) for document in plan.documents],
        }
    )


def _document(document: DocumentPlan) -> dict[str, object]:
    phases = [{"name": phase.name, "steps": [_step(step) for step in phase.steps]} for phase in document.phases]
    return {"path": document.path, "name": document.name, "values": document.values, "phases": phases}


def _step(step: StepPlan) -> dict[str, object]:
    return {
        "name": step.name,
        "action": step.action,
        "line": step.line,
        "column": step.column,
        "outlook": step.outlook.value,
        "if": _verdict(step.condition),
        "assert": _verdict(step.asserts),
        "loop": _loop(step.loop),
        "iterations": [_turn(turn) for turn in step.turns],
        "knownAtRunTime": [{"expression": one.expression, "why": one.why} for one in step.at_run_time],
        "needs": _needs(step.needs),
        "timeoutSeconds": step.timeout_seconds,
        "onFailure": step.on_failure,
        "maxAttempts": step.max_attempts,
        "disableLogging": step.hidden,
        "takenFrom": step.taken_from or None,
    }


def _verdict(verdict: Verdict | None) -> dict[str, object] | None:
    if verdict is None:
        return None
    branches = {"then": verdict.then, "else": verdict.otherwise} if verdict.then else {}
    return {"text": verdict.text, "holds": verdict.holds, "now": verdict.now, "why": verdict.why, **branches}


def _loop(loop: LoopPlan | None) -> dict[str, object] | None:
    return None if loop is None else {"text": loop.text, "count": loop.iterations, "why": loop.why}


def _turn(turn: Turn) -> dict[str, object]:
    return {"value": turn.value, "inputs": list(turn.inputs), "documents": [_call(call) for call in turn.calls]}


def _call(call: Call) -> dict[str, object]:
    document = None if call.document is None else _document(call.document)
    return {"path": call.path, "document": document, "why": call.why}


def _needs(needs: Needs) -> dict[str, object]:
    return {
        "root": _need(needs.root),
        "network": _need(needs.network),
        "reboot": _need(needs.reboot),
        "secrets": list(needs.secrets),
        "platforms": list(needs.platforms),
    }


def _need(need: Need | None) -> dict[str, object] | None:
    return None if need is None else {"certain": need.certain, "why": need.why}
